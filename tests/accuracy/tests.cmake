# Trained networks, quantised by us, beside their floats; photographs are PNG files.
find_package(ZLIB REQUIRED)
add_executable(accuracy accuracy/accuracy_test.cpp support/photographs.cpp)
target_link_libraries(accuracy PRIVATE kernels_library kernels_program partitioner_import_keras partitioner_passes
  ZLIB::ZLIB algean_warnings GTest::gtest_main)
register_test(accuracy.full accuracy full)
set_property(TEST accuracy.full APPEND PROPERTY ENVIRONMENT "GTEST_FILTER=-*All205*")
register_test(accuracy.long accuracy long)
set_property(TEST accuracy.long APPEND PROPERTY ENVIRONMENT "GTEST_FILTER=*All205*")
