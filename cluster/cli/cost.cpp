#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cluster/cli/hardware.hpp"
#include "cluster/cli/table.hpp"
#include "kernels/circuit/report.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string net;
  HardwareArguments hardware;
  bool csv = false;
};

std::vector<std::string> cells(const kernels::LayerReport& row) {
  return {row.layer,
          row.operation,
          std::to_string(row.folding.simd),
          std::to_string(row.folding.pe),
          std::to_string(row.cycles.interval),
          std::to_string(row.cycles.latency),
          std::to_string(row.multipliers),
          std::to_string(row.dsp_multiply),
          std::to_string(row.dsp_requantise)};
}

Json document(const kernels::LayerReport& row) {
  return {{"layer", row.layer},
          {"operation", row.operation},
          {"simd", row.folding.simd},
          {"pe", row.folding.pe},
          {"interval_cycles", row.cycles.interval},
          {"latency_cycles", row.cycles.latency},
          {"multipliers", row.multipliers},
          {"dsp_multiply", row.dsp_multiply},
          {"dsp_requantise", row.dsp_requantise}};
}

kernels::LayerReport total(const std::vector<kernels::LayerReport>& rows, std::int64_t interval) {
  kernels::LayerReport sum{.layer = "total", .operation = "", .folding = {}, .cycles = {.interval = interval}};
  for (const auto& row : rows) {
    sum.multipliers += row.multipliers;
    sum.dsp_multiply += row.dsp_multiply;
    sum.dsp_requantise += row.dsp_requantise;
  }
  return sum;
}

// A field of a CSV file: quoted where it has to be.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted;
  for (const char c : text) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return fmt::format("\"{}\"", quoted);
}

void print_csv(const std::vector<kernels::LayerReport>& rows, Console& console) {
  console.text("layer,operation,simd,pe,interval_cycles,latency_cycles,multipliers,dsp_multiply,dsp_requantise");
  for (const auto& row : rows) {
    std::vector<std::string> fields;
    for (const std::string& cell : cells(row)) fields.push_back(field(cell));
    console.text("{}", fmt::join(fields, ","));
  }
}

void print_table(const std::vector<kernels::LayerReport>& rows, const kernels::LayerReport& sum, Console& console) {
  Table table({{"layer"},
               {"operation"},
               {"SIMD", true},
               {"PE", true},
               {"interval", true},
               {"latency", true},
               {"multipliers", true},
               {"DSP", true},
               {"DSP requantise", true}});
  for (const auto& row : rows) table.add(cells(row));
  auto last = cells(sum);
  last[2] = last[3] = last[5] = "";
  table.add(std::move(last));
  console.block(table.text());
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const InHardware made, hardware_of_net(options.net, options.hardware, context));
  const auto rows = kernels::report(made.design, made.graph);
  const auto sum = total(rows, made.design.interval);
  if (options.csv) {
    print_csv(rows, context.console);
  } else {
    print_table(rows, sum, context.console);
    context.console.text("{}: {} cycles an inference, {} multipliers in {} DSPs, {} DSPs to requantise",
                         made.loaded.name, sum.cycles.interval, sum.multipliers, sum.dsp_multiply, sum.dsp_requantise);
  }
  Json layers = Json::array();
  for (const auto& row : rows) layers.push_back(document(row));
  return Outcome{0,
                 {{"name", made.loaded.name},
                  {"interval_cycles", sum.cycles.interval},
                  {"multipliers", sum.multipliers},
                  {"dsp_multiply", sum.dsp_multiply},
                  {"dsp_requantise", sum.dsp_requantise},
                  {"layers", std::move(layers)}}};
}

}  // namespace

void add_cost(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("cost", "what each layer of a network takes of an FPGA, and how fast it is",
                                  "algean cost net.json --interval 552");
  command.option("NET", options->net, "network; of integers, or with calibration inputs", {.required = true});
  add_hardware_options(command, options->hardware);
  command.flag("--csv", options->csv, "the table as comma-separated values");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
