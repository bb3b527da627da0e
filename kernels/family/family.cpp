#include "kernels/family/family.hpp"

#include <algorithm>

namespace algean::kernels {

const Family* find_family(Families families, std::string_view operation) {
  const auto found = std::ranges::find_if(families, [&](const Family* family) {
    return std::ranges::find(family->operations(), operation) != family->operations().end();
  });
  return found == families.end() ? nullptr : *found;
}

}  // namespace algean::kernels
