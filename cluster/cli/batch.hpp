// A user's arrays as the inferences that they hold, and back.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "runtime/engine/engine.hpp"
#include "runtime/tensor/array_file.hpp"

namespace algean::cluster {

// What a user hands over for a port: float32, or the integers of the wire.
[[nodiscard]] TensorType user_type(const Port& port);

// Inputs in the order of the ports, each [count, extents of the port...], of the ports' user types.
struct Batch {
  std::size_t count = 0;
  bool has_batch_axis = true;  // false: the arrays held one inference without that axis
  std::vector<Tensor> tensors;

  // The tensors of one inference, without the batch axis. index < count.
  [[nodiscard]] std::vector<Tensor> inference(std::size_t index) const;
};

// From a .npy or .csv (a network of one input) or a .npz (arrays by input name; others are ignored). Each array has the
// port's shape, or that behind a batch axis; a .csv has one row an inference. A float32 port takes floats only; an
// integer port takes whole numbers in its range. bad_input names the file, the input and the rule.
Result<Batch> read_batch(const std::filesystem::path& file, std::span<const Port> ports);

// The same for arrays at hand; `flat`: rows may hold an inference's elements without its shape, as in a .csv.
Result<Batch> make_batch(std::span<const NamedArray> arrays, std::span<const Port> ports, bool flat);

// Gathers outputs, one inference at a time, into arrays named after the ports.
class Gatherer {
 public:
  // Room for `count` inferences; bad_input when they are more than a tensor can hold.
  static Result<Gatherer> make(std::span<const Port> ports, std::size_t count, bool batch_axis);
  void put(std::size_t index, std::span<const Tensor> outputs);
  [[nodiscard]] std::span<const NamedArray> arrays() const { return arrays_; }

 private:
  Gatherer() = default;
  std::vector<NamedArray> arrays_;
};

// Real numbers of a user-form tensor: floats as they are, integers by their quantisation (or as they are without one).
std::vector<float> real_values(const Tensor& tensor);

// First of the tensor's elements for people: "0.0124 0.93 ... (3 more)".
std::string short_text(const Tensor& tensor, std::size_t most = 8);

}  // namespace algean::cluster
