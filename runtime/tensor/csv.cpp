#include <charconv>
#include <cmath>
#include <iterator>

#include "runtime/base/printable.hpp"
#include "runtime/tensor/array_formats.hpp"

namespace algean {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What precedes the separator (or all of it), which is taken off `rest`. `more` says whether a separator was there.
std::string_view take_until(std::string_view& rest, char separator, bool& more) {
  const std::size_t end = rest.find(separator);
  more = end != std::string_view::npos;
  const std::string_view head = rest.substr(0, end);
  rest = more ? rest.substr(end + 1) : std::string_view();
  return head;
}

enum class Field { number, not_finite, word };

Field parse_field(std::string_view text, float& value) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double wide = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wide);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return Field::word;
  value = static_cast<float>(wide);
  return error == std::errc() && std::isfinite(value) ? Field::number : Field::not_finite;
}

// A field for an error message: no control characters, not endless.
std::string shown(std::string_view field) { return printable(field.substr(0, 40)) + (field.size() > 40 ? "..." : ""); }

class CsvParser {
 public:
  explicit CsvParser(std::string_view text) : rest_(text) {}

  Result<Tensor> parse() {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
    for (bool more = true; more;) {
      std::string_view line = take_until(rest_, '\n', more);
      if (!more && line.empty()) break;
      ++line_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line_ == 1 && is_header(line)) continue;
      ALGEAN_TRY(add_row(line));
    }
    if (rows_ == 0) return bad_input("no rows of numbers");
    ALGEAN_ASSIGN(Shape shape, Shape::make({rows_, static_cast<std::int64_t>(columns_)}));
    return Tensor({ElementType::float32(), std::move(shape)}, std::span<const float>(values_));
  }

 private:
  // True if no field is a number; the number of fields then binds the rows.
  bool is_header(std::string_view line) {
    std::size_t fields = 0;
    for (bool more = true; more; ++fields) {
      float value = 0;
      const std::string_view field = trim(take_until(line, ',', more));
      if (field.empty() || parse_field(field, value) != Field::word) return false;
    }
    columns_ = fields;
    return true;
  }

  Result<> add_row(std::string_view line) {
    std::size_t fields = 0;
    for (bool more = true; more;) {
      const std::string_view field = trim(take_until(line, ',', more));
      ++fields;
      float value = 0;
      switch (parse_field(field, value)) {
        case Field::number:
          values_.push_back(value);
          break;
        case Field::not_finite:
          return bad_input("line {}, column {}: '{}' is no finite float32", line_, fields, shown(field));
        case Field::word:
          return bad_input("line {}, column {}: '{}' is no number", line_, fields, shown(field));
      }
    }
    if (columns_ == 0) columns_ = fields;
    if (fields != columns_) return bad_input("line {}: {} fields where the first line has {}", line_, fields, columns_);
    ++rows_;
    return {};
  }

  std::string_view rest_;
  std::size_t line_ = 0;
  std::int64_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<float> values_;
};

}  // namespace

Result<Tensor> parse_csv(std::string_view text, std::string_view where) {
  auto tensor = CsvParser(text).parse();
  if (!tensor) return std::unexpected(tensor.error().within(where));
  return tensor;
}

std::string print_csv(const Tensor& tensor) {
  const auto count = static_cast<std::size_t>(tensor.shape().elements());
  const std::size_t columns = tensor.shape().rank() == 0 ? 1 : count / static_cast<std::size_t>(tensor.shape()[0]);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (tensor.type().element.is_float()) {
      fmt::format_to(std::back_inserter(text), "{}", tensor.elements<float>()[i]);
    } else {
      fmt::format_to(std::back_inserter(text), "{}", tensor.integer_at(i));
    }
    text += (i + 1) % columns == 0 ? '\n' : ',';
  }
  return text;
}

}  // namespace algean
