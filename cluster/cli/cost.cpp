#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "cluster/cli/calibration.hpp"
#include "cluster/cli/hardware.hpp"
#include "cluster/cli/table.hpp"
#include "kernels/circuit/report.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string net;
  HardwareArguments hardware;
  bool csv = false;
  std::string calibration;
};

// A column: its names for people and in documents, and its number.
struct Column {
  const char* title;
  const char* key;
  std::int64_t (*number)(const kernels::LayerReport& row);
};
constexpr auto columns = std::to_array<Column>({
    {"SIMD", "simd", [](const auto& row) { return row.folding.simd; }},
    {"PE", "pe", [](const auto& row) { return row.folding.pe; }},
    {"interval", "interval_cycles", [](const auto& row) { return row.cycles.interval; }},
    {"latency", "latency_cycles", [](const auto& row) { return row.cycles.latency; }},
    {"multipliers", "multipliers", [](const auto& row) { return row.multipliers; }},
    {"DSP", "dsp_multiply", [](const auto& row) { return row.resources.dsp_multiply; }},
    {"DSP requantise", "dsp_requantise", [](const auto& row) { return row.resources.dsp_requantise; }},
    {"BRAM18", "bram18", [](const auto& row) { return row.resources.bram18; }},
    {"URAM", "uram", [](const auto& row) { return row.resources.uram; }},
    {"LUT", "lut", [](const auto& row) { return row.resources.lut; }},
    {"FF", "ff", [](const auto& row) { return row.resources.ff; }},
});
constexpr const char* between_layers = "(between layers)";
constexpr std::size_t of_folding = 4;  // columns that a sum and what stands between layers have not

std::vector<std::string> cells(const kernels::LayerReport& row, std::size_t from = 0) {
  std::vector<std::string> texts{row.layer, row.operation};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    texts.push_back(i < from ? "" : std::to_string(columns[i].number(row)));
  }
  return texts;
}

Json document(const kernels::LayerReport& row, std::size_t from = 0) {
  Json entry = Json::object();
  if (from == 0) {
    entry = {{"layer", row.layer}, {"operation", row.operation}, {"module", row.module}, {"measured", row.measured}};
  }
  for (std::size_t i = from; i < columns.size(); ++i) entry[columns[i].key] = columns[i].number(row);
  return entry;
}

std::size_t first_column(const kernels::LayerReport& row) { return row.layer.empty() ? of_folding : 0; }

kernels::LayerReport total(const std::vector<kernels::LayerReport>& rows, std::int64_t interval) {
  kernels::LayerReport sum{"total", "", "", {}, {.interval = interval}, 0, {}, false};
  for (const auto& row : rows) {
    sum.multipliers += row.multipliers;
    sum.resources += row.resources;
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
  std::string titles = "layer,operation";
  for (const Column& column : columns) titles += fmt::format(",{}", column.key);
  console.text("{}", titles);
  for (const auto& row : rows) {
    std::vector<std::string> fields;
    for (const std::string& cell : cells(row, first_column(row))) fields.push_back(field(cell));
    if (row.layer.empty()) fields.front() = between_layers;
    console.text("{}", fmt::join(fields, ","));
  }
}

void print_table(const std::vector<kernels::LayerReport>& rows, const kernels::LayerReport& sum, Console& console) {
  std::vector<Table::Column> titles{{"layer"}, {"operation"}};
  for (const Column& column : columns) titles.push_back({column.title, true});
  Table table(std::move(titles));
  for (const auto& row : rows) {
    auto texts = cells(row, first_column(row));
    texts[0] = row.layer.empty() ? between_layers : shortened(row.layer) + (row.measured ? " *" : "");
    table.add(std::move(texts));
  }
  auto last = cells(sum, of_folding);
  last[2 + 2] = std::to_string(sum.cycles.interval);
  table.add(std::move(last));
  console.block(table.text());
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const InHardware made, hardware_of_net(options.net, options.hardware, context));
  kernels::Measured measured;
  if (!options.calibration.empty()) {
    ALGEAN_ASSIGN(measured, read_calibration(options.calibration));
  }
  ALGEAN_ASSIGN(const auto rows, kernels::report(made.design, made.graph, measured));
  const auto known = std::ranges::count_if(rows, &kernels::LayerReport::measured);
  if (!options.calibration.empty() && known == 0) {
    return bad_input(
        "{}: none of its {} modules is a layer of this circuit: made of another network, or with other options?",
        options.calibration, measured.size());
  }
  const auto sum = total(rows, made.design.interval);
  if (options.csv) {
    print_csv(rows, context.console);
  } else {
    print_table(rows, sum, context.console);
    context.console.text("{}: {} cycles an inference, {} multipliers in {} DSPs, {} DSPs to requantise",
                         made.loaded.name, sum.cycles.interval, sum.multipliers, sum.resources.dsp_multiply,
                         sum.resources.dsp_requantise);
    context.console.text("{} predicted for UltraScale+ as Yosys gives them after synthesis, not placed.",
                         known > 0 ? "Other counts are" : "Counts are");
    if (known > 0)
      context.console.text("* as the vendor's tool says ({} of {} layers)", known, made.design.layers.size());
  }
  Json layers = Json::array();
  for (const auto& row : rows) {
    if (!row.layer.empty()) layers.push_back(document(row));
  }
  Json all = document(sum, of_folding);
  all["name"] = made.loaded.name;
  all["interval_cycles"] = sum.cycles.interval;
  all["measured_layers"] = known;
  all["layers"] = std::move(layers);
  if (!rows.empty() && rows.back().layer.empty()) all["between_layers"] = document(rows.back(), of_folding);
  return Outcome{0, std::move(all)};
}

}  // namespace

void add_cost(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("cost", "what each layer of a network takes of an FPGA, and how fast it is",
                                  "algean cost net.json --interval 552");
  command.option("NET", options->net, "network; of integers, or with calibration inputs", {.required = true});
  add_hardware_options(command, options->hardware);
  command.option("--calibration", options->calibration, "what vendor reports say instead (algean calibrate)",
                 {.not_empty = true});
  command.flag("--csv", options->csv, "the table as comma-separated values");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
