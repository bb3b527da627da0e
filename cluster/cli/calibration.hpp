// The file of `algean calibrate`: what a vendor's tool says of modules.
#pragma once

#include <filesystem>

#include "kernels/cost/reports.hpp"

namespace algean::cluster {

// {"version": 1, "modules": {NAME: {"lut", "ff", "dsp", "bram18", "uram"}}}. bad_input names file, line and key.
Result<kernels::Measured> read_calibration(const std::filesystem::path& path);
Result<> write_calibration(const std::filesystem::path& path, const kernels::Measured& measured);

}  // namespace algean::cluster
