#include "cluster/cli/batch.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/tensor/quantise.hpp"

namespace algean::cluster {
namespace {

constexpr std::size_t max_batch_bytes = std::size_t{4} << 30U;

// The type of `count` inferences: with a batch axis in front.
Result<TensorType> batched(const Port& port, const TensorType& type, std::int64_t count) {
  std::vector<std::int64_t> extents{count};
  extents.insert(extents.end(), type.shape.extents().begin(), type.shape.extents().end());
  auto shape = Shape::make(std::move(extents));
  if (!shape) return std::unexpected(shape.error().within(fmt::format("{} inferences of `{}`", count, port.name)));
  TensorType batch{type.element, *std::move(shape)};
  if (batch.bytes() > max_batch_bytes) {
    return bad_input("{} inferences of `{}`: {} bytes, at most {} at once; cut the input into several files", count,
                     port.name, batch.bytes(), max_batch_bytes);
  }
  return batch;
}

std::string expected(const TensorType& type) {
  const std::string text = type.shape.text();
  const std::string inner = type.shape.rank() == 0 ? "N]" : "N," + text.substr(1);
  return fmt::format("{}, or [{} for N inferences", type.text(), inner);
}

// Number of inferences that an array of this shape holds for a port's shape, or 0; 1 without a batch axis sets `bare`.
std::int64_t inferences(const Shape& array, const Shape& port, bool flat, bool& bare) {
  bare = false;
  if (flat && array.rank() == 2 && array[1] == port.elements()) return array[0];
  if (array == port) {
    bare = true;
    return 1;
  }
  const bool fits = array.rank() == port.rank() + 1 && std::ranges::equal(array.extents().subspan(1), port.extents());
  return fits ? array[0] : 0;
}

Result<Tensor> whole_numbers(const Tensor& from, const TensorType& to) {
  Tensor tensor(to);
  const auto size = static_cast<std::size_t>(to.shape.elements());
  const std::size_t bytes = to.element.bytes();
  for (std::size_t i = 0; i < size; ++i) {
    std::int64_t value = 0;
    if (from.type().element.is_float()) {
      const float real = from.elements<float>()[i];
      const bool whole = std::isfinite(real) && real == std::trunc(real) && std::fabs(real) <= 0x1p31F;
      if (!whole)
        return bad_input(
            "element {} is {}; the network takes {} (real numbers with \"io\": {{\"input\": \"float32\"}} in its "
            "net.json)",
            i, real, to.element.name());
      value = static_cast<std::int64_t>(real);
    } else {
      value = from.integer_at(i);
    }
    if (value < to.element.lowest() || value > to.element.highest()) {
      return bad_input("element {} is {}; the network takes {}, {} to {}", i, value, to.element.name(),
                       to.element.lowest(), to.element.highest());
    }
    std::memcpy(tensor.bytes().data() + i * bytes, &value, bytes);  // little endian: the low bytes come first
  }
  return tensor;
}

struct Conformed {
  Tensor tensor;
  bool bare = false;
};

Result<Conformed> conform(const NamedArray& array, const Port& port, bool flat) {
  const TensorType type = user_type(port);
  Conformed conformed;
  const Shape& shape = array.tensor.shape();
  const std::int64_t count = inferences(shape, type.shape, flat, conformed.bare);
  if (count == 0) {
    return bad_input("`{}` is {}; the network takes {}", port.name, array.tensor.type().text(), expected(type));
  }
  ALGEAN_ASSIGN(const TensorType target, batched(port, type, count));
  if (type.element.is_float() && !array.tensor.type().element.is_float()) {
    return bad_input("`{}` is {}; the network takes {}: scale it as for training and save it as float32", port.name,
                     array.tensor.type().text(), expected(type));
  }
  conformed.tensor = array.tensor;
  if (type.element.is_float()) {
    conformed.tensor.retype(target);
    return conformed;
  }
  auto integers = whole_numbers(array.tensor, target);
  if (!integers) return std::unexpected(integers.error().within("`" + port.name + "`"));
  conformed.tensor = *std::move(integers);
  return conformed;
}

Result<const NamedArray*> find_array(std::span<const NamedArray> arrays, std::span<const Port> ports,
                                     const Port& port) {
  if (arrays.size() == 1 && arrays[0].name.empty()) {
    if (ports.size() == 1) return arrays.data();
    std::vector<std::string> names;
    for (const Port& each : ports) names.push_back("`" + each.name + "`");
    return bad_input("one array, but the network has {} inputs: {}; a .npz holds arrays by name", ports.size(),
                     fmt::join(names, ", "));
  }
  const auto found = std::ranges::find(arrays, port.name, &NamedArray::name);
  if (found != arrays.end()) return &*found;
  std::vector<std::string> names;
  for (const NamedArray& array : arrays) names.push_back("`" + array.name + "`");
  return bad_input("no array for the input `{}`; the file has {}", port.name,
                   names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace

TensorType user_type(const Port& port) {
  if (port.form == ExternalForm::float32) return {ElementType::float32(), port.type.shape};
  return port.type;
}

std::vector<Tensor> Batch::inference(std::size_t index) const {
  ALGEAN_INVARIANT(index < count);
  std::vector<Tensor> single;
  for (const Tensor& tensor : tensors) {
    const auto extents = tensor.shape().extents().subspan(1);
    auto shape = Shape::make({extents.begin(), extents.end()});
    ALGEAN_INVARIANT(shape);
    Tensor one(TensorType{tensor.type().element, *std::move(shape)});
    std::memcpy(one.bytes().data(), tensor.bytes().data() + index * one.bytes().size(), one.bytes().size());
    single.push_back(std::move(one));
  }
  return single;
}

Result<Batch> make_batch(std::span<const NamedArray> arrays, std::span<const Port> ports, bool flat) {
  Batch batch;
  std::string first;
  for (const Port& port : ports) {
    ALGEAN_ASSIGN(const NamedArray* array, find_array(arrays, ports, port));
    ALGEAN_ASSIGN(Conformed conformed, conform(*array, port, flat));
    const auto count = static_cast<std::size_t>(conformed.tensor.shape()[0]);
    if (batch.tensors.empty()) {
      batch.count = count;
      batch.has_batch_axis = !conformed.bare;
      first = port.name;
    } else if (count != batch.count) {
      return bad_input("`{}` holds {} inferences, but `{}` holds {}", port.name, count, first, batch.count);
    }
    batch.tensors.push_back(std::move(conformed.tensor));
  }
  return batch;
}

Result<Batch> read_batch(const std::filesystem::path& file, std::span<const Port> ports) {
  ALGEAN_ASSIGN(const auto arrays, read_arrays(file));
  auto batch = make_batch(arrays, ports, file.extension() == ".csv");
  if (!batch) return std::unexpected(batch.error().within(file.string()));
  return batch;
}

Result<Gatherer> Gatherer::make(std::span<const Port> ports, std::size_t count, bool batch_axis) {
  Gatherer gatherer;
  for (const Port& port : ports) {
    TensorType type = user_type(port);
    if (batch_axis) {
      ALGEAN_ASSIGN(type, batched(port, type, static_cast<std::int64_t>(count)));
    }
    gatherer.arrays_.push_back({port.name, Tensor(std::move(type))});
  }
  return gatherer;
}

void Gatherer::put(std::size_t index, std::span<const Tensor> outputs) {
  ALGEAN_INVARIANT(outputs.size() == arrays_.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto from = outputs[i].bytes();
    const auto to = arrays_[i].tensor.bytes();
    ALGEAN_INVARIANT((index + 1) * from.size() <= to.size());
    std::memcpy(to.data() + index * from.size(), from.data(), from.size());
  }
}

std::vector<float> real_values(const Tensor& tensor) {
  if (tensor.type().element.is_float()) {
    const auto values = tensor.elements<float>();
    return {values.begin(), values.end()};
  }
  std::vector<float> real(static_cast<std::size_t>(tensor.shape().elements()));
  if (tensor.type().element.quantisation()) {
    dequantise_into(tensor.bytes(), tensor.type().element, real);
  } else {
    for (std::size_t i = 0; i < real.size(); ++i) real[i] = static_cast<float>(tensor.integer_at(i));
  }
  return real;
}

std::string short_text(const Tensor& tensor, std::size_t most) {
  const auto size = static_cast<std::size_t>(tensor.shape().elements());
  std::string text;
  for (std::size_t i = 0; i < std::min(size, most); ++i) {
    text += i == 0 ? "" : " ";
    text += tensor.type().element.is_float() ? fmt::format("{:.6g}", tensor.elements<float>()[i])
                                             : fmt::format("{}", tensor.integer_at(i));
  }
  if (size > most) text += fmt::format(" ... ({} more)", size - most);
  return text;
}

}  // namespace algean::cluster
