# What `cmake --install` lays down: the program, and for find_package(Algean) the client library algean::client with its headers.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# The rooms that a room is built from, itself included.
function(room_closure room out)
  set(closure ${room})
  get_property(deps GLOBAL PROPERTY ALGEAN_DEPS_${room})
  foreach(dep IN LISTS deps)
    room_closure(${dep} below)
    list(APPEND closure ${below})
  endforeach()
  list(REMOVE_DUPLICATES closure)
  set(${out} ${closure} PARENT_SCOPE)
endfunction()

add_library(algean::client ALIAS runtime_client)
set(ALGEAN_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Algean)
room_closure(runtime/client rooms)
foreach(room IN LISTS rooms)
  string(REPLACE "/" "_" target ${room})
  install(TARGETS ${target} EXPORT AlgeanTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/algean)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room}/ DESTINATION include/algean/${room} FILES_MATCHING PATTERN "*.hpp" PATTERN "*.inc")
endforeach()
install(EXPORT AlgeanTargets NAMESPACE algean:: DESTINATION ${ALGEAN_CMAKE_DIR})
write_basic_package_version_file(AlgeanConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/AlgeanConfig.cmake ${PROJECT_BINARY_DIR}/AlgeanConfigVersion.cmake
  DESTINATION ${ALGEAN_CMAKE_DIR})
install(FILES LICENSE README.md runtime/wire/FORMAT.md runtime/wire/REGISTERS.md partitioner/net/net.schema.json cluster/inventory/cluster.schema.json
  DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/algean)
