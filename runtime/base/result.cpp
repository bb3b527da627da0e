#include "runtime/base/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace algean {

void broken_invariant(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
  std::abort();
}

}  // namespace algean
