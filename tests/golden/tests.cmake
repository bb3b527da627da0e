# Published networks against others' results (../shared; skipped where it is absent).
add_executable(golden_models golden/models_test.cpp)
target_link_libraries(golden_models PRIVATE kernels_library partitioner_pipeline algean_warnings
  GTest::gmock GTest::gtest_main)
add_test(NAME golden.models COMMAND golden_models)
set_tests_properties(golden.models PROPERTIES LABELS full TIMEOUT 300 ENVIRONMENT
  "ALGEAN_SHARED=${PROJECT_SOURCE_DIR}/../shared;ALGEAN_SOURCE=${PROJECT_SOURCE_DIR}")
