// Test bench of a function with AXI4-Stream ports: vectors in, packets through it, packets against vectors. C++14.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "kernels/stream/hls/axis.hpp"

namespace algean_test {

// words[1]: the folder with inN.bin and outN.bin ("vectors"): elements, little endian, one inference after the other.
class Bench {
 public:
  Bench(int count, char** words) : folder_(count > 1 ? words[1] : "vectors") {}

  std::vector<char> load(const std::string& name, long inference_bytes) {
    std::ifstream file(folder_ + "/" + name + ".bin", std::ios::binary);
    std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const long found = static_cast<long>(bytes.size()) / inference_bytes;
    if (!file || found == 0 || static_cast<long>(bytes.size()) % inference_bytes != 0) {
      std::fprintf(stderr, "%s/%s.bin: not there, or not of whole inferences of %ld bytes\n", folder_.c_str(),
                   name.c_str(), inference_bytes);
      std::exit(2);
    }
    if (inferences_ != 0 && found != inferences_) {
      std::fprintf(stderr, "%s/%s.bin: %ld inferences, others have %ld\n", folder_.c_str(), name.c_str(), found,
                   inferences_);
      std::exit(2);
    }
    inferences_ = found;
    return bytes;
  }
  long inferences() const { return inferences_; }

  // The first few are shown.
  void complain(const std::string& text) {
    if (++wrong_ <= 20) std::fprintf(stderr, "%s\n", text.c_str());
  }
  void count(long elements) { checked_ += elements; }
  // 0 where all was right.
  int finish() const {
    std::printf("%ld inferences, %ld elements compared, %ld wrong\n", inferences_, checked_, wrong_);
    return wrong_ == 0 && checked_ > 0 ? 0 : 1;
  }

 private:
  std::string folder_;
  long inferences_ = 0;
  long checked_ = 0;
  long wrong_ = 0;
};

// One port: rows of elements of type T in packets of LANES.
template <class T, int LANES>
class Port {
 public:
  Port(algean::hls::packets<T, LANES>& stream, Bench& bench, long rows, long elements)
      : stream_(stream), bench_(bench), rows_(rows), elements_(elements) {
    const std::vector<char> bytes = bench.load(stream.name(), rows * elements * static_cast<long>(sizeof(T)));
    values_.resize(bytes.size() / sizeof(T));
    std::memcpy(values_.data(), bytes.data(), bytes.size());
  }

  void feed(long inference) {
    walk(inference, [this](const T* values, long count, bool is_last) {
      algean::hls::packet<T, LANES> packet;
      packet.data = 0;
      packet.keep = 0;
      for (int e = 0; e < LANES; ++e) {
        // What is behind the elements is not theirs: TKEEP must keep it out.
        put(packet, e, e < count ? values[e] : static_cast<T>(0x55));
        for (int b = 0; b < bytes; ++b) packet.keep[bytes * e + b] = e < count;
      }
      packet.strb = packet.keep;
      packet.last = is_last;
      stream_.write(packet);
    });
  }

  void check(long inference) {
    walk(inference, [this, inference](const T* values, long count, bool is_last) {
      const std::string where = std::string(stream_.name()) + ", inference " + std::to_string(inference);
      if (stream_.empty()) return bench_.complain(where + ": packets are missing");
      const algean::hls::packet<T, LANES> packet = stream_.read();
      for (int e = 0; e < LANES; ++e) {
        bool kept = true;
        for (int b = 0; b < bytes; ++b) kept = kept && packet.keep[bytes * e + b] && packet.strb[bytes * e + b];
        if (kept != (e < count)) bench_.complain(where + ": TKEEP or TSTRB of lane " + std::to_string(e));
        if (e >= count) continue;
        bench_.count(1);
        if (get(packet, e) == values[e]) continue;
        bench_.complain(where + ": element " + std::to_string(values + e - values_.data()) + " is " +
                        std::to_string(+get(packet, e)) + ", must be " + std::to_string(+values[e]));
      }
      if (packet.last != is_last) bench_.complain(where + ": TLAST");
    });
    if (inference + 1 == bench_.inferences() && !stream_.empty()) {
      bench_.complain(std::string(stream_.name()) + ": more packets than there should be");
    }
  }

 private:
  static constexpr int bytes = static_cast<int>(sizeof(T));
  static void put(algean::hls::packet<T, LANES>& packet, int lane, T value) {
    for (int i = 0; i < 8 * bytes; ++i) packet.data[8 * bytes * lane + i] = ((value >> i) & 1) != 0;
  }
  static T get(const algean::hls::packet<T, LANES>& packet, int lane) {
    std::uint32_t value = 0;
    for (int i = 0; i < 8 * bytes; ++i) {
      value |= static_cast<std::uint32_t>(static_cast<bool>(packet.data[8 * bytes * lane + i])) << i;
    }
    return static_cast<T>(value);
  }
  template <class Visit>
  void walk(long inference, const Visit& visit) {
    const T* values = values_.data() + inference * rows_ * elements_;
    for (long row = 0; row < rows_; ++row) {
      for (long at = 0; at < elements_; at += LANES) {
        const long count = elements_ - at < LANES ? elements_ - at : LANES;
        visit(values + row * elements_ + at, count, row == rows_ - 1 && at + LANES >= elements_);
      }
    }
  }

  algean::hls::packets<T, LANES>& stream_;
  Bench& bench_;
  long rows_, elements_;
  std::vector<T> values_;
};

}  // namespace algean_test
