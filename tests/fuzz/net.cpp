// Any text as net.json: what is refused says where and why; what is accepted keeps the rules that its readers rely on.
#include "partitioner/net/net.hpp"

#include "tests/fuzz/mutated_text.hpp"
#include "tests/fuzz/require.hpp"

namespace algean::partitioner {
namespace {

// /dev/null stands for every file that a net names.
constexpr std::string_view example = R"({"version": 1, "name": "net",
 "model": {"file": "null", "weights": "null"},
 "precision": {"default": "int8", "layers": {"fc": "int8"}},
 "calibration": {"inputs": "null", "method": "percentile", "percentile": 99.9},
 "check": {"inputs": "null", "outputs": "null", "tolerance": 0.5},
 "io": {"input": "integer", "output": "float32"},
 "target": {"interval_cycles": 300, "clock_mhz": 200},
 "layers": {"fc": {"node": "a", "reuse_factor": 4}}})";

void fuzz(FuzzedDataProvider& data) {
  const bool is_yaml = data.ConsumeBool();
  const std::string text =
      data.ConsumeBool() ? mutated(std::string(example), data) : data.ConsumeRemainingBytesAsString();
  const auto net = parse_net(text, is_yaml ? "/dev/net.yaml" : "/dev/net.json");
  if (!net) {
    FUZZ_REQUIRE(net.error().kind == ErrorKind::bad_input);
    FUZZ_REQUIRE(net.error().message.starts_with("/dev/net."));
    return;
  }
  FUZZ_REQUIRE(!net->name.empty() && net->name.size() <= 64);
  FUZZ_REQUIRE(net->model.file.path.string().starts_with("/"));
  if (net->calibration) FUZZ_REQUIRE(net->calibration->percentile > 50 && net->calibration->percentile <= 100);
  if (net->check && net->check->expected) FUZZ_REQUIRE(net->check->expected->tolerance >= 0);
  if (net->target) FUZZ_REQUIRE(net->target->interval_cycles.has_value() != net->target->inferences_per_s.has_value());
  for (const Net::LayerHint& hint : net->layers) FUZZ_REQUIRE(!hint.layer.empty());
}

}  // namespace
}  // namespace algean::partitioner

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  algean::partitioner::fuzz(provider);
  return 0;
}
