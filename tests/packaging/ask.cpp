// ask NAME: sends a running deployment one ramp per input, and prints what comes back, a number a line.
#include <cstdio>
#include <vector>

#include "runtime/client/client.hpp"

namespace {

algean::Tensor ramp(const algean::Port& port) {
  algean::Tensor tensor({algean::ElementType::float32(), port.type.shape});
  float value = 0;
  for (float& element : tensor.elements<float>()) element = value += 1.0F / 512;
  return tensor;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto client = algean::Client::connect(argv[1]);
  if (!client) {
    std::fprintf(stderr, "ask: %s\n", client.error().message.c_str());
    return 1;
  }
  std::vector<algean::NamedTensor> inputs;
  for (const algean::Port& port : (*client)->inputs()) inputs.push_back({port.name, ramp(port)});
  auto outputs = (*client)->infer(inputs, 5'000'000'000);
  if (!outputs) {
    std::fprintf(stderr, "ask: %s\n", outputs.error().message.c_str());
    return 1;
  }
  for (const algean::NamedTensor& output : *outputs) {
    for (const float value : output.tensor.elements<float>()) std::printf("%.9g\n", static_cast<double>(value));
  }
  return 0;
}
