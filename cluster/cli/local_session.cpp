#include <cstring>

#include "cluster/cli/session.hpp"
#include "kernels/program/program.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::cluster {
namespace {

class LocalSession final : public Session {
 public:
  explicit LocalSession(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {
    for (const Port& port : engine_->inputs()) inputs_.emplace_back(port.type);
    for (const Port& port : engine_->outputs()) outputs_.emplace_back(port.type);
    for (const Tensor& tensor : inputs_) from_.push_back(tensor.bytes().data());
    for (Tensor& tensor : outputs_) to_.push_back(tensor.bytes().data());
  }
  [[nodiscard]] std::span<const Port> inputs() const override { return engine_->inputs(); }
  [[nodiscard]] std::span<const Port> outputs() const override { return engine_->outputs(); }

  Result<std::vector<NamedArray>> infer(const Batch& batch, const Progress& progress) override {
    ALGEAN_ASSIGN(Gatherer gatherer, Gatherer::make(engine_->outputs(), batch.count, true));
    for (std::size_t index = 0; index < batch.count; ++index) {
      progress(index, batch.count);
      const std::vector<Tensor> inputs = batch.inference(index);
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        auto taken = take(inputs[i], engine_->inputs()[i], inputs_[i]);
        if (!taken) return std::unexpected(taken.error().within(fmt::format("inference {}", index)));
      }
      engine_->run(from_, to_);
      gatherer.put(index, answers());
    }
    return std::vector<NamedArray>(gatherer.arrays().begin(), gatherer.arrays().end());
  }

 private:
  [[nodiscard]] std::vector<Tensor> answers() const {
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const bool real = engine_->outputs()[i].form == ExternalForm::float32 && outputs_[i].type().element.is_integer();
      tensors.push_back(real ? dequantise(outputs_[i]) : outputs_[i]);
    }
    return tensors;
  }

  static Result<> take(const Tensor& given, const Port& port, Tensor& wire) {
    if (given.type().element.is_integer() || port.type.element.is_float()) {
      std::memcpy(wire.bytes().data(), given.bytes().data(), wire.bytes().size());
      return {};
    }
    const std::size_t bad = quantise_into(given.elements<float>(), port.type.element, wire.bytes());
    if (bad < static_cast<std::size_t>(given.shape().elements())) {
      return bad_input("`{}`: element {} is NaN, which no integer stands for", port.name, bad);
    }
    return {};
  }

  std::unique_ptr<Engine> engine_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
  std::vector<const std::byte*> from_;
  std::vector<std::byte*> to_;
};

}  // namespace

Result<std::unique_ptr<Session>> open_local(const kernels::Graph& graph, kernels::Families families) {
  ALGEAN_ASSIGN(auto engine, kernels::make_engine(graph, families));
  return std::make_unique<LocalSession>(std::move(engine));
}

}  // namespace algean::cluster
