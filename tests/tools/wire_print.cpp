// wire_print codec|format: prints runtime/wire/codec.hpp or runtime/wire/FORMAT.md from the field table.
#include <cstdio>
#include <string_view>

#include "runtime/wire/print.hpp"

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what != "codec" && what != "format") {
    std::fputs("usage: wire_print codec|format\n", stderr);
    return 2;
  }
  const std::string text = what == "codec" ? algean::wire::print_codec() : algean::wire::print_format();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
