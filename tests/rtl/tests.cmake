# Tests of the SystemVerilog library.
include(rtl/functions.cmake)
add_rtl_test(stream CASES cases.txt MODELS stream_bench.cpp)
