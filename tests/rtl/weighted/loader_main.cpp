// Weights that are loaded while inferences run: nothing leaves before the first load; each inference is wholly that of
// one load, in the order of loads, and of the newest that was complete long before; a load of a wrong length reports an
// error and changes nothing; rst and markers keep the weights.
#include <Vloader_top.h>
#include <fmt/format.h>
#include <verilated.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"
#include "tests/rtl/harness/stream_driver.hpp"

namespace {

using namespace algean::rtl;
namespace numeric = algean::kernels;

constexpr std::size_t rows = 3;  // of an inference

// The contents of both memories as 32-bit words, and what a unit that has them computes.
struct Load {
  std::vector<std::uint32_t> words;
  std::function<Elements(const Elements&)> compute;
};

// Memory words of `bits` bits, each filled up to whole 32-bit words.
class Words {
 public:
  void begin(std::size_t bits) {
    first_ = words_.size();
    words_.resize(first_ + (bits + 31) / 32);
  }
  void put(std::size_t at, std::size_t bits, std::int64_t value) {
    for (std::size_t i = 0; i < bits; ++i) {
      if (((value >> i) & 1) != 0) words_[first_ + (at + i) / 32] |= std::uint32_t{1} << ((at + i) % 32);
    }
  }
  std::vector<std::uint32_t> take() { return std::move(words_); }

 private:
  std::vector<std::uint32_t> words_;
  std::size_t first_ = 0;
};

struct Channel {
  std::int32_t bias, multiplier, shift;
};

Elements draw(Random& random, std::size_t count, int bits) {
  Elements list(count);
  for (auto& each : list) each = static_cast<std::int64_t>(random() % (1U << bits)) - (std::int64_t{1} << (bits - 1));
  return list;
}

Load matvec_load(Random& random) {
  constexpr std::size_t n_in = 10, n_out = 7, simd = 3, pe = 4, folds = 4, rounds = 2;
  const Elements weights = draw(random, n_in * n_out, 8);
  std::vector<Channel> channels(n_out);
  Words words;
  for (std::size_t word = 0; word < folds * rounds; ++word) {
    words.begin(pe * simd * 8);
    for (std::size_t p = 0; p < pe; ++p) {
      for (std::size_t s = 0; s < simd; ++s) {
        const std::size_t o = word / folds * pe + p;
        const std::size_t i = word % folds * simd + s;
        if (o < n_out && i < n_in) words.put(8 * (p * simd + s), 8, weights[o * n_in + i]);
      }
    }
  }
  for (Channel& c : channels) {
    c = {static_cast<std::int32_t>(random() % 2000) - 1000, static_cast<std::int32_t>(65536 + random() % 65536),
         static_cast<std::int32_t>(20 + random() % 6)};
    words.begin(24 + 17 + 6);
    words.put(0, 24, c.bias);
    words.put(24, 17, c.multiplier);
    words.put(41, 6, c.shift - 1);
  }
  return {words.take(), [=](const Elements& x) {
            Elements y;
            for (std::size_t row = 0; row < rows; ++row) {
              for (std::size_t o = 0; o < n_out; ++o) {
                std::int32_t acc = channels[o].bias;
                for (std::size_t i = 0; i < n_in; ++i) {
                  acc += static_cast<std::int32_t>(x[row * n_in + i] * weights[o * n_in + i]);
                }
                y.push_back(numeric::scaled::requantise(acc, channels[o].multiplier, channels[o].shift, 5, -128, 127));
              }
            }
            return y;
          }};
}

Load depthwise_load(Random& random) {
  constexpr std::size_t outputs = 10, taps = 3, sums = 4, blocks = 3;
  const Elements weights = draw(random, outputs * taps, 9);
  std::vector<Channel> channels(outputs);
  Words words;
  for (std::size_t word = 0; word < taps * blocks; ++word) {
    words.begin(sums * 9);
    for (std::size_t p = 0; p < sums; ++p) {
      const std::size_t o = word / taps * sums + p;
      if (o < outputs) words.put(9 * p, 9, weights[o * taps + word % taps]);
    }
  }
  for (std::size_t beat = 0; beat < outputs / 2; ++beat) {
    words.begin(2 * (26 + 31 + 6));
    for (std::size_t lane = 0; lane < 2; ++lane) {
      Channel& c = channels[2 * beat + lane];
      c = {static_cast<std::int32_t>(random() % 2000) - 1000,
           static_cast<std::int32_t>((1U << 30) + random() % (1U << 30)), -static_cast<std::int32_t>(random() % 10)};
      const std::size_t at = lane * 63;
      words.put(at, 26, c.bias);
      words.put(at + 26, 31, c.multiplier);
      words.put(at + 57, 6, c.shift + 31);
    }
  }
  // x: rows, blocks, taps, lanes of two channels
  return {words.take(), [=](const Elements& x) {
            Elements y;
            for (std::size_t row = 0; row < rows; ++row) {
              for (std::size_t o = 0; o < outputs; ++o) {
                std::int32_t acc = channels[o].bias;
                for (std::size_t t = 0; t < taps; ++t) {
                  const std::size_t channel = o / 2;
                  acc += static_cast<std::int32_t>(x[((row * blocks + channel / 2) * taps + t) * 2 + channel % 2] *
                                                   weights[o * taps + t]);
                }
                const std::int64_t code =
                    std::int64_t{numeric::tflite::mbqm(acc, channels[o].multiplier, channels[o].shift)} - 3;
                y.push_back(std::clamp<std::int64_t>(code, -100, 127));
              }
            }
            return y;
          }};
}

struct Unit {
  const char* name;
  Signal w_data, w_last, w_valid, w_ready, error;
  StreamPort in, out;
  Load (*make)(Random&);
};

class Check {
 public:
  Check(Unit unit, Vloader_top& top, std::uint64_t seed)
      : unit_(unit), top_(top), random_(seed), source_(unit.in), sink_(unit.out) {}

  // True where all is as it should be.
  bool run() {
    reset();
    for (int i = 0; i < 4; ++i) send();
    for (int i = 0; i < 200; ++i) cycle();
    if (!inferences_.empty()) return fail("gave an inference before any weights came");
    give(unit_.make(random_), true);
    for (int i = 0; i < 12; ++i) {  // loads of any age beside running inferences
      for (int k = 0; k < 4; ++k) send();
      if (i % 3 == 1) give_broken();
      give(unit_.make(random_), true);
      if (i % 4 == 2) {
        Beat mark = marker(unit_.in.shape);
        source_.send({to_beats(unit_.in.shape, draw(random_, unit_.in.shape.size(), 8)).front(), mark});
        sent_.push_back({});
      }
    }
    drain();
    reset();
    send();  // with the weights of before
    drain();
    return failures_ == 0 && check_inferences();
  }

 private:
  bool fail(const std::string& what) {
    fmt::print("{}: {}\n", unit_.name, what);
    ++failures_;
    return false;
  }

  void reset() {
    source_.clear();
    sink_.clear();
    unit_.w_valid.set(0);
    top_.rst = 1;
    tick();
    top_.rst = 0;
    tick();
  }

  void tick() {
    top_.eval();
    top_.clk = 1;
    top_.eval();
    top_.clk = 0;
    top_.eval();
  }

  void send() {
    const Elements x = draw(random_, unit_.in.shape.size(), 8);
    source_.send(to_beats(unit_.in.shape, x));
    sent_.push_back(x);
  }

  // Drives a load to its end while inferences run; complete loads count from there on.
  void give(const Load& load, bool counts) {
    for (std::size_t i = 0; i < load.words.size(); ++i) word(load.words[i], i + 1 == load.words.size());
    if (counts) loads_.push_back(load);
  }

  void give_broken() {
    Load load = unit_.make(random_);
    const std::size_t errors = errors_;
    if (random_() % 2 == 0) {
      load.words.pop_back();  // ends too soon
      give(load, false);
    } else {
      for (const std::uint32_t each : load.words) word(each, false);  // does not end
    }
    cycle();
    if (errors_ != errors + 1) fail("did not report a load of a wrong length");
  }

  void word(std::uint32_t value, bool last) {
    while (random_() % 4 == 0) cycle();
    unit_.w_data.set(0, 32, value);
    unit_.w_last.set(last ? 1 : 0);
    unit_.w_valid.set(1);
    int patience = 5000;
    while (!cycle()) {
      if (--patience == 0) {
        fail("does not take a load");
        break;
      }
    }
    unit_.w_valid.set(0);
  }

  // One clock cycle; whether a word of a load went over.
  bool cycle() {
    source_.offer(random_, 80);
    sink_.accept(random_, 70, false);
    top_.eval();
    if (const auto broken = sink_.look()) fail(*broken);
    const bool word = unit_.w_valid.get(0, 1) != 0 && unit_.w_ready.get(0, 1) != 0;
    errors_ += unit_.error.get(0, 1);
    source_.settle();
    if (const auto beat = sink_.settle()) {
      if (beat->mark) partial_.clear();
      for (std::size_t i = 0; i < unit_.out.shape.lanes && !beat->mark; ++i) partial_.push_back(beat->lanes[i]);
      if (beat->last) {
        inferences_.push_back({partial_, loads_.size()});
        partial_.clear();
      }
    }
    tick();
    return word;
  }

  void drain() {
    for (int idle = 0; idle < 300; ++idle) cycle();
    for (int patience = 5000; !source_.empty() && patience > 0; --patience) cycle();
    for (int idle = 0; idle < 300; ++idle) cycle();
  }

  // Each inference is of one load, not older than that of the one before, not of one that came after it.
  bool check_inferences() {
    if (inferences_.size() != sent_.size()) {
      return fail(fmt::format("gave {} inferences and markers of {}", inferences_.size(), sent_.size()));
    }
    std::size_t load = 0;
    std::size_t changes = 0;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
      if (sent_[i].empty()) {
        if (!inferences_[i].codes.empty()) return fail(fmt::format("item {} is no marker", i));
        continue;
      }
      // A load may be complete, and used, in the very cycles in which it is still being counted here.
      const std::size_t known = std::min(inferences_[i].loads + 1, loads_.size());
      const std::size_t before = load;
      while (load < known && inferences_[i].codes != strip(loads_[load].compute(sent_[i]))) ++load;
      if (load == known) return fail(fmt::format("inference {} is of no load that it may have", i));
      if (load != before) ++changes;
    }
    fmt::print("{}: {} inferences, {} loads, {} changes between inferences, {} errors reported\n", unit_.name,
               sent_.size(), loads_.size(), changes, errors_);
    if (changes < loads_.size() / 2) return fail("seldom changed to new weights");
    return load + 1 == loads_.size() || fail("the last load was never used");
  }

  // Codes as they leave, rows filled up with zeros to whole beats.
  Elements strip(const Elements& codes) {
    Elements list;
    for (const Beat& beat : to_beats(unit_.out.shape, codes)) {
      list.insert(list.end(), beat.lanes.begin(), beat.lanes.end());
    }
    return list;
  }

  struct Inference {
    Elements codes;
    std::size_t loads;  // that were complete when it had left
  };
  Unit unit_;
  Vloader_top& top_;
  Random random_;
  Source source_;
  Sink sink_;
  std::vector<Elements> sent_;  // empty: a marker
  std::vector<Load> loads_;
  std::vector<Inference> inferences_;
  Elements partial_;
  std::size_t errors_ = 0;
  int failures_ = 0;
};

}  // namespace

int main() {
  VerilatedContext context;
  context.randReset(2);
  bool passed = true;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    context.randSeed(static_cast<int>(seed));
#define ALGEAN_UNIT(NAME, IN, OUT, MAKE)                                                                       \
  {                                                                                                            \
    const auto top = std::make_unique<Vloader_top>(&context);                                                  \
    top->clk = 0;                                                                                              \
    const StreamPort in{Signal(top->NAME##_s_data),  Signal(top->NAME##_s_last),  Signal(top->NAME##_s_mark),  \
                        Signal(top->NAME##_s_valid), Signal(top->NAME##_s_ready), IN};                         \
    const StreamPort out{Signal(top->NAME##_m_data),  Signal(top->NAME##_m_last),  Signal(top->NAME##_m_mark), \
                         Signal(top->NAME##_m_valid), Signal(top->NAME##_m_ready), OUT};                       \
    Check check({#NAME, Signal(top->NAME##_w_data), Signal(top->NAME##_w_last), Signal(top->NAME##_w_valid),   \
                 Signal(top->NAME##_w_ready), Signal(top->NAME##_error), in, out, MAKE},                       \
                *top, seed);                                                                                   \
    passed &= check.run();                                                                                     \
  }
    ALGEAN_UNIT(matvec, (StreamShape{rows, 10, 3, 8}), (StreamShape{rows, 7, 1, 8}), matvec_load)
    ALGEAN_UNIT(depthwise, (StreamShape{rows * 3, 6, 2, 8}), (StreamShape{rows, 10, 2, 8}), depthwise_load)
  }
  return passed ? 0 : 1;
}
