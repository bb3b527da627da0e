// hls::stream<T, DEPTH>: a queue between two functions. A clean-room subset in C++14 of what AMD UG1399 documents under
// this name, for C simulation, where functions run one after the other: a write never waits, whatever DEPTH, and
// reading an empty stream, which hardware would do for ever, ends the program with the stream's name.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <utility>

namespace hls {

template <class T, int DEPTH = 0>
class stream;

template <class T>
class stream<T, 0> {
 public:
  using value_type = T;

  stream() = default;
  explicit stream(std::string name) : name_(std::move(name)) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() = default;

  T read() {
    if (queue_.empty()) {
      std::fprintf(stderr, "hls::stream '%s': read while empty\n", name_.c_str());
      std::abort();
    }
    T value = queue_.front();
    queue_.pop_front();
    return value;
  }
  void read(T& value) { value = read(); }
  // False, and value as it was, when there is nothing.
  bool read_nb(T& value) {
    if (queue_.empty()) return false;
    value = read();
    return true;
  }
  void write(const T& value) { queue_.push_back(value); }
  bool write_nb(const T& value) {
    if (full()) return false;
    write(value);
    return true;
  }
  stream& operator>>(T& value) {
    value = read();
    return *this;
  }
  stream& operator<<(const T& value) {
    write(value);
    return *this;
  }

  bool empty() const { return queue_.empty(); }
  // Never of a stream without a stated depth.
  bool full() const { return depth_ > 0 && queue_.size() >= depth_; }
  std::size_t size() const { return queue_.size(); }
  std::size_t capacity() const { return depth_; }
  const char* name() const { return name_.c_str(); }
  void set_name(const char* name) { name_ = name; }

 protected:
  stream(std::string name, std::size_t depth) : name_(std::move(name)), depth_(depth) {}

 private:
  std::string name_ = "unnamed";
  std::size_t depth_ = 0;
  std::deque<T> queue_;
};

template <class T, int DEPTH>
class stream : public stream<T, 0> {
  static_assert(DEPTH > 0, "hls::stream: depth is negative");

 public:
  stream() : stream<T, 0>("unnamed", DEPTH) {}
  explicit stream(std::string name) : stream<T, 0>(std::move(name), DEPTH) {}
};

}  // namespace hls
