# Debian packages that the product links (.ci/packages/run.txt lists them).
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)
pkg_check_modules(libzmq REQUIRED IMPORTED_TARGET libzmq)
find_package(Protobuf REQUIRED)  # libonnx's classes are of protobuf::libprotobuf
find_package(ONNX REQUIRED CONFIG)
find_package(CLI11 REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(libsodium REQUIRED IMPORTED_TARGET libsodium)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_program(ALGEAN_FLATC flatc REQUIRED)
find_path(ALGEAN_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)

# add_protobuf(target folder/room/NAME.proto): a library of the classes that protoc makes of it, at build time; they are included as
# <folder/room/NAME.pb.h>.
function(add_protobuf target proto)
  set(root ${PROJECT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${root})
  string(REGEX REPLACE "proto$" "pb" base ${root}/${proto})
  add_custom_command(OUTPUT ${base}.cc ${base}.h DEPENDS ${PROJECT_SOURCE_DIR}/${proto} protobuf::protoc
    COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${root} ${PROJECT_SOURCE_DIR}/${proto} VERBATIM)
  add_library(${target} STATIC ${base}.cc)
  target_include_directories(${target} SYSTEM PUBLIC ${root})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
endfunction()

# add_flatbuffers(target folder/room/NAME.fbs): the header that flatc makes of it, at build time; it is included as
# <folder/room/NAME_generated.h>.
function(add_flatbuffers target schema)
  set(root ${PROJECT_BINARY_DIR}/generated)
  get_filename_component(folder ${schema} DIRECTORY)
  get_filename_component(name ${schema} NAME_WE)
  set(header ${root}/${folder}/${name}_generated.h)
  file(MAKE_DIRECTORY ${root}/${folder})
  add_custom_command(OUTPUT ${header} DEPENDS ${PROJECT_SOURCE_DIR}/${schema}
    COMMAND ${ALGEAN_FLATC} --cpp -o ${root}/${folder} ${PROJECT_SOURCE_DIR}/${schema} VERBATIM)
  add_custom_target(${target}_header DEPENDS ${header})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_header)
  target_include_directories(${target} SYSTEM INTERFACE ${root} ${ALGEAN_FLATBUFFERS_INCLUDE})
endfunction()
