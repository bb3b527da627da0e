# How tests are declared. Labels: quick (also under the address sanitizer), full, long; runtime (also under the thread sanitizer).
# ./test.sh builds tests_quick and tests_runtime with sanitizers, and counts the cases in reports/.
add_custom_target(tests_quick)
add_custom_target(tests_runtime)

# register_test(name executable label ...): the CTest entry of a GoogleTest executable.
function(register_test name executable label)
  add_test(NAME ${name} COMMAND ${executable})
  set_tests_properties(${name} PROPERTIES LABELS "${label};${ARGN}" TIMEOUT 300 ENVIRONMENT
    "ALGEAN_SHARED=${PROJECT_SOURCE_DIR}/../shared;ALGEAN_SOURCE=${PROJECT_SOURCE_DIR};GTEST_OUTPUT=json:${PROJECT_BINARY_DIR}/reports/${name}.json")
  if(label STREQUAL quick)
    add_dependencies(tests_quick ${executable})
  endif()
  if("runtime" IN_LIST ARGN)
    add_dependencies(tests_runtime ${executable})
  endif()
endfunction()

# add_unit_test(folder/room SOURCES ... [DEPS folder/room ...] [LABEL quick|full|long]): one executable, one CTest entry a test
# of its own name. The tests of folder/room lie in tests/unit/folder/room. Label: quick unless stated.
function(add_unit_test room)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "LABEL" "SOURCES;DEPS;LIBRARIES")
  if(NOT ARG_LABEL)
    set(ARG_LABEL quick)
  endif()
  string(REPLACE "/" "_" name ${room})
  if(NOT ARG_LABEL STREQUAL quick)
    set(test test_${name}_${ARG_LABEL})
  else()
    set(test test_${name})
  endif()
  list(TRANSFORM ARG_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/unit/${room}/)
  add_executable(${test} ${ARG_SOURCES})
  target_include_directories(${test} PRIVATE ${PROJECT_SOURCE_DIR})
  list(TRANSFORM ARG_DEPS REPLACE "/" "_")
  target_link_libraries(${test} PRIVATE ${name} ${ARG_DEPS} algean_warnings ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  if(room MATCHES "^runtime/" AND NOT ARG_LABEL STREQUAL long)
    register_test(${name}.${ARG_LABEL} ${test} ${ARG_LABEL} runtime)
  else()
    register_test(${name}.${ARG_LABEL} ${test} ${ARG_LABEL})
  endif()
endfunction()

# add_conformance_test(NAME DEPS folder/room ...): tests/conformance/NAME.cpp, one suite run on every implementation of an interface.
function(add_conformance_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "DEPS")
  add_executable(${name} conformance/${name}.cpp)
  list(TRANSFORM ARG_DEPS REPLACE "/" "_")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} algean_warnings GTest::gmock GTest::gtest_main)
  register_test(${name} ${name} quick runtime)
endfunction()

# Black-box tests of the binary: e2e/harness runs it as a user would. add_e2e_test(name label source ...)
function(add_e2e_test name label)
  if(NOT TARGET e2e_harness)
    add_library(e2e_harness STATIC e2e/harness.cpp e2e/networks.cpp e2e/clusters.cpp)
    target_include_directories(e2e_harness PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(e2e_harness PUBLIC kernels_graph kernels_library nlohmann_json::nlohmann_json GTest::gmock
      PRIVATE algean_warnings)
  endif()
  add_executable(e2e_${name} ${ARGN})
  target_link_libraries(e2e_${name} PRIVATE e2e_harness algean_warnings GTest::gtest_main)
  add_dependencies(e2e_${name} algean)
  register_test(e2e.${name} e2e_${name} ${label})
  set_property(TEST e2e.${name} APPEND PROPERTY ENVIRONMENT "ALGEAN_BINARY=$<TARGET_FILE:algean>")
endfunction()

# add_script_test(name label script arguments ...): a test in Python, of its standard library. Debian's own interpreter comes
# first: it has the packages of .ci/packages/test.txt.
find_program(ALGEAN_PYTHON python3 HINTS /usr/bin REQUIRED)
function(add_script_test name label script)
  if(ALGEAN_SANITIZE)
    return()  # what scripts run is not of this build
  endif()
  add_test(NAME ${name} COMMAND ${ALGEAN_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 600)
endfunction()
