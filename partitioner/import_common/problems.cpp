#include "partitioner/import_common/problems.hpp"

#include <algorithm>

namespace algean::partitioner {

Result<> Problems::none(std::string_view where) const {
  if (all_.empty()) return {};
  constexpr std::size_t spelt_out = 100;
  std::string text;
  for (std::size_t i = 0; i < std::min(all_.size(), spelt_out); ++i) text += (i == 0 ? "" : "; ") + all_[i];
  if (all_.size() > spelt_out) text += fmt::format("; and {} more", all_.size() - spelt_out);
  return bad_input("{}: {}", where, text);
}

}  // namespace algean::partitioner
