# HLS C++: the types that C simulation compiles against, and the kernels.
find_package(ZLIB REQUIRED)  # the vectors are compressed

# The templates in C++14, as they must be; thousands of them, and none that has to be fast.
add_library(hls_ap_types_cases OBJECT hls/ap_types/cases.cpp hls/ap_types/conversions.cpp hls/ap_types/double_to_fixed.cpp
  hls/ap_types/fixed_to_fixed.cpp hls/ap_types/compound_assign.cpp hls/ap_types/int_operators.cpp
  hls/ap_types/fixed_operators.cpp hls/ap_types/mixed_operators.cpp)
target_link_libraries(hls_ap_types_cases PRIVATE kernels_ap_types algean_warnings)
target_compile_options(hls_ap_types_cases PRIVATE -std=c++14 -O0)
add_executable(hls_ap_types hls/ap_types/vectors_test.cpp hls/ap_types/behaviour_test.cpp)
target_link_libraries(hls_ap_types PRIVATE hls_ap_types_cases kernels_ap_types ZLIB::ZLIB algean_warnings GTest::gtest_main)
register_test(hls.ap_types hls_ap_types quick)
