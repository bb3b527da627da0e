// ONNX Runtime as a peer, where npm's package onnxruntime-node brought its library (.ci/packages/bench.npm.txt).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::bench {

// A model on one thread, all optimisations on, as a session of its C interface with one float32 input and one float32
// output, or int8 ones.
class OnnxRuntime {
 public:
  enum class Element : std::uint8_t { float32, int8 };
  struct Port {
    std::string name;
    std::vector<std::int64_t> shape;  // batch included
    Element element = Element::float32;
  };
  // bad_input names what is missing: the library, or the model.
  static Result<std::unique_ptr<OnnxRuntime>> load(const std::string& model, const Port& input, const Port& output);
  ~OnnxRuntime();
  OnnxRuntime(const OnnxRuntime&) = delete;
  OnnxRuntime& operator=(const OnnxRuntime&) = delete;

  void run();
  [[nodiscard]] std::span<std::byte> input();
  [[nodiscard]] std::span<const std::byte> output() const;
  // "ONNX Runtime 1.30.0".
  [[nodiscard]] std::string name() const;

 private:
  struct Session;
  explicit OnnxRuntime(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

}  // namespace algean::bench
