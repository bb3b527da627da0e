// What a family states about its layers in HLS C++: calls of the library's kernels (kernels/*/hls), the streams between
// them, and their tables. A plain value; kernels/hls prints it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/family/hardware.hpp"

namespace algean::kernels {

// A stream between kernels: `type` is C++'s own integer of an element, such as "std::int8_t".
struct HlsStream {
  Stream form;
  std::string type = "std::int8_t";
  bool operator==(const HlsStream&) const = default;
};

// An array of constants, the last extent innermost.
struct HlsTable {
  std::string name;  // unique in its stage: "weight"
  std::string type;  // of an element
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> values;
};

struct HlsNumber {
  std::string name;
  std::int64_t value = 0;
};
struct HlsType {
  std::string name;  // "rule"
  std::string type;  // "algean::hls::scaled_rule"
};

// The order of a call's arguments: most kernels take their streams first.
enum class HlsArguments : std::uint8_t {
  inputs_outputs_tables,
  outputs_tables_inputs,
  inputs_tables_outputs,
};

// A call of a kernel, a function template of its configuration.
struct HlsStage {
  std::string function;            // "matvec", of namespace algean::hls
  std::string header;              // "kernels/dense/hls/matvec.hpp"
  std::string name;                // unique in its layer: "matvec"
  std::vector<HlsNumber> numbers;  // the configuration's members
  std::vector<HlsType> types;
  std::vector<HlsTable> tables;     // in the order of the function's parameters; no values: a null pointer
  std::vector<std::size_t> inputs;  // indices of streams
  std::vector<std::size_t> outputs;
  HlsArguments arguments = HlsArguments::inputs_outputs_tables;
};

// Each stream has one writer (a stage or an input) and one reader (a stage or an output). Stages stand in the order of
// their calls.
struct HlsLayer {
  std::vector<HlsStream> streams;
  std::vector<HlsStage> stages;
  std::vector<std::size_t> inputs;
  std::vector<std::size_t> outputs;

  std::size_t add_stream(HlsStream stream) {
    streams.push_back(std::move(stream));
    return streams.size() - 1;
  }
  // A stage that gives `from` as `to` says: other lanes, other rows. `from` itself where they are the same.
  std::size_t repack(std::size_t from, const Stream& to);
};

class HlsForm {
 public:
  virtual ~HlsForm() = default;
  // The cheapest folding with which a verified integer layer takes at most that many cycles an inference; where there
  // is none, the fastest. bad_input names what the layer has that there is no HLS for.
  [[nodiscard]] virtual Result<Folding> folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                std::span<const TensorType> outputs,
                                                std::int64_t interval_cycles) const = 0;
  // The layer's stages; bad_input also for a folding that the layer cannot have.
  [[nodiscard]] virtual Result<HlsLayer> stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                std::span<const TensorType> outputs, const Folding& folding) const = 0;
};

// --- What several families need of this.

// The type of a tensor's elements and how it travels, in beats of `lanes` (at most a row's elements). bad_input for
// types that HLS streams do not carry.
[[nodiscard]] Result<HlsStream> hls_stream_of(const TensorType& type, std::int64_t lanes);

// bad_input unless 1 <= simd <= most_simd and 1 <= pe <= most_pe.
[[nodiscard]] Result<> check_hls_folding(const Folding& folding, std::int64_t most_simd, std::int64_t most_pe);

// Lanes, fewest first, up to `most`, each with fewer beats a row than the one before.
[[nodiscard]] std::vector<std::int64_t> lane_choices(std::int64_t elements, std::int64_t most);

// Of a layer without a matrix: the fewest lanes with which `rows` rows of `elements`, a cycle a beat and `passes` of
// them, take at most that many cycles.
[[nodiscard]] Folding fewest_lanes(std::int64_t rows, std::int64_t elements, std::int64_t passes,
                                   std::int64_t interval_cycles);

// Elements in the order of `rows` x `elements` as beats of `lanes`, filled up with zeros: rows of a table
// [beats][lanes].
[[nodiscard]] std::vector<std::int64_t> in_beats(std::span<const std::int64_t> values, std::int64_t elements,
                                                 std::int64_t lanes);

}  // namespace algean::kernels
