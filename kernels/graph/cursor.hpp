// Reads one line of a graph file from left to right. Errors say what was expected and what stands there.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/family/attributes.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels {

class Cursor {
 public:
  explicit Cursor(std::string_view line) : rest_(line) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // Takes `text` if it stands here.
  bool take(std::string_view text);
  Result<> expect(std::string_view text);
  // [A-Za-z_][A-Za-z0-9_]*, or a quoted string.
  Result<std::string> word();
  // In double quotes; \" \\ \n \xHH stand for their characters.
  Result<std::string> string();
  Result<std::int64_t> integer();
  Result<std::uint64_t> hexadecimal();
  Result<double> real();  // takes an integer too
  Result<AttributeValue> attribute();
  // "[", items with commas between them, "]".
  Result<> list(const std::function<Result<>()>& item);
  // "{", key=item with commas between them, "}"; every key once.
  Result<> map(const std::function<Result<>(const std::string& key)>& item);
  // " key=item" up to the end of the line; every key once.
  Result<> fields(const std::function<Result<>(const std::string& key)>& item);
  // Everything up to (not including) `end`, which must be there.
  Result<std::string_view> until(char end);

 private:
  Result<AttributeValue> attribute_list();
  std::string_view number();  // the characters of a number that stand here
  [[nodiscard]] std::unexpected<Error> expected(std::string_view what) const;

  std::string_view rest_;
};

}  // namespace algean::kernels
