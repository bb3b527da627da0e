# Unit tests of kernels/ but for kernels/graph.
add_unit_test(kernels/numeric SOURCES scaled_test.cpp tflite_test.cpp cpp14_test.cpp cpp14.cpp DEPS runtime/base)
set_source_files_properties(unit/kernels/numeric/cpp14.cpp PROPERTIES COMPILE_OPTIONS -std=c++14)
add_unit_test(kernels/family SOURCES checks_test.cpp)
add_unit_test(kernels/requantise SOURCES requantise_test.cpp DEPS kernels/numeric)
add_unit_test(kernels/weighted SOURCES weighted_test.cpp)
add_unit_test(kernels/dense SOURCES dense_test.cpp rejected_test.cpp instructions_test.cpp DEPS kernels/program
  LIBRARIES rapidcheck)
add_unit_test(kernels/conv SOURCES float_test.cpp integer_test.cpp geometry_test.cpp sums_test.cpp instructions_test.cpp
  DEPS kernels/program)
add_unit_test(kernels/conv_transpose SOURCES float_test.cpp integer_test.cpp instructions_test.cpp DEPS kernels/program)
add_unit_test(kernels/activation SOURCES activation_test.cpp)
add_unit_test(kernels/batch_norm SOURCES batch_norm_test.cpp)
add_unit_test(kernels/concat SOURCES concat_test.cpp)
add_unit_test(kernels/movement SOURCES movement_test.cpp)
add_unit_test(kernels/reshape SOURCES reshape_test.cpp)
add_unit_test(kernels/resize SOURCES resize_test.cpp)
add_unit_test(kernels/library SOURCES library_test.cpp)
add_unit_test(kernels/program SOURCES instruction_set_test.cpp buffers_test.cpp program_test.cpp load_test.cpp quiet_test.cpp
  DEPS kernels/library)

# The same tests of the CPU code on lesser CPUs, which qemu-user emulates: the best set that is left, and what it computes.
function(add_emulated_test cpu best)
  find_program(ALGEAN_QEMU qemu-x86_64)
  set(name kernels_dense.qemu_${best})
  if(ALGEAN_QEMU AND NOT ALGEAN_SANITIZE)
    add_test(NAME ${name} COMMAND ${ALGEAN_QEMU} -cpu ${cpu} $<TARGET_FILE:test_kernels_dense>
      --gtest_filter=DenseInstructions.*)
  else()
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: no qemu-x86_64, or a sanitizer's build")
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS quick TIMEOUT 300 ENVIRONMENT "ALGEAN_EMULATED=${best}")
endfunction()
add_emulated_test(Nehalem portable)
add_emulated_test(Haswell avx2)
