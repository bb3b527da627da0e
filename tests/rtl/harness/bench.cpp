#include "tests/rtl/harness/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "tests/rtl/harness/checker.hpp"

namespace algean::rtl {
namespace {

// How writers and readers stutter.
struct Pattern {
  const char* name;
  unsigned valid_percent;
  unsigned ready_percent;
  bool shy = false;     // readers wait for a beat before they are ready
  bool markers = true;  // markers in the plan
};
constexpr std::array patterns{
    Pattern{"steady", 100, 100, false, false},
    Pattern{"100/100", 100, 100},
    Pattern{"100/30", 100, 30},
    Pattern{"30/100", 30, 100},
    Pattern{"50/50", 50, 50},
    Pattern{"90/shy", 90, 80, true},
};

constexpr std::size_t steady_inferences = 5;
constexpr std::size_t idle_cycles = 20;         // behind the last beat, in which nothing more may come
constexpr std::size_t babble_cycles = 25;       // of nonsense before each reset
constexpr std::size_t patience_cycles = 20000;  // without a beat of a case anywhere, it stalls

// One case in one run.
class Run {
 public:
  Run(const Instance& instance, const Model& model) : what_(&instance.what), model_(&model) {
    const Ports& p = instance.ports;
    const auto add = [](const std::vector<StreamShape>& shapes, auto&& put) {
      std::size_t data_at = 0;
      for (std::size_t i = 0; i < shapes.size(); ++i) {
        put(shapes[i], i, data_at);
        data_at += shapes[i].lanes * shapes[i].bits;
      }
    };
    add(what_->inputs, [&](const StreamShape& shape, std::size_t index, std::size_t at) {
      sources.emplace_back(StreamPort{p.s_data, p.s_last, p.s_mark, p.s_valid, p.s_ready, shape, index, at});
    });
    add(what_->outputs, [&](const StreamShape& shape, std::size_t index, std::size_t at) {
      sinks.emplace_back(StreamPort{p.m_data, p.m_last, p.m_mark, p.m_valid, p.m_ready, shape, index, at});
    });
  }

  void begin(const Pattern& pattern, Random& random) {
    pattern_ = &pattern;
    checkers.assign(sinks.size(), {});
    ends.clear();
    idle_ = 0;
    quiet_ = 0;
    for (Source& source : sources) source.clear();
    for (Sink& sink : sinks) sink.clear();
    if (!pattern.markers) {
      for (std::size_t i = 0; i < steady_inferences; ++i) plan_inference(random, false);
      return;
    }
    for (const char step : std::string("wwwwcmwcmmwwmcmcmw")) {
      if (step == 'm') plan_marker();
      if (step != 'm') plan_inference(random, step == 'c');
    }
  }

  // Before a reset, which is to put everything right.
  void babble(Random& random) {
    for (Source& source : sources) source.babble(random);
    for (Sink& sink : sinks) sink.accept(random, 30, false);
  }
  void drive(Random& random) {
    for (Source& source : sources) source.offer(random, pattern_->valid_percent);
    for (Sink& sink : sinks) sink.refuse();
  }
  void look(Random& random) {
    for (Sink& sink : sinks) {
      if (auto broken = sink.look()) fail(*broken);
      sink.accept(random, pattern_->ready_percent, pattern_->shy);
    }
  }
  void settle(std::size_t cycle) {
    bool moved = false;
    for (Source& source : sources) moved = source.settle() || moved;
    for (std::size_t i = 0; i < sinks.size(); ++i) {
      if (sinks[i].wavered()) fail("what is offered depends on ready");
      const std::optional<Beat> beat = sinks[i].settle();
      if (!beat) continue;
      moved = true;
      if (auto wrong = checkers[i].take(*beat)) fail(fmt::format("output {}: {}", i, *wrong));
      if (i == 0 && beat->last && !beat->mark) ends.push_back(cycle);
    }
    quiet_ = moved ? 0 : quiet_ + 1;
    if (quiet_ > patience_cycles) fail("stalls");
    const auto done = [](const auto& each) { return each.done(); };
    const auto empty = [](const Source& source) { return source.empty(); };
    if (std::ranges::all_of(checkers, done) && std::ranges::all_of(sources, empty)) ++idle_;
  }
  [[nodiscard]] bool finished() const { return !failure.empty() || idle_ > idle_cycles; }

  void check_interval() {
    if (!pattern_ || pattern_->markers || !failure.empty() || !model_->interval) return;
    const std::size_t wanted = (steady_inferences - 2) * model_->interval(*what_);
    const std::size_t taken = ends.back() - ends[1];
    if (taken != wanted) {
      fail(fmt::format("took {} cycles for {} inferences, not {}", taken, steady_inferences - 2, wanted));
    }
  }

  std::vector<Source> sources;
  std::vector<Sink> sinks;
  std::vector<Checker> checkers;
  std::vector<std::size_t> ends;  // cycles of output 0's last beats
  std::string failure;
  [[nodiscard]] const Case& what() const { return *what_; }

 private:
  // Whole, or cut: one input at least lacks beats.
  void plan_inference(Random& random, bool cut) {
    std::vector<Elements> inputs;
    if (model_->inputs) {
      inputs = model_->inputs(*what_, random);
    } else {
      for (const StreamShape& shape : what_->inputs) inputs.push_back(random_tensor(shape, random));
    }
    const std::size_t short_one = random() % sources.size();
    for (std::size_t i = 0; i < sources.size(); ++i) {
      std::vector<Beat> beats = to_beats(what_->inputs[i], inputs[i]);
      if (cut) beats.resize(random() % (beats.size() + (i == short_one ? 0 : 1)));
      sources[i].send(beats);
    }
    const std::vector<Elements> outputs = model_->reference(*what_, inputs);
    for (std::size_t i = 0; i < sinks.size(); ++i) {
      checkers[i].expect({to_beats(what_->outputs[i], outputs.at(i)), !cut});
    }
  }
  void plan_marker() {
    for (std::size_t i = 0; i < sources.size(); ++i) sources[i].send({marker(what_->inputs[i])});
    for (std::size_t i = 0; i < sinks.size(); ++i) checkers[i].expect({{marker(what_->outputs[i])}, true});
  }
  void fail(const std::string& why) {
    if (failure.empty()) failure = fmt::format("{} ({}), {}: {}", what_->name, what_->module, pattern_->name, why);
  }

  const Case* what_;
  const Model* model_;
  const Pattern* pattern_ = nullptr;
  std::size_t idle_ = 0;
  std::size_t quiet_ = 0;
};

// All runs together, until each is finished.
void run_pattern(const Top& top, std::vector<Run>& runs, const Pattern& pattern, Random& random) {
  std::vector<Run*> active;
  for (Run& run : runs) {
    if (run.failure.empty()) active.push_back(&run);
  }
  for (std::size_t cycle = 0; cycle < babble_cycles; ++cycle) {
    for (Run* run : active) run->babble(random);
    top.settle();
    top.edge();
  }
  for (Run* run : active) run->begin(pattern, random);
  top.reset(true);
  top.edge();
  top.reset(false);
  for (std::size_t cycle = 0; !active.empty(); ++cycle) {
    for (Run* run : active) run->drive(random);
    top.settle();
    for (Run* run : active) run->look(random);
    top.settle();
    for (Run* run : active) run->settle(cycle);
    top.edge();
    std::erase_if(active, [](const Run* run) { return run->finished(); });
  }
  for (Run& run : runs) run.check_interval();
}

// 0 when every case without a mutation passed, and every mutation made one fail.
int report(const std::vector<Run>& runs) {
  std::map<std::string, std::string> caught;  // by mutation: what failed
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const Run& run : runs) {
    const std::string& mutation = run.what().mutation;
    if (!mutation.empty()) {
      std::string& by = caught[mutation];
      if (by.empty()) by = run.failure;
    } else if (run.failure.empty()) {
      ++passed;
    } else {
      ++failed;
      fmt::print("FAILED {}\n", run.failure);
    }
  }
  std::size_t missed = 0;
  for (const auto& [mutation, by] : caught) {
    if (by.empty()) ++missed;
    fmt::print("{} {}{}\n", by.empty() ? "MISSED" : "caught", mutation, by.empty() ? "" : "\n       by " + by);
  }
  fmt::print("{} cases passed, {} failed; {} mutations caught, {} missed\n", passed, failed, caught.size() - missed,
             missed);
  return failed == 0 && missed == 0 && passed + caught.size() > 0 ? 0 : 1;
}

StreamShape parse_shape(const std::string& text) {
  StreamShape shape;
  char x = 0;
  char slash = 0;
  char colon = 0;
  std::istringstream in(text);
  in >> shape.rows >> x >> shape.elements >> slash >> shape.lanes >> colon >> shape.bits;
  if (!in || x != 'x' || slash != '/' || colon != ':') {
    throw std::invalid_argument(fmt::format("{} is not ROWSxELEMENTS/LANES:BITS", text));
  }
  return shape;
}

std::vector<StreamShape> parse_shapes(const std::string& text) {
  std::vector<StreamShape> shapes;
  std::istringstream in(text);
  for (std::string word; in >> word;) shapes.push_back(parse_shape(word));
  return shapes;
}

}  // namespace

Case parse_case(const std::string& name, const std::string& module, const std::string& parameters,
                const std::string& inputs, const std::string& outputs, const std::string& mutation) {
  Case result{name, module, {}, parse_shapes(inputs), parse_shapes(outputs), mutation};
  std::istringstream in(parameters);
  for (std::string word; in >> word;) {
    const std::size_t equals = word.find('=');
    result.parameters[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return result;
}

int run_bench(const Models& models, const Top& top, const std::vector<Instance>& instances, std::uint64_t seed) {
  Random random(seed);
  std::vector<Run> runs;
  for (const Instance& instance : instances) runs.emplace_back(instance, models.at(instance.what.module));
  for (const Pattern& pattern : patterns) run_pattern(top, runs, pattern, random);
  return report(runs);
}

}  // namespace algean::rtl
