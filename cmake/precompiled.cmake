# Builds with sanitizers parse the headers that most files include once: a third of the time to compile. The others do not, so that
# they show whether a file includes what it needs.
set(ALGEAN_PRECOMPILED <gtest/gtest.h> <fmt/format.h> <fmt/ranges.h> <algorithm> <array> <expected> <filesystem> <functional>
  <map> <memory> <optional> <ranges> <span> <sstream> <string> <variant> <vector>)

# Sources with options of their own (an instruction set, an older standard) cannot use what was compiled without them.
function(precompile_target target)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_source_file_property(options ${source} TARGET_DIRECTORY ${target} COMPILE_OPTIONS)
    if(options)
      set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()
  target_precompile_headers(${target} REUSE_FROM algean_precompiled)
endfunction()

# precompile_targets(DIRECTORY ...): the libraries and executables that these declare and that have our warnings.
function(precompile_targets)
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cpp "")
  add_library(algean_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(algean_precompiled PRIVATE fmt::fmt GTest::gtest)
  target_precompile_headers(algean_precompiled PRIVATE ${ALGEAN_PRECOMPILED})
  foreach(directory IN LISTS ARGN)
    get_property(targets DIRECTORY ${PROJECT_SOURCE_DIR}/${directory} PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
      get_target_property(type ${target} TYPE)
      get_target_property(libraries ${target} LINK_LIBRARIES)
      if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$" AND "${libraries}" MATCHES "algean_warnings")
        precompile_target(${target})
      endif()
    endforeach()
  endforeach()
endfunction()
