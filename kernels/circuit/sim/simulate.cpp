// Runs inferences through a Verilated algean_top:
//
//   simulate --vectors DIR [--outputs DIR] [--inferences N] [--valid PERCENT] [--ready PERCENT] [--seed S]
//            [--mark-after BEATS] [--hold-after N] [--load PORT=FILE]... [--load-after N] [--deadline CYCLES]
//
// DIR/in<i>.bin hold the inputs: elements of 1, 2 or 4 bytes, little endian, one inference after the other; they are
// taken again from the start where there are fewer than N. The outputs go to out<i>.bin of --outputs; where --vectors
// has out<i>.bin, they are compared. --hold-after: no more than N inferences go in. --mark-after: a reset marker goes
// into every input when input 0 has sent so many beats; the inference that it interrupts is then sent again. Load ports
// are given DIR/load<i>.bin before the first inference, and what --load names when --load-after inferences have come
// out, before the next goes in (0, or left out: instead of the former). Standard output: one JSON document. Exit
// status: 0; 1 a rule of streams was broken or outputs differ; 2 wrong arguments; 3 no port moved for --deadline.
#include <Valgean_top.h>
#include <verilated.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <driver.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#ifdef ALGEAN_TWIN
#include <twins.inc>
#endif

namespace {

using algean_sim::Loader;
using algean_sim::Mark;
using algean_sim::PortShape;
using algean_sim::Sink;
using algean_sim::Source;

struct Options {
  std::string vectors;
  std::string outputs;
  std::int64_t inferences = 0;  // 0: as many as in0.bin has
  unsigned valid = 100;
  unsigned ready = 100;
  std::uint64_t seed = 1;
  std::int64_t mark_after = -1;
  std::vector<std::pair<std::string, std::string>> loads;
  std::int64_t load_after = 0;
  std::int64_t hold_after = -1;
  std::int64_t deadline = 0;  // 0: the design's
};

[[noreturn]] void stop(int status, const std::string& message) {
  std::fprintf(stderr, "simulate: %s\n", message.c_str());
  std::fflush(stdout);
  std::_Exit(status);
}

std::int64_t number(const std::string& option, const char* text) {
  char* end = nullptr;
  const long long value = std::strtoll(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < 0) stop(2, option + " needs a number, not '" + text + "'");
  return value;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) stop(2, name + " needs a value");
    const char* value = argv[i + 1];
    if (name == "--vectors")
      options.vectors = value;
    else if (name == "--outputs")
      options.outputs = value;
    else if (name == "--inferences")
      options.inferences = number(name, value);
    else if (name == "--valid")
      options.valid = static_cast<unsigned>(number(name, value));
    else if (name == "--ready")
      options.ready = static_cast<unsigned>(number(name, value));
    else if (name == "--seed")
      options.seed = static_cast<std::uint64_t>(number(name, value));
    else if (name == "--mark-after")
      options.mark_after = number(name, value);
    else if (name == "--load-after")
      options.load_after = number(name, value);
    else if (name == "--hold-after")
      options.hold_after = number(name, value);
    else if (name == "--deadline")
      options.deadline = number(name, value);
    else if (name == "--load") {
      const std::string text = value;
      const std::size_t at = text.find('=');
      if (at == std::string::npos) stop(2, "--load needs PORT=FILE");
      options.loads.emplace_back(text.substr(0, at), text.substr(at + 1));
    } else
      stop(2, "unknown option " + name);
  }
  if (options.vectors.empty()) stop(2, "--vectors is missing");
  if (options.valid == 0 || options.ready == 0) stop(2, "--valid and --ready are at least 1 percent");
  return options;
}

std::optional<std::vector<std::uint8_t>> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::vector<std::uint8_t>{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::uint8_t> read_inputs(const Options& options, const PortShape& shape) {
  const std::string path = options.vectors + "/" + shape.port + ".bin";
  auto bytes = read(path);
  if (!bytes) stop(2, path + ": cannot be read");
  if (bytes->empty() || bytes->size() % shape.inference_bytes() != 0) {
    stop(2, path + ": " + std::to_string(bytes->size()) + " bytes are no multiple of an inference's " +
                std::to_string(shape.inference_bytes()));
  }
  return *std::move(bytes);
}

class Simulation {
 public:
  explicit Simulation(const Options& options) : options_(options) {
    context_.randReset(2);  // registers start with random values: what rst does not reset shows
    context_.randSeed(static_cast<int>(options.seed % 1'000'000'007U) + 1);
    top_ = std::make_unique<Valgean_top>(&context_);
    make_ports();
  }

  void run() {
    reset();
    const auto begin = std::chrono::steady_clock::now();
    std::int64_t moved = 0;  // cycle of the last movement
    while (!done()) {
      if (step()) moved = cycle_;
      if (cycle_ - moved > options_.deadline)
        stop(3, "deadline: no port moved for " + std::to_string(options_.deadline) + " cycles; " + states());
    }
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    simulated_ = cycle_;
    for (int i = 0; i < 64; ++i) step();  // nothing more may come
    if (errors_ != 0) stop(1, "error was high in " + std::to_string(errors_) + " cycles");
  }

  void write_outputs() const {
    for (const Sink& sink : sinks_) {
      if (!options_.outputs.empty()) {
        std::ofstream file(options_.outputs + "/" + sink.shape().port + ".bin", std::ios::binary);
        file.write(reinterpret_cast<const char*>(sink.file().data()), static_cast<std::streamsize>(sink.file().size()));
        if (!file.flush()) stop(1, "cannot write to " + options_.outputs);
      }
      compare(sink);
    }
  }

  void report() const {
    std::int64_t first = -1;
    std::int64_t latency = 0;
    double interval = 0;
    for (const Source& source : sources_) first = first < 0 ? source.first() : std::min(first, source.first());
    for (const Sink& sink : sinks_) {
      latency = std::max(latency, sink.ends().front() - first);
      interval = std::max(interval, steady(sink.ends()));
    }
    std::printf(
        "{\"inferences\": %lld, \"latency\": %lld, \"interval\": %.3f, \"cycles\": %lld, \"seconds\": %.6f, "
        "\"cycles_per_s\": %.0f,\n \"inputs\": [",
        static_cast<long long>(inferences_), static_cast<long long>(latency), interval,
        static_cast<long long>(simulated_), seconds_, static_cast<double>(simulated_) / seconds_);
    for (const Source& source : sources_) {
      std::printf("%s\n  {\"port\": \"%s\", \"first\": %lld, \"stalled\": %lld}",
                  &source == &sources_.front() ? "" : ",", source.shape().port, static_cast<long long>(source.first()),
                  static_cast<long long>(source.stalled()));
    }
    std::printf("],\n \"outputs\": [");
    for (const Sink& sink : sinks_) {
      std::printf("%s\n  {\"port\": \"%s\", \"interval\": %.3f, \"ends\": [", &sink == &sinks_.front() ? "" : ",",
                  sink.shape().port, steady(sink.ends()));
      for (std::size_t i = 0; i < sink.ends().size(); ++i) {
        std::printf("%s%lld", i == 0 ? "" : ", ", static_cast<long long>(sink.ends()[i]));
      }
      std::printf("]}");
    }
    std::printf("]}\n");
  }

 private:
  // Cycles from the end of an inference to that of the next, over the second half of them.
  static double steady(const std::vector<std::int64_t>& ends) {
    if (ends.size() < 2) return 0;
    const std::size_t from = (ends.size() - 1) / 2;
    return static_cast<double>(ends.back() - ends[from]) / static_cast<double>(ends.size() - 1 - from);
  }

  void make_ports() {
    std::vector<PortShape> in, out;
    std::vector<algean_sim::Pins> in_pins, out_pins;
#define ALGEAN_BYTES(signal) reinterpret_cast<unsigned char*>(&top_->signal)
#define ALGEAN_PINS(port)                                                                                       \
  {ALGEAN_BYTES(port##_data), ALGEAN_BYTES(port##_last), ALGEAN_BYTES(port##_mark), ALGEAN_BYTES(port##_valid), \
   ALGEAN_BYTES(port##_ready)}
#define ALGEAN_INPUT(port, name, rows, elements, lanes, bits) \
  in.push_back({#port, name, rows, elements, lanes, bits});   \
  in_pins.push_back(ALGEAN_PINS(port));
#define ALGEAN_OUTPUT(port, name, rows, elements, lanes, bits) \
  out.push_back({#port, name, rows, elements, lanes, bits});   \
  out_pins.push_back(ALGEAN_PINS(port));
#define ALGEAN_LOADER(port, name)                                                                     \
  add_loader(#port, ALGEAN_BYTES(port##_data), ALGEAN_BYTES(port##_last), ALGEAN_BYTES(port##_valid), \
             ALGEAN_BYTES(port##_ready));
#define ALGEAN_DEADLINE(cycles) \
  if (options_.deadline == 0) options_.deadline = cycles;
#include <ports.inc>
    std::vector<std::vector<std::uint8_t>> files;
    for (const PortShape& shape : in) files.push_back(read_inputs(options_, shape));
    inferences_ = options_.inferences != 0 || files.empty()
                      ? options_.inferences
                      : static_cast<std::int64_t>(files.front().size() / in.front().inference_bytes());
    if (inferences_ == 0) stop(2, "--inferences is missing");
    std::optional<std::int64_t> mark;
    if (options_.mark_after >= 0) mark = options_.mark_after / in.front().beats();
    if (mark && *mark >= inferences_) stop(2, "--mark-after lies behind the last inference");
    for (std::size_t i = 0; i < in.size(); ++i) {
      std::optional<Mark> place;
      algean_sim::Random random(options_.seed * 7919 + i);
      if (mark)
        place =
            Mark{*mark, i == 0 ? options_.mark_after % in[0].beats()
                               : static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(in[i].beats()))};
      sources_.emplace_back(in[i], in_pins[i], std::move(files[i]), inferences_, options_.valid,
                            options_.seed * 1000 + i, place);
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      sinks_.emplace_back(out[i], out_pins[i], inferences_, options_.ready, options_.seed * 1000 + 500 + i, mark);
    }
    if (!options_.loads.empty()) stop(2, "no load port " + options_.loads.front().first);
  }

  // A load port: what --load names for it, else what --vectors has.
  void add_loader(const char* port, unsigned char* data, unsigned char* last, unsigned char* valid,
                  unsigned char* ready) {
    const auto add_load = [&](std::vector<Loader>& loads, const std::string& path) {
      auto bytes = read(path);
      if (!bytes || bytes->empty() || bytes->size() % 4 != 0) stop(2, path + ": no file of 32-bit words");
      loads.emplace_back(port, data, last, valid, ready, *std::move(bytes));
    };
    const auto found = std::find_if(options_.loads.begin(), options_.loads.end(),
                                    [&](const auto& load) { return load.first == port; });
    const bool named = found != options_.loads.end();
    if (!named || options_.load_after > 0) add_load(first_loads_, options_.vectors + "/" + port + ".bin");
    if (named) {
      add_load(options_.load_after > 0 ? later_loads_ : first_loads_, found->second);
      options_.loads.erase(found);
    }
  }

  void reset() {
    for (Source& source : sources_) source.drive(0);
    for (Loader& loader : first_loads_) loader.drive(false);
    top_->rst = 1;
    for (int i = 0; i < 4; ++i) clock();
    top_->rst = 0;
  }
  void clock() {
    top_->clk = 0;
    top_->eval();
    top_->clk = 1;
    top_->eval();
  }

  // One cycle; whether any port moved.
  bool step() {
    std::int64_t allowed = inferences_;
    if (!all_done(later_loads_)) allowed = options_.load_after;
    if (!all_done(first_loads_)) allowed = 0;
    if (options_.hold_after >= 0) allowed = std::min(allowed, options_.hold_after);
    for (Source& source : sources_) source.drive(allowed);
    for (Sink& sink : sinks_) sink.drive();
    for (Loader& loader : first_loads_) loader.drive(true);
    const bool later = all_done(first_loads_);
    for (Loader& loader : later_loads_) {
      if (later) loader.drive(completed() >= options_.load_after);
    }
    top_->clk = 0;
    top_->eval();
    bool moved = false;
    for (Source& source : sources_) moved |= source.sample(cycle_);
    for (Sink& sink : sinks_) {
      moved |= sink.sample(cycle_);
      if (!sink.fault().empty()) stop(1, "cycle " + std::to_string(cycle_) + ": " + sink.fault());
    }
    for (Loader& loader : later ? later_loads_ : first_loads_) moved |= loader.sample();
    errors_ += top_->error;
    top_->clk = 1;
    top_->eval();
    ++cycle_;
    return moved;
  }

  static bool all_done(const std::vector<Loader>& loads) {
    return std::all_of(loads.begin(), loads.end(), [](const Loader& load) { return load.done(); });
  }
  [[nodiscard]] std::int64_t completed() const {
    std::int64_t least = inferences_;
    for (const Sink& sink : sinks_) least = std::min(least, sink.completed());
    return least;
  }
  [[nodiscard]] bool done() const {
    return std::all_of(sinks_.begin(), sinks_.end(), [](const Sink& sink) { return sink.done(); });
  }
  [[nodiscard]] std::string states() const {
    std::string text;
    for (const Source& source : sources_) text += (text.empty() ? "" : "; ") + source.state();
    for (const Sink& sink : sinks_) text += "; " + sink.state();
    for (const Loader& loader : first_loads_) text += "; " + loader.state();
    for (const Loader& loader : later_loads_) text += "; then " + loader.state();
    return text;
  }

  // With what --vectors expects, inference by inference, from the start again where it has fewer.
  void compare(const Sink& sink) const {
    const std::string path = options_.vectors + "/" + sink.shape().port + ".bin";
    const auto expected = read(path);
    if (!expected) return;
    const std::size_t size = sink.shape().inference_bytes();
    if (expected->empty() || expected->size() % size != 0) stop(2, path + ": no whole inferences");
    const auto bytes = static_cast<std::size_t>(sink.shape().element_bytes());
    for (std::size_t i = 0; i < sink.file().size(); ++i) {
      if (sink.file()[i] == (*expected)[i % expected->size()]) continue;
      stop(1, std::string(sink.shape().port) + " '" + sink.shape().name + "': element " +
                  std::to_string(i % size / bytes) + " of inference " + std::to_string(i / size) +
                  " differs from what is expected");
    }
  }

  Options options_;
  VerilatedContext context_;
  std::unique_ptr<Valgean_top> top_;
  std::int64_t inferences_ = 0;
  std::vector<Source> sources_;
  std::vector<Sink> sinks_;
  std::vector<Loader> first_loads_;
  std::vector<Loader> later_loads_;
  std::int64_t cycle_ = 0;
  std::int64_t simulated_ = 0;
  std::int64_t errors_ = 0;
  double seconds_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Simulation simulation(parse(argc, argv));
  simulation.run();
  simulation.write_outputs();
  simulation.report();
  std::fflush(stdout);
  std::_Exit(0);  // a large model takes seconds to take down
}
