#include "kernels/hls/print.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "kernels/emit/text.hpp"
#include "kernels/hls/tables.hpp"

namespace algean::kernels {
namespace {

using hls_text::stream_type;

std::string includes(const std::set<std::string>& headers) {
  std::string text;
  for (const std::string& header : headers) text += fmt::format("#include \"{}\"\n", header);
  return text;
}

std::string declared(const std::string& name, const HlsStream& stream, std::int64_t depth) {
  return fmt::format("  {} {}(\"{}\");\n#pragma HLS STREAM variable = {} depth = {}\n", stream_type(stream), name, name,
                     name, depth);
}

// A vector waits before a matrix unit until the one before it is done with.
std::int64_t depth_before(const HlsStage& reader) {
  if (reader.function != "matvec") return 2;
  for (const HlsNumber& number : reader.numbers) {
    if (number.name == "folds") return std::max<std::int64_t>(2, number.value);
  }
  return 2;
}

std::string types_of(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<std::string> texts;
  for (const ValueId value : values) texts.push_back(graph.values[value].type.text());
  return fmt::format("{}", fmt::join(texts, ", "));
}

// An off-chip stream of a top.
struct Port {
  std::string name;  // "in0"
  bool is_input = true;
  HlsStream outside, inside;

  [[nodiscard]] std::string type() const {
    return fmt::format("algean::hls::packets<{}, {}>", outside.type, outside.form.lanes);
  }
  [[nodiscard]] HlsStage stage() const {
    const Stream& form = outside.form;
    return {.function = is_input ? "unpack" : "pack",
            .header = "kernels/stream/hls/axis.hpp",
            .name = name + "_port",
            .numbers = {{"lanes", form.lanes},
                        {"beats", form.beats()},
                        {"rows", form.rows},
                        {"elements", form.elements},
                        {"user", 0},
                        {"id", 0},
                        {"dest", 0}},
            .types = {{"in_type", outside.type}},
            .tables = {},
            .inputs = {},
            .outputs = {}};
  }
  // From the outside to the inside, or back; nothing where they are alike.
  [[nodiscard]] std::optional<HlsStage> repack() const {
    HlsLayer scratch;
    const std::size_t from = scratch.add_stream(is_input ? outside : inside);
    if (scratch.repack(from, (is_input ? inside : outside).form) == from) return std::nullopt;
    scratch.stages[0].name = name + "_repack";
    return scratch.stages[0];
  }
};

Port make_port(std::string name, bool is_input, const HlsStream& inside) {
  Port port{std::move(name), is_input, inside, inside};
  port.outside.form.lanes = std::min(inside.form.lanes, most_port_bits / inside.form.bits);
  return port;
}

// The function around `body`, which reads streams NAME_beats and writes such.
HlsTopText print_top(const std::string& top, const std::vector<Port>& ports, const std::string& body,
                     std::set<std::string> headers, const std::string& configurations, HlsControl control,
                     const std::vector<std::string>& origin) {
  std::vector<std::string> parameters;
  for (const Port& port : ports) parameters.push_back(fmt::format("{}& {}", port.type(), port.name));
  const std::string signature = fmt::format("void {}({})", top, fmt::join(parameters, ",\n          "));

  std::string settings = configurations, pragmas, streams, before, after;
  for (const Port& port : ports) {
    const HlsStage stage = port.stage();
    const auto repack = port.repack();
    const std::string inner = port.name + "_beats", outer = repack ? port.name + "_wide" : inner;
    settings += hls_text::configuration(stage);
    pragmas += fmt::format("#pragma HLS INTERFACE mode = axis port = {}\n", port.name);
    streams += declared(inner, port.inside, 2);
    std::string& calls = port.is_input ? before : after;
    const std::vector<std::string> names{port.name, outer, inner};
    std::string convert;
    if (repack) {
      headers.insert(repack->header);
      settings += hls_text::configuration(*repack);
      streams += declared(outer, port.outside, 2);
      convert = fmt::format("  algean::hls::repack<settings::{}>({}, {});\n", repack->name,
                            port.is_input ? outer : inner, port.is_input ? inner : outer);
    }
    const std::string edge = fmt::format("  algean::hls::{}<settings::{}>({}, {});\n", stage.function, stage.name,
                                         port.is_input ? port.name : outer, port.is_input ? outer : port.name);
    calls += port.is_input ? edge + convert : convert + edge;
  }
  pragmas += fmt::format("#pragma HLS INTERFACE mode = {} port = return\n#pragma HLS DATAFLOW\n",
                         control == HlsControl::none ? "ap_ctrl_none" : "s_axilite");
  headers.insert("kernels/stream/hls/axis.hpp");

  HlsTopText text;
  text.header = emit::comment(origin) + "#pragma once\n\n#include \"kernels/stream/hls/axis.hpp\"\n\nextern \"C\" " +
                signature + ";\n";
  text.source = emit::comment(origin) + fmt::format("#include \"{}.hpp\"\n\n", top) + includes(headers) +
                "\nnamespace settings {\n\n" + settings + "\n}  // namespace settings\n\n" + signature + " {\n" +
                pragmas + streams + before + body + after + "}\n";
  std::string run, finish;
  for (const Port& port : ports) {
    const Stream& form = port.outside.form;
    run += fmt::format("  {} {}(\"{}\");\n", port.type(), port.name, port.name);
    run += fmt::format("  algean_test::Port<{}, {}> {}_port({}, bench, {}, {});\n", port.outside.type, form.lanes,
                       port.name, port.name, form.rows, form.elements);
    finish += fmt::format("    {}_port.{}(i);\n", port.name, port.is_input ? "feed" : "check");
  }
  std::vector<std::string> arguments;
  for (const Port& port : ports) arguments.push_back(port.name);
  const auto split = [&](bool inputs) {
    std::string lines;
    for (const Port& port : ports) {
      if (port.is_input == inputs) {
        lines += fmt::format("    {}_port.{}(i);\n", port.name, inputs ? "feed" : "check");
      }
    }
    return lines;
  };
  text.test = emit::comment(origin) +
              fmt::format(
                  "#include \"{}.hpp\"\n\n#include \"bench.hpp\"\n\nint main(int count, char** words) {{\n"
                  "  algean_test::Bench bench(count, words);\n{}"
                  "  for (long i = 0; i < bench.inferences(); ++i) {{\n{}    {}({});\n{}  }}\n"
                  "  return bench.finish();\n}}\n",
                  top, run, split(true), top, fmt::join(arguments, ", "), split(false));
  return text;
}

}  // namespace

std::string print_hls_layer(const HlsDesignLayer& layer, const Graph& graph, const std::vector<std::string>& origin) {
  const Layer& spec = graph.layers[layer.layer];
  std::vector<std::string> about{fmt::format("Layer '{}': {}, {} -> {}; folding {} x {}.", spec.spec.name,
                                             spec.spec.operation, types_of(graph, spec.inputs),
                                             types_of(graph, spec.outputs), layer.folding.simd, layer.folding.pe)};
  about.insert(about.end(), origin.begin(), origin.end());
  const HlsLayer& stages = layer.stages;
  std::set<std::string> headers{"kernels/stream/hls/beat.hpp"};
  std::vector<std::string> names(stages.streams.size());
  std::vector<std::string> parameters;
  for (std::size_t i = 0; i < stages.inputs.size(); ++i) {
    names[stages.inputs[i]] = fmt::format("in{}", i);
    parameters.push_back(fmt::format("{}& in{}", stream_type(stages.streams[stages.inputs[i]]), i));
  }
  for (std::size_t i = 0; i < stages.outputs.size(); ++i) {
    names[stages.outputs[i]] = fmt::format("out{}", i);
    parameters.push_back(fmt::format("{}& out{}", stream_type(stages.streams[stages.outputs[i]]), i));
  }
  std::string inner, calls, settings;
  for (const HlsStage& stage : stages.stages) {
    headers.insert(stage.header);
    settings += hls_text::configuration(stage) + hls_text::tables(stage);
    std::vector<std::string> from, to;
    for (const std::size_t stream : stage.inputs) {
      if (names[stream].starts_with('s')) inner += declared(names[stream], stages.streams[stream], depth_before(stage));
      from.push_back(names[stream]);
    }
    for (const std::size_t stream : stage.outputs) {
      if (names[stream].empty()) names[stream] = fmt::format("s{}", stream);
      to.push_back(names[stream]);
    }
    calls += "  " + hls_text::call(stage, layer.name + "_settings::", from, to) + "\n";
  }
  return emit::comment(about) + "#pragma once\n\n" + includes(headers) +
         fmt::format("\nnamespace {}_settings {{\n\n", layer.name) + settings +
         fmt::format("\n}}  // namespace {}_settings\n\n", layer.name) +
         fmt::format("inline void layer_{}({}) {{\n#pragma HLS DATAFLOW\n", layer.name,
                     fmt::join(parameters, ",\n    ")) +
         inner + calls + "}\n";
}

HlsTopText print_hls_ip(const HlsDesignLayer& layer, HlsControl control, const std::vector<std::string>& origin) {
  std::vector<Port> ports;
  std::vector<std::string> arguments;
  const HlsLayer& stages = layer.stages;
  const auto add = [&](bool is_input, const std::vector<std::size_t>& streams) {
    for (std::size_t i = 0; i < streams.size(); ++i) {
      ports.push_back(make_port(fmt::format("{}{}", is_input ? "in" : "out", i), is_input, stages.streams[streams[i]]));
      arguments.push_back(ports.back().name + "_beats");
    }
  };
  add(true, stages.inputs);
  add(false, stages.outputs);
  const std::string body = fmt::format("  layer_{}({});\n", layer.name, fmt::join(arguments, ", "));
  return print_top("ip_" + layer.name, ports, body, {fmt::format("layer_{}.hpp", layer.name)}, "", control, origin);
}

HlsTopText print_hls_network(const HlsDesign& design, HlsControl control, const std::vector<std::string>& origin) {
  std::vector<Port> ports;
  std::vector<std::string> names(design.links.size());
  const auto add = [&](bool is_input, const std::vector<std::size_t>& links) {
    for (std::size_t i = 0; i < links.size(); ++i) {
      ports.push_back(
          make_port(fmt::format("{}{}", is_input ? "in" : "out", i), is_input, design.links[links[i]].stream));
      names[links[i]] = ports.back().name + "_beats";
    }
  };
  add(true, design.inputs);
  add(false, design.outputs);
  std::set<std::string> headers;
  std::string body, settings;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) continue;
    names[i] = fmt::format("link{}", i);
    body += declared(names[i], design.links[i].stream, design.links[i].depth);
  }
  for (const HlsCall& call : design.calls) {
    std::vector<std::string> from, to;
    for (const std::size_t link : call.inputs) from.push_back(names[link]);
    for (const std::size_t link : call.outputs) to.push_back(names[link]);
    if (!call.layer) {
      headers.insert(call.stage.header);
      settings += hls_text::configuration(call.stage);
      body += "  " + hls_text::call(call.stage, "settings::", from, to) + "\n";
      continue;
    }
    const std::string& name = design.layers[*call.layer].name;
    headers.insert(fmt::format("../ips/{}/layer_{}.hpp", name, name));
    from.insert(from.end(), to.begin(), to.end());
    body += fmt::format("  layer_{}({});\n", name, fmt::join(from, ", "));
  }
  return print_top("network", ports, body, headers, settings, control, origin);
}

std::string print_hls_script(const std::string& top, const std::vector<std::string>& origin) {
  std::string text;
  for (const std::string& line : origin) text += "# " + line + "\n";
  return text + fmt::format(R"(# vitis_hls -f build.tcl, or: vitis-run --mode hls --tcl build.tcl
set part xcvu9p-flga2104-2L-e
set period_ns 5
set cosim 0

set here [file dirname [file normalize [info script]]]
set root [file normalize "$here/.."]
while {{![file isdirectory "$root/include/kernels"]}} {{set root [file dirname $root]}}
set flags "-std=c++14 -I$root/include"

open_project -reset project
set_top {0}
add_files "$here/{0}.cpp" -cflags $flags
add_files -tb "$here/{0}_test.cpp" -cflags "$flags -I$root/test_bench"
add_files -tb "$here/vectors"
open_solution -reset solution -flow_target vivado
set_part $part
create_clock -period $period_ns
csim_design
csynth_design
if {{$cosim}} {{cosim_design}}
export_design -flow impl -format ip_catalog
exit
)",
                            top);
}

}  // namespace algean::kernels
