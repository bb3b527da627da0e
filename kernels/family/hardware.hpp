// What a family states about its layers in SystemVerilog.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/family/layer.hpp"
#include "kernels/family/netlist.hpp"

namespace algean::kernels {

// How much of a layer works at once. A matrix of n_out x n_in is walked in ceil(n_in / simd) * ceil(n_out / pe) cycles
// a vector, the last fold filled up with zeros. Layers without a matrix take `simd` elements a cycle, and pe is 1.
struct Folding {
  std::int64_t simd = 1;
  std::int64_t pe = 1;
  bool operator==(const Folding&) const = default;
};

struct HardwareOptions {
  bool packed = true;     // two int8 products in one DSP48E2, where the layer can
  bool loadable = false;  // weights behind a load port, in two banks of block RAM
  bool ultra = false;     // of UltraRAM, where they are loadable
};

// Clock cycles of a layer alone, its source never idle and its sink always ready.
struct Cycles {
  std::int64_t interval = 0;  // from the end of one inference's output to the end of the next's
  std::int64_t latency = 0;   // from the first beat taken to the last beat given, of the first inference
  // Beats of input 0 that must have been taken before the first beat of output 0 can be given; a skip path beside the
  // layer must hold as much.
  std::int64_t lag_beats = 1;
};

class Hardware {
 public:
  virtual ~Hardware() = default;
  // Foldings of a verified integer layer worth having, fewest multipliers (or lanes) first, each faster than the one
  // before. bad_input names what the layer has that there is no hardware for.
  [[nodiscard]] virtual Result<std::vector<Folding>> foldings(const LayerSpec& layer,
                                                              std::span<const TensorType> inputs,
                                                              std::span<const TensorType> outputs,
                                                              const HardwareOptions& options) const = 0;
  // The layer's modules. Streams of inputs and outputs have the lanes that suit the folding best; who connects layers
  // puts a algean_repack between streams that differ. bad_input for a folding that the layer cannot have.
  [[nodiscard]] virtual Result<Netlist> netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                std::span<const TensorType> outputs, const Folding& folding,
                                                const HardwareOptions& options) const = 0;
  // Of a folding that netlist() takes.
  [[nodiscard]] virtual Cycles cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                                      std::span<const TensorType> outputs, const Folding& folding,
                                      const HardwareOptions& options) const = 0;
};

}  // namespace algean::kernels
