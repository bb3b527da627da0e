# Tests of the importers.
find_package(ZLIB REQUIRED)  # photographs are PNG files
add_unit_test(partitioner/import_keras SOURCES hdf5_fixture.cpp import_keras_test.cpp rejected_test.cpp forms_test.cpp layer_rules_test.cpp operations_test.cpp
          vectors_test.cpp
  DEPS kernels/library LIBRARIES PkgConfig::HDF5 PkgConfig::libzip nlohmann_json::nlohmann_json)
add_unit_test(partitioner/import_onnx SOURCES import_onnx_test.cpp operators_test.cpp rejected_test.cpp node_cases.cpp node_cases_test.cpp vectors_test.cpp
  DEPS kernels/library partitioner/passes partitioner/pipeline LIBRARIES onnx_proto)
add_unit_test(partitioner/import_keras LABEL full SOURCES hdf5_fixture.cpp mutation_test.cpp networks_test.cpp integers_test.cpp
          ../../../support/photographs.cpp
  DEPS kernels/library kernels/program partitioner/passes LIBRARIES PkgConfig::HDF5 ZLIB::ZLIB nlohmann_json::nlohmann_json)
add_unit_test(partitioner/import_onnx LABEL full SOURCES mutation_test.cpp networks_test.cpp ../../../support/photographs.cpp
  DEPS kernels/library kernels/program partitioner/pipeline LIBRARIES onnx_proto ZLIB::ZLIB)
add_unit_test(partitioner/import_tflite SOURCES import_tflite_test.cpp rejected_test.cpp DEPS kernels/library)
add_unit_test(partitioner/import_tflite LABEL full SOURCES reference_test.cpp mutation_test.cpp
  DEPS kernels/library kernels/program LIBRARIES nlohmann_json::nlohmann_json)
