# Tests of the SystemVerilog library.
include(rtl/functions.cmake)
add_rtl_test(stream CASES cases.txt MODELS stream_bench.cpp)
add_rtl_test(flow CASES cases.txt MODELS models.cpp
  DEPS kernels/activation kernels/requantise kernels/family runtime/tensor runtime/base)
add_kernel_test()

add_script_test(rtl.lint full rtl/lint_test.py ${PROJECT_SOURCE_DIR})
add_script_test(rtl.formal full rtl/formal_test.py ${PROJECT_SOURCE_DIR})
