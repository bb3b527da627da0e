// The form in which a contained child hands back what it read: numbers and length-prefixed arrays, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace algean::partitioner {

class PackedWriter {
 public:
  void number(std::int64_t value) { append(&value, sizeof value); }
  void text(std::string_view value) { array(std::span(value)); }
  template <class T>
  void array(std::span<const T> values) {
    number(static_cast<std::int64_t>(values.size()));
    append(values.data(), values.size_bytes());
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t bytes) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), from, from + bytes);
  }
  std::vector<std::byte> bytes_;
};

// Reads the same calls in the same order. Never trusts the bytes: what does not fit makes it bad() for good, and every
// read after that gives zero or nothing, so that a caller needs to ask once, at the end.
class PackedReader {
 public:
  explicit PackedReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::int64_t number() {
    std::int64_t value = 0;
    copy(&value, sizeof value);
    return bad_ ? 0 : value;
  }
  // A number of items that follow, each of at least one byte.
  std::size_t count() {
    const std::int64_t value = number();
    if (value < 0 || static_cast<std::uint64_t>(value) > bytes_.size()) bad_ = true;
    return bad_ ? 0 : static_cast<std::size_t>(value);
  }
  template <class T>
  std::vector<T> array() {
    const std::size_t items = count();
    if (items > bytes_.size() / sizeof(T)) bad_ = true;
    if (bad_) return {};
    std::vector<T> values(items);
    copy(values.data(), items * sizeof(T));
    return values;
  }
  std::string text() {
    const auto letters = array<char>();
    return {letters.begin(), letters.end()};
  }
  void spoil() { bad_ = true; }
  [[nodiscard]] bool bad() const { return bad_; }
  // Read to its end, and all of it fitted.
  [[nodiscard]] bool complete() const { return !bad_ && bytes_.empty(); }

 private:
  void copy(void* to, std::size_t bytes) {
    if (bytes > bytes_.size()) bad_ = true;
    if (bad_ || bytes == 0) return;
    std::memcpy(to, bytes_.data(), bytes);
    bytes_ = bytes_.subspan(bytes);
  }
  std::span<const std::byte> bytes_;
  bool bad_ = false;
};

}  // namespace algean::partitioner
