# Tests of the importers.
add_unit_test(partitioner/import_keras SOURCES hdf5_fixture.cpp import_keras_test.cpp rejected_test.cpp vectors_test.cpp
  DEPS kernels/library LIBRARIES PkgConfig::HDF5 nlohmann_json::nlohmann_json)
