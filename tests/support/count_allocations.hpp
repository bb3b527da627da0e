// Linked with count_allocations.cpp, a test's executable counts what operator new gives out, in every thread.
#pragma once

#include <cstdint>

namespace algean::testing_support {

[[nodiscard]] bool counts_allocations();  // not under a sanitizer, which brings its own operator new
[[nodiscard]] std::uint64_t allocations();

}  // namespace algean::testing_support
