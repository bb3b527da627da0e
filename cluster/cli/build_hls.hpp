// `algean build NET -o DIR --hls`
#pragma once

#include <string>

#include "cluster/cli/build_rtl.hpp"

namespace algean::cluster {

struct HlsArguments {
  bool hls = false;
  bool axi_lite = false;
};

void add_hls_options(Command& command, HlsArguments& arguments);
// Refuses options of --hls without it, and those of --rtl that --hls does not have.
Result<> check_hls(const HlsArguments& arguments, const RtlArguments& rtl);
// --interval, --layers and --vectors are those of --rtl.
Result<Outcome> build_hls(const std::vector<std::string>& files, const std::string& output,
                          const HlsArguments& arguments, const RtlArguments& rtl, Context& context);

}  // namespace algean::cluster
