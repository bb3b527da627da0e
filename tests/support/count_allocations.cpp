#include "tests/support/count_allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/support/sanitized.hpp"

namespace {
std::atomic<std::uint64_t> count = 0;
}  // namespace

#if !ALGEAN_SANITIZED  // a sanitizer brings its own
void* operator new(std::size_t size) {
  ++count;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++count;
  const auto a = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(a, (size + a - 1) / a * a)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif

namespace algean::testing_support {

bool counts_allocations() { return ALGEAN_SANITIZED == 0; }
std::uint64_t allocations() { return count; }

}  // namespace algean::testing_support
