// What is to come out of a stream, and whether it does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/rtl/harness/stream_driver.hpp"

namespace algean::rtl {

// A whole tensor, a marker, or one whose end a marker may cut off.
struct Expected {
  std::vector<Beat> beats;
  bool whole = true;
};

class Checker {
 public:
  void expect(Expected item) { items_.push_back(std::move(item)); }
  [[nodiscard]] bool done() const { return item_ == items_.size(); }
  // A message where the beat is not the next one.
  [[nodiscard]] std::optional<std::string> take(const Beat& beat);

 private:
  void next() {
    ++item_;
    at_ = 0;
  }
  std::vector<Expected> items_;
  std::size_t item_ = 0;
  std::size_t at_ = 0;
};

// Random elements of a tensor, every fourth an extreme one, 0 or -1.
[[nodiscard]] Elements random_tensor(const StreamShape& shape, Random& random);

}  // namespace algean::rtl
