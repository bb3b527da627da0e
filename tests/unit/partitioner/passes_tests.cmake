add_unit_test(partitioner/passes SOURCES float_passes_test.cpp convolution_passes_test.cpp calibrate_test.cpp quantise_test.cpp
          quantise_types_test.cpp scores_test.cpp real_networks_test.cpp
  DEPS kernels/library kernels/program partitioner/import_keras runtime/tensor)
add_unit_test(partitioner/compare SOURCES compare_test.cpp sensitivity_test.cpp DEPS kernels/library)
