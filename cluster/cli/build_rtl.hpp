// `algean build NET -o DIR --rtl`
#pragma once

#include <string>

#include "cluster/cli/hardware.hpp"

namespace algean::cluster {

constexpr std::size_t default_vectors = 8;

struct RtlArguments {
  bool rtl = false;
  HardwareArguments hardware;
  std::size_t vectors = 0;      // inferences in vectors/; 0: default_vectors
  std::size_t bridge_bits = 0;  // of AXI4-Stream ports; 0: there are none

  [[nodiscard]] std::size_t vector_count() const { return vectors == 0 ? default_vectors : vectors; }
};

void add_rtl_options(Command& command, RtlArguments& arguments);
// Refuses options that go with --rtl where it is not there.
Result<> check_without_rtl(const RtlArguments& arguments);
Result<Outcome> build_rtl(const std::vector<std::string>& files, const std::string& output,
                          const RtlArguments& arguments, Context& context);

}  // namespace algean::cluster
