#include "runtime/base/cores.hpp"

#include <sched.h>

#include <charconv>
#include <cstring>
#include <set>

#include "runtime/base/descriptor.hpp"

namespace algean {
namespace {

// The number that is all of the text, below CPU_SETSIZE.
Result<unsigned> parse_core(std::string_view text) {
  unsigned core = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), core);
  if (error != std::errc() || end != text.data() + text.size() || core >= CPU_SETSIZE) {
    return bad_input("`{}` is no number of a core", text);
  }
  return core;
}

Result<> add_range(std::string_view part, std::set<unsigned>& cores) {
  const std::size_t dash = part.find('-');
  ALGEAN_ASSIGN(const unsigned first, parse_core(part.substr(0, dash)));
  unsigned last = first;
  if (dash != std::string_view::npos) {
    ALGEAN_ASSIGN(last, parse_core(part.substr(dash + 1)));
  }
  if (last < first) return bad_input("`{}` is no range of cores", part);
  for (unsigned core = first; core <= last; ++core) cores.insert(core);
  return {};
}

}  // namespace

Result<std::vector<unsigned>> parse_cores(const std::string& text) {
  std::set<unsigned> cores;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    auto added = add_range(std::string_view(text).substr(begin, comma - begin), cores);
    if (!added) return std::unexpected(added.error().within("cores `" + text + "`"));
    begin = comma + 1;
  }
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return failed("cannot ask for cores: {}", system_reason());
  for (const unsigned core : cores) {
    if (!CPU_ISSET(core, &usable)) return bad_input("cores `{}`: this process may not use core {}", text, core);
  }
  return std::vector<unsigned>(cores.begin(), cores.end());
}

Result<> pin_to(const std::vector<unsigned>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned core : cores) CPU_SET(core, &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) return failed("cannot take these cores: {}", system_reason());
  return {};
}

}  // namespace algean
