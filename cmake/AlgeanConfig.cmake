# find_package(Algean) gives algean::client: runtime/client/client.hpp and what it is built from.
include(CMakeFindDependencyMacro)
find_dependency(fmt)
find_dependency(nlohmann_json)
find_dependency(yaml-cpp)
find_dependency(PkgConfig)
pkg_check_modules(libzip REQUIRED QUIET IMPORTED_TARGET libzip)

include(${CMAKE_CURRENT_LIST_DIR}/AlgeanTargets.cmake)
if(NOT TARGET algean::client)
  add_library(algean::client INTERFACE IMPORTED)
  target_link_libraries(algean::client INTERFACE algean::runtime_client)
endif()
target_compile_features(algean::client INTERFACE cxx_std_23)
