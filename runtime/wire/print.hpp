#pragma once

#include <string>

namespace algean::wire {

// Text of codec.hpp and of FORMAT.md, from the tables of fields.hpp. The files in the tree must equal them;
// `ALGEAN_REWRITE=1` with the test of runtime/wire, or the tool wire_print, writes them anew.
std::string print_codec();
std::string print_format();

}  // namespace algean::wire
