// `algean build NET -o DIR --rtl`
#pragma once

#include <string>

#include "cluster/cli/hardware.hpp"

namespace algean::cluster {

struct RtlArguments {
  bool rtl = false;
  HardwareArguments hardware;
  std::size_t vectors = 8;
  std::size_t bridge_bits = 0;  // of AXI4-Stream ports; 0: there are none
};

void add_rtl_options(Command& command, RtlArguments& arguments);
// Refuses options that go with --rtl where it is not there.
Result<> check_without_rtl(const RtlArguments& arguments);
Result<Outcome> build_rtl(const std::vector<std::string>& files, const std::string& output,
                          const RtlArguments& arguments, Context& context);

}  // namespace algean::cluster
