// Datagrams that wait for credit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace algean {

// A queue in one ring of bytes, so that datagrams pushed one after the other lie side by side (but where the ring ends)
// and go in one system call. Grows by doubling; gives a large ring back when it runs empty.
class Outbox {
 public:
  struct Entry {
    std::size_t at;
    std::size_t bytes;
    std::uint32_t charge;
    std::uint8_t messages;
  };

  void push(std::span<const std::byte> datagram, std::uint32_t charge, std::uint8_t messages);
  void pop();
  void clear();
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // The i-th from the front.
  [[nodiscard]] const Entry& entry(std::size_t i) const { return entries_[i]; }
  // `bytes` bytes from an entry's place on.
  [[nodiscard]] std::span<std::byte> storage(std::size_t at, std::size_t bytes) {
    return std::span(ring_).subspan(at, bytes);
  }

 private:
  static constexpr std::size_t first_bytes = std::size_t{64} << 10;
  static constexpr std::size_t kept_bytes = std::size_t{1} << 20;

  // Where `bytes` more can lie, if they can without growing.
  [[nodiscard]] bool find_place(std::size_t bytes, std::size_t& at) const;
  void grow(std::size_t bytes);

  std::vector<std::byte> ring_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace algean
