#include "kernels/cost/models/stream.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/cost/memory.hpp"
#include "kernels/cost/parts.hpp"

namespace algean::kernels::cost {
namespace {

std::int64_t word_bits(const ModuleInstance& instance) {
  return number_or(instance, "BITS", 8) * instance.number("LANES") + 2;
}

Resources nothing(const ModuleInstance&) { return {}; }

Terms register_luts(const ModuleInstance& instance) { return {1.0, static_cast<double>(word_bits(instance))}; }
Terms register_ffs(const ModuleInstance& instance) { return {1.0, static_cast<double>(2 * word_bits(instance))}; }

Resources exact(const ModuleInstance& instance) { return exact_fifo(word_bits(instance), instance.number("DEPTH")); }
Terms fifo_lut_terms(const ModuleInstance& instance) {
  const std::int64_t depth = instance.number("DEPTH");
  const bool block = depth > 64;
  return {1.0, block ? 0.0 : fifo_luts(word_bits(instance), depth), block ? static_cast<double>(clog2(depth)) : 0.0,
          block ? static_cast<double>(block_ram(word_bits(instance), depth).luts) : 0.0};
}
Terms fifo_ff_terms(const ModuleInstance& instance) {
  return {1.0, fifo_ffs(word_bits(instance), instance.number("DEPTH"))};
}

Terms clone_terms(const ModuleInstance& instance) { return {1.0, static_cast<double>(instance.number("OUTPUTS"))}; }

// algean_repack's forms, in granules of elements that always travel together.
struct Repack {
  explicit Repack(const ModuleInstance& instance) {
    const std::int64_t in_elements = instance.number("IN_ELEMENTS");
    const std::int64_t out_elements = instance.number("OUT_ELEMENTS");
    const std::int64_t in_lanes = instance.number("IN_LANES");
    const std::int64_t out_lanes = instance.number("OUT_LANES");
    std::int64_t granule = std::gcd(in_lanes, out_lanes);
    if (in_elements != out_elements) granule = std::gcd(granule, std::gcd(in_elements, out_elements));
    width = granule * number_or(instance, "BITS", 8);
    in = in_lanes / granule;
    out = out_lanes / granule;
    in_row = round_up_div(in_elements, granule);
    out_row = round_up_div(out_elements, granule);
  }
  [[nodiscard]] bool wires() const { return in == 1 && out == 1; }
  [[nodiscard]] bool narrow() const { return in > 1 && out == 1; }
  [[nodiscard]] bool wide() const { return in == 1 && out > 1; }
  [[nodiscard]] bool gearbox() const { return in > 1 && out > 1; }
  [[nodiscard]] std::int64_t store() const { return in + out - 1; }
  // Ways from a place of the gearbox's store to another, and from an input granule to a place.
  [[nodiscard]] std::int64_t moves() const {
    std::int64_t ways = 0;
    for (std::int64_t place = 0; place < store(); ++place) ways += std::min(out, store() - 1 - place);
    return ways;
  }
  [[nodiscard]] std::int64_t arrivals() const {
    std::int64_t ways = 0;
    for (std::int64_t place = 0; place < store(); ++place) ways += std::min(place + 1, in);
    return ways;
  }

  std::int64_t width, in, out, in_row, out_row;
};

Terms repack_luts(const ModuleInstance& instance) {
  const Repack form(instance);
  const auto real = [](bool when, std::int64_t value) { return when ? static_cast<double>(value) : 0.0; };
  return {real(form.narrow(), 1),
          real(form.narrow(), form.width * round_up_div(form.in, 3)),
          real(form.wide(), 1),
          real(form.wide(), form.width * form.out),
          real(form.wide() || form.narrow(), clog2(form.in_row) + clog2(form.out_row)),
          real(form.gearbox(), 1),
          real(form.gearbox(), form.width * form.moves()),
          real(form.gearbox(), form.width * form.arrivals()),
          real(form.gearbox(), form.width * form.out),
          real(form.gearbox(), form.store() * (form.in + form.out))};
}

Terms repack_ffs(const ModuleInstance& instance) {
  const Repack form(instance);
  const auto real = [](bool when, std::int64_t value) { return when ? static_cast<double>(value) : 0.0; };
  return {real(!form.wires(), 1), real(form.wide(), form.width * form.out),
          real(form.gearbox(), form.width * form.store()),
          real(!form.wires(), clog2(form.in_row) + clog2(form.out_row) + clog2(form.store()))};
}

}  // namespace

Model register_model() { return {"algean_register", nothing, register_luts, register_ffs}; }
Model fifo_model() { return {"algean_fifo", exact, fifo_lut_terms, fifo_ff_terms}; }
Model clone_model() { return {"algean_clone", nothing, clone_terms, clone_terms}; }
Model repack_model() { return {"algean_repack", nothing, repack_luts, repack_ffs}; }

}  // namespace algean::kernels::cost
