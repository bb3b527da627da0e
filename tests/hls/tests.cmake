# HLS C++: the types that C simulation compiles against, and the kernels.
find_package(ZLIB REQUIRED)  # the vectors are compressed

# The templates in C++14, as they must be; thousands of them, and none that has to be fast.
add_library(hls_ap_types_cases OBJECT hls/ap_types/cases.cpp hls/ap_types/conversions.cpp hls/ap_types/double_to_fixed.cpp
  hls/ap_types/fixed_to_fixed.cpp hls/ap_types/compound_assign.cpp hls/ap_types/int_operators.cpp
  hls/ap_types/fixed_operators.cpp hls/ap_types/mixed_operators.cpp)
target_link_libraries(hls_ap_types_cases PRIVATE kernels_ap_types algean_warnings)
set_target_properties(hls_ap_types_cases PROPERTIES CXX_STANDARD 14)
target_compile_options(hls_ap_types_cases PRIVATE -O0)
add_executable(hls_ap_types hls/ap_types/vectors_test.cpp hls/ap_types/behaviour_test.cpp)
target_link_libraries(hls_ap_types PRIVATE hls_ap_types_cases kernels_ap_types ZLIB::ZLIB algean_warnings GTest::gtest_main)
register_test(hls.ap_types hls_ap_types quick)

# What is generated, compiled with g++ and run. Not in sanitizers' builds: it would not be of them.
if(ALGEAN_SANITIZE)
  return()
endif()
add_library(hls_harness STATIC hls/harness.cpp)
target_include_directories(hls_harness PUBLIC ${PROJECT_SOURCE_DIR})
target_compile_definitions(hls_harness PRIVATE ALGEAN_HLS_BUILD="${PROJECT_BINARY_DIR}/hls"
  ALGEAN_HLS_COMPILER="${CMAKE_CXX_COMPILER}")
target_link_libraries(hls_harness PUBLIC kernels_hls kernels_library GTest::gmock PRIVATE algean_warnings)
add_executable(hls_layers hls/layers_test.cpp)
target_link_libraries(hls_layers PRIVATE hls_harness algean_warnings GTest::gtest_main)
register_test(hls.layers hls_layers full)
add_executable(hls_networks hls/networks_test.cpp)
target_link_libraries(hls_networks PRIVATE hls_harness partitioner_pipeline algean_warnings GTest::gtest_main)
register_test(hls.networks hls_networks full)
add_executable(hls_resnet50 hls/resnet50_test.cpp support/photographs.cpp)
target_link_libraries(hls_resnet50 PRIVATE hls_harness partitioner_pipeline ZLIB::ZLIB algean_warnings GTest::gtest_main)
register_test(hls.resnet50 hls_resnet50 long)
set_tests_properties(hls.resnet50 PROPERTIES TIMEOUT 1800)
