# Designs that kernels/circuit makes, built by Verilator and run against the reference. Not in sanitizers' builds.
if(ALGEAN_SANITIZE)
  return()
endif()
find_program(ALGEAN_VERILATOR verilator REQUIRED)
find_program(ALGEAN_OBJCACHE ccache)
if(NOT ALGEAN_OBJCACHE)
  set(ALGEAN_OBJCACHE "")
endif()

add_library(circuit_harness STATIC rtl/harness/simulation.cpp rtl/harness/layers.cpp)
target_include_directories(circuit_harness PUBLIC ${PROJECT_SOURCE_DIR})
target_compile_definitions(circuit_harness PRIVATE ALGEAN_RTL_BUILD="${PROJECT_BINARY_DIR}/rtl" ALGEAN_OBJCACHE="${ALGEAN_OBJCACHE}")
target_link_libraries(circuit_harness PUBLIC kernels_circuit kernels_graph nlohmann_json::nlohmann_json GTest::gmock PRIVATE algean_warnings)

# add_circuit_test(NAME LABEL SOURCES ... DEPS folder/room ...): sources relative to tests/rtl; CTest entry rtl.circuit.NAME.
function(add_circuit_test name label)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "" "SOURCES;DEPS")
  list(TRANSFORM ARG_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/rtl/)
  list(TRANSFORM ARG_DEPS REPLACE "/" "_")
  add_executable(circuit_${name} ${ARG_SOURCES})
  target_link_libraries(circuit_${name} PRIVATE circuit_harness ${ARG_DEPS} algean_warnings GTest::gmock GTest::gtest_main)
  register_test(rtl.circuit.${name} circuit_${name} ${label})
  set_tests_properties(rtl.circuit.${name} PROPERTIES TIMEOUT 1200)
endfunction()

add_circuit_test(streams full SOURCES circuit/streams_test.cpp)
add_circuit_test(flow full SOURCES flow/eltwise_test.cpp flow/spatial_test.cpp DEPS kernels/library)
add_circuit_test(skips full SOURCES circuit/skips_test.cpp DEPS kernels/library)
add_circuit_test(weighted full SOURCES weighted/weighted_test.cpp DEPS kernels/library)

# Whole networks.
add_library(rtl_networks STATIC rtl/networks/network.cpp)
target_link_libraries(rtl_networks PUBLIC circuit_harness partitioner_pipeline PRIVATE kernels_library kernels_program algean_warnings)
add_circuit_test(autoencoder full SOURCES networks/autoencoder_test.cpp DEPS rtl/networks)
add_circuit_test(mlperf full SOURCES networks/mlperf_test.cpp DEPS rtl/networks)
add_circuit_test(resnet50 long SOURCES networks/resnet50_test.cpp ../support/photographs.cpp DEPS rtl/networks)
find_package(ZLIB REQUIRED)
target_link_libraries(circuit_resnet50 PRIVATE ZLIB::ZLIB)
