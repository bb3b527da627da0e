# Debian packages that the product links (.ci/packages/run.txt lists them).
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)
find_package(Protobuf REQUIRED)  # libonnx's classes are of protobuf::libprotobuf
find_package(ONNX REQUIRED CONFIG)
find_package(CLI11 REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(libsodium REQUIRED IMPORTED_TARGET libsodium)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
