// How this binary was built; CMake fills it in.
#pragma once

namespace algean::cluster {

inline constexpr auto build_version = ALGEAN_VERSION;
inline constexpr auto build_type = ALGEAN_BUILD_TYPE;
inline constexpr auto build_compiler = ALGEAN_COMPILER;

}  // namespace algean::cluster
