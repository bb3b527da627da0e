# Tests of the SystemVerilog library.
include(rtl/functions.cmake)
add_rtl_test(stream CASES cases.txt MODELS stream_bench.cpp)
add_rtl_test(flow CASES cases.txt MODELS models.cpp
  DEPS kernels/activation kernels/requantise kernels/family runtime/tensor runtime/base)
add_kernel_test()
add_rtl_test(weighted CASES cases.txt MODELS models.cpp)

# Weights that change while inferences run.
if(NOT ALGEAN_SANITIZE)
  add_verilated(rtl_loader OUT ${PROJECT_BINARY_DIR}/rtl/loader TOP loader_top OPTIMISE -O1 LIBRARIES rtl_harness
    SOURCES ${PROJECT_SOURCE_DIR}/tests/rtl/weighted/loader_top.sv MAIN ${PROJECT_SOURCE_DIR}/tests/rtl/weighted/loader_main.cpp)
  add_test(NAME rtl.loader COMMAND ${PROJECT_BINARY_DIR}/rtl/loader/rtl_loader)
  set_tests_properties(rtl.loader PROPERTIES LABELS full TIMEOUT 120)
endif()

add_script_test(rtl.lint full rtl/lint_test.py ${PROJECT_SOURCE_DIR})
add_script_test(rtl.dsp full rtl/dsp_test.py ${PROJECT_SOURCE_DIR})
add_script_test(rtl.formal full rtl/formal_test.py ${PROJECT_SOURCE_DIR})
if(NOT ALGEAN_SANITIZE)
  add_verilated(rtl_meet OUT ${PROJECT_BINARY_DIR}/rtl/meet TOP algean_meet SOURCES ${PROJECT_SOURCE_DIR}/kernels/stream/rtl/algean_meet.sv
    MAIN ${PROJECT_SOURCE_DIR}/tests/rtl/flow/meet_test.cpp)
  add_test(NAME rtl.meet COMMAND ${PROJECT_BINARY_DIR}/rtl/meet/rtl_meet)
  set_tests_properties(rtl.meet PROPERTIES LABELS full TIMEOUT 60)
endif()
