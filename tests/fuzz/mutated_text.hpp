// Text for parsers of lines and words: an example with stretches removed, doubled, moved, and numbers replaced by those
// that break things.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace algean {

inline std::string mutated(std::string text, FuzzedDataProvider& data, std::size_t most_bytes = 16384) {
  static constexpr std::array<std::string_view, 16> numbers{"0",
                                                            "-1",
                                                            "1",
                                                            "2",
                                                            "3",
                                                            "127",
                                                            "128",
                                                            "255",
                                                            "65536",
                                                            "4294967296",
                                                            "9223372036854775807",
                                                            "-9223372036854775808",
                                                            "1e308",
                                                            "1e-320",
                                                            "0.5",
                                                            "[1,2]"};
  const auto is_number = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  while (data.remaining_bytes() > 0 && !text.empty() && text.size() < most_bytes) {
    const auto at = data.ConsumeIntegralInRange<std::size_t>(0, text.size() - 1);
    const auto count = data.ConsumeIntegralInRange<std::size_t>(0, std::min<std::size_t>(text.size() - at, 60));
    switch (data.ConsumeIntegralInRange(0, 5)) {
      case 0:
        text.erase(at, count);
        break;
      case 1:
        text.insert(at, text.substr(data.ConsumeIntegralInRange<std::size_t>(0, text.size() - 1), count));
        break;
      case 2:
        text[at] = static_cast<char>(data.ConsumeIntegral<std::uint8_t>());
        break;
      default: {
        const auto first = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_number);
        const auto last = std::find_if_not(first, text.end(), is_number);
        const auto which = data.ConsumeIntegralInRange<std::size_t>(0, numbers.size() - 1);
        text.replace(first, last, numbers[which]);
      }
    }
  }
  return text;
}

}  // namespace algean
