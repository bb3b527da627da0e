#include "kernels/program/arena.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace algean::kernels {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t huge_page_bytes = std::size_t{2} << 20U;
constexpr std::size_t huge_from_bytes = std::size_t{64} << 10U;

}  // namespace

void Arena::Free::operator()(std::byte* data) const { ::operator delete(data, std::align_val_t{alignment}); }

Arena::Arena(std::size_t bytes) {
  const std::size_t alignment = bytes >= huge_from_bytes ? huge_page_bytes : page_bytes;
  const std::size_t size = (bytes + alignment - 1) / alignment * alignment;
  data_ = {static_cast<std::byte*>(::operator new(size, std::align_val_t{alignment})), Free{alignment}};
  // Without huge pages (an old kernel, a setting) everything works, only slower.
  if (alignment == huge_page_bytes) (void)madvise(data_.get(), size, MADV_HUGEPAGE);
  std::memset(data_.get(), 0, size);
}

}  // namespace algean::kernels
