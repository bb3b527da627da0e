// Stages as text: their configurations, tables and calls.
#pragma once

#include <span>
#include <string>

#include "kernels/family/hls.hpp"

namespace algean::kernels::hls_text {

// "algean::hls::stream<std::int8_t, 4>"
std::string stream_type(const HlsStream& stream);
// "struct window { ... };" with two more spaces of indentation on each line.
std::string configuration(const HlsStage& stage);
// "static const std::int8_t matvec_weight[9][4][3] = {...};" for each table that has values.
std::string tables(const HlsStage& stage);
// "algean::hls::matvec<conv1::matvec>(s0, s1, conv1::matvec_weight);" `scope`: where configuration and tables are,
// "conv1::".
std::string call(const HlsStage& stage, const std::string& scope, std::span<const std::string> inputs,
                 std::span<const std::string> outputs);

}  // namespace algean::kernels::hls_text
