#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "runtime/tensor/array_formats.hpp"

namespace algean {
namespace {

static_assert(std::endian::native == std::endian::little, "array files and the wire are little endian");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t max_header_bytes = 65536;

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> extents;
};

// The header is a Python literal: a dictionary of exactly the keys descr, fortran_order and shape.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  Result<Header> parse() {
    ALGEAN_TRY(expect('{'));
    while (!take('}')) {
      ALGEAN_TRY(entry());
      if (take(',')) continue;
      ALGEAN_TRY(expect('}'));
      break;
    }
    skip_blanks();
    if (at_ != text_.size()) return wrong("nothing may follow the dictionary");
    if (!descr_ || !fortran_order_ || !extents_) return wrong("it needs the keys descr, fortran_order and shape");
    return Header{std::move(*descr_), *fortran_order_, std::move(*extents_)};
  }

 private:
  Result<> entry() {
    ALGEAN_ASSIGN(const std::string key, string());
    ALGEAN_TRY(expect(':'));
    if (key == "descr" && !descr_) {
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == '[') return wrong("structured elements are not accepted");
      ALGEAN_ASSIGN(descr_, string());
    } else if (key == "fortran_order" && !fortran_order_) {
      ALGEAN_ASSIGN(fortran_order_, boolean());
    } else if (key == "shape" && !extents_) {
      ALGEAN_ASSIGN(extents_, tuple());
    } else {
      return wrong(fmt::format("unknown or repeated key '{}'", key));
    }
    return {};
  }

  Result<std::string> string() {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return wrong("a quoted string is expected");
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) return wrong("a string does not end");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    if (!std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != '\\'; })) {
      return wrong("strings hold plain ASCII characters");
    }
    at_ = end + 1;
    return value;
  }

  Result<bool> boolean() {
    skip_blanks();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return value;
    }
    return wrong("fortran_order must be True or False");
  }

  Result<std::vector<std::int64_t>> tuple() {
    ALGEAN_TRY(expect('('));
    std::vector<std::int64_t> extents;
    while (!take(')')) {
      skip_blanks();
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
      if (error != std::errc()) return wrong("shape must be a tuple of integers below 2^63");
      at_ = static_cast<std::size_t>(end - text_.data());
      extents.push_back(extent);
      if (take(',')) continue;
      if (extents.size() == 1) return wrong("shape must be a tuple: a comma is missing");
      ALGEAN_TRY(expect(')'));
      break;
    }
    return extents;
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  Result<> expect(char wanted) {
    if (take(wanted)) return {};
    return wrong(fmt::format("'{}' is expected", wanted));
  }
  std::unexpected<Error> wrong(std::string_view rule) const {
    return bad_input("header, character {}: {}", at_ + 1, rule);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::string> descr_;
  std::optional<bool> fortran_order_;
  std::optional<std::vector<std::int64_t>> extents_;
};

// Calls body(index in the file, index in C order) for every element.
template <class Body>
void for_each_element(const Shape& shape, bool fortran_order, Body&& body) {
  const auto count = static_cast<std::size_t>(shape.elements());
  if (!fortran_order || shape.rank() < 2) {
    for (std::size_t i = 0; i < count; ++i) body(i, i);
    return;
  }
  std::vector<std::size_t> strides(shape.rank(), 1);
  for (std::size_t axis = shape.rank() - 1; axis > 0; --axis) {
    strides[axis - 1] = strides[axis] * static_cast<std::size_t>(shape[axis]);
  }
  std::vector<std::size_t> index(shape.rank(), 0);
  std::size_t to = 0;
  for (std::size_t i = 0; i < count; ++i) {
    body(i, to);
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {  // the first axis runs fastest
      to += strides[axis];
      if (++index[axis] < static_cast<std::size_t>(shape[axis])) break;
      to -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

float widen_half(std::uint16_t half) {
  const int exponent = (half >> 10U) & 31U;
  const auto mantissa = static_cast<float>(half & 1023U);
  const float sign = (half & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) {
    return mantissa == 0 ? sign * std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024.0F + mantissa, exponent - 25);
}

// Elements of the file's type From as elements of type To; `convert` gives none where a value has no place in To.
template <class From, class To, class Convert>
Result<Tensor> decode(std::span<const std::byte> data, const ElementType& type, const Shape& shape, bool fortran_order,
                      Convert&& convert, std::string_view rule) {
  Tensor tensor({type, shape});
  auto to = tensor.elements<To>();
  std::optional<std::size_t> first_bad;
  for_each_element(shape, fortran_order, [&](std::size_t file_index, std::size_t index) {
    From value{};
    std::memcpy(&value, data.data() + file_index * sizeof(From), sizeof(From));
    const std::optional<To> converted = convert(value);
    if (converted) {
      to[index] = *converted;
    } else {
      first_bad = std::min(first_bad.value_or(index), index);
    }
  });
  if (first_bad) return bad_input("element {}: {}", *first_bad, rule);
  return tensor;
}

template <class T>
Result<Tensor> decode_same(std::span<const std::byte> data, const ElementType& type, const Shape& shape, bool fortran) {
  return decode<T, T>(data, type, shape, fortran, [](T value) { return std::optional<T>(value); }, "");
}

template <class From>
Result<Tensor> decode_wide(std::span<const std::byte> data, const ElementType& type, const Shape& shape, bool fortran) {
  return decode<From, std::int32_t>(
      data, type, shape, fortran,
      [](From value) {
        return std::in_range<std::int32_t>(value) ? std::optional(static_cast<std::int32_t>(value)) : std::nullopt;
      },
      "64-bit integers must fit 32 bits");
}

Result<Tensor> decode_double(std::span<const std::byte> data, const ElementType& type, const Shape& shape,
                             bool fortran) {
  return decode<double, float>(
      data, type, shape, fortran,
      [](double value) -> std::optional<float> {
        if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) return std::nullopt;
        return static_cast<float>(value);
      },
      "the value is beyond float32");
}

Result<Tensor> decode_half(std::span<const std::byte> data, const ElementType& type, const Shape& shape, bool fortran) {
  return decode<std::uint16_t, float>(
      data, type, shape, fortran, [](std::uint16_t half) { return std::optional(widen_half(half)); }, "");
}

Result<Tensor> decode_bool(std::span<const std::byte> data, const ElementType& type, const Shape& shape, bool fortran) {
  return decode<std::uint8_t, std::uint8_t>(
      data, type, shape, fortran, [](std::uint8_t value) { return value <= 1 ? std::optional(value) : std::nullopt; },
      "a boolean must be the byte 0 or 1");
}

struct Encoding {
  std::string_view descr;
  std::size_t bytes;
  ElementType type;  // in memory
  Result<Tensor> (*decode)(std::span<const std::byte>, const ElementType&, const Shape&, bool);
};

std::span<const Encoding> encodings() {
  static const std::array<Encoding, 12> table{{
      {"<f4", 4, ElementType::float32(), decode_same<float>},
      {"<f8", 8, ElementType::float32(), decode_double},
      {"<f2", 2, ElementType::float32(), decode_half},
      {"|i1", 1, ElementType::int8(), decode_same<std::int8_t>},
      {"|u1", 1, ElementType::integer(8, false), decode_same<std::uint8_t>},
      {"<i2", 2, ElementType::integer(16, true), decode_same<std::int16_t>},
      {"<u2", 2, ElementType::integer(16, false), decode_same<std::uint16_t>},
      {"<i4", 4, ElementType::int32(), decode_same<std::int32_t>},
      {"<u4", 4, ElementType::integer(32, false), decode_same<std::uint32_t>},
      {"<i8", 8, ElementType::int32(), decode_wide<std::int64_t>},
      {"<u8", 8, ElementType::int32(), decode_wide<std::uint64_t>},
      {"|b1", 1, ElementType::integer(8, false), decode_bool},
  }};
  return table;
}

Result<Tensor> decode_elements(const Header& header, std::span<const std::byte> data) {
  const auto encoding = std::ranges::find(encodings(), std::string_view(header.descr), &Encoding::descr);
  if (encoding == encodings().end()) {
    if (header.descr.starts_with('>')) return bad_input("big-endian elements ('{}') are not accepted", header.descr);
    return bad_input("elements of type '{}' are not accepted: float16/32/64, int8..64, uint8..64 or bool are",
                     header.descr);
  }
  ALGEAN_ASSIGN(const Shape shape, Shape::make(header.extents));
  const std::size_t expected = static_cast<std::size_t>(shape.elements()) * encoding->bytes;
  if (data.size() != expected) {
    return bad_input("shape {} of '{}' takes {} bytes, but {} follow the header", shape.text(), header.descr, expected,
                     data.size());
  }
  return encoding->decode(data, encoding->type, shape, header.fortran_order);
}

Result<Tensor> parse(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(magic)) return bad_input("not a .npy file: it must start with \\x93NUMPY");
  if (text.size() < 10) return bad_input("the file ends within its header");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(bytes[i]); };
  if (byte(6) < 1 || byte(6) > 3 || byte(7) != 0) {
    return bad_input("format version {}.{}: 1.0, 2.0 and 3.0 are accepted", byte(6), byte(7));
  }
  const std::size_t start = byte(6) == 1 ? 10 : 12;
  if (text.size() < start) return bad_input("the file ends within its header");
  std::size_t length = byte(8) | byte(9) << 8U;
  if (start == 12) length |= byte(10) << 16U | byte(11) << 24U;
  if (length > max_header_bytes)
    return bad_input("a header of {} bytes, at most {} are accepted", length, max_header_bytes);
  if (length > text.size() - start) return bad_input("the file ends within its header");
  ALGEAN_ASSIGN(const Header header, HeaderParser(text.substr(start, length)).parse());
  return decode_elements(header, bytes.subspan(start + length));
}

std::string_view descr_of(const ElementType& type) {
  if (type.is_float()) return "<f4";
  switch (type.bytes()) {
    case 1:
      return type.is_signed() ? "|i1" : "|u1";
    case 2:
      return type.is_signed() ? "<i2" : "<u2";
    default:
      return type.is_signed() ? "<i4" : "<u4";
  }
}

}  // namespace

Result<Tensor> parse_npy(std::span<const std::byte> bytes, std::string_view where) {
  auto tensor = parse(bytes);
  if (!tensor) return std::unexpected(tensor.error().within(where));
  return tensor;
}

std::vector<std::byte> print_npy(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr_of(tensor.type().element),
                  fmt::join(shape.extents(), ", "), shape.rank() == 1 ? "," : "");
  header.append(63 - (10 + header.size()) % 64, ' ');  // so that the elements start at a multiple of 64
  header += '\n';
  std::string text(magic);
  text += {'\1', '\0', static_cast<char>(header.size() & 255U), static_cast<char>(header.size() >> 8U)};
  text += header;
  std::vector<std::byte> bytes(text.size() + tensor.bytes().size());
  std::memcpy(bytes.data(), text.data(), text.size());
  std::ranges::copy(tensor.bytes(), bytes.begin() + static_cast<std::ptrdiff_t>(text.size()));
  return bytes;
}

}  // namespace algean
