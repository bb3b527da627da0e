#include <cmath>

#include "cluster/cli/chart.hpp"
#include "cluster/cli/table.hpp"
#include "cluster/cli/weight_scan.hpp"

namespace algean::cluster {
namespace {

std::string name_of(const ScanRow& row) {
  return row.weight_bits == 0 ? "float32" : fmt::format("int{}", row.weight_bits);
}

std::string decibels(double value) { return std::isfinite(value) ? fmt::format("{:.2f}", value) : "inf"; }

// Otherwise the outputs rebuild the inputs, and their largest element says nothing.
bool tells_classes(const Scan& scan) { return !scan.metric || scan.metric == Metric::accuracy; }

}  // namespace

std::string scan_table(const Scan& scan) {
  std::vector<Table::Column> columns{{"weights"}};
  if (scan.metric) columns.push_back({std::string(to_text(*scan.metric)), true});
  const bool counted = scan.metric == Metric::accuracy;
  if (counted) columns.push_back({"correct", true});
  if (tells_classes(scan)) columns.push_back({"same class as float", true});
  columns.insert(columns.end(), {{"SNR dB", true}, {"weights, bytes", true}});
  Table table(std::move(columns));
  for (const ScanRow& row : scan.rows) {
    std::vector<std::string> cells{name_of(row)};
    if (row.score) cells.push_back(fmt::format("{:.6g}", row.score->value));
    if (counted) cells.push_back(fmt::format("{}/{}", row.score->correct, scan.inferences));
    if (tells_classes(scan)) cells.push_back(fmt::format("{:.4f}", row.agreement));
    cells.insert(cells.end(), {decibels(row.snr_db), std::to_string((row.weight_bits_in_all + 7) / 8)});
    table.add(std::move(cells));
  }
  return table.text();
}

std::string scan_csv(const Scan& scan) {
  std::string text = fmt::format("weights,weight_bits{},agreement,snr_db,weight_bytes\n",
                                 scan.metric ? fmt::format(",{}", to_text(*scan.metric)) : "");
  for (const ScanRow& row : scan.rows) {
    text += fmt::format("{},{}", name_of(row), row.weight_bits == 0 ? 32 : row.weight_bits);
    if (row.score) text += fmt::format(",{}", row.score->value);
    text += fmt::format(",{},{},{}\n", row.agreement, decibels(row.snr_db), (row.weight_bits_in_all + 7) / 8);
  }
  return text;
}

std::string scan_svg(const Scan& scan, const std::string& network) {
  const auto y = [&](const ScanRow& row) { return row.score ? row.score->value : row.agreement; };
  Series integers{.name = "integer program", .points = {}};
  Series floats{.name = "float32", .points = {}, .dashed = true};
  for (const ScanRow& row : scan.rows) {
    if (row.weight_bits > 0) integers.points.insert(integers.points.begin(), {row.weight_bits, y(row)});
  }
  for (const ScanRow& row : scan.rows) {
    if (row.weight_bits > 0) continue;
    floats.points = {{integers.points.front().first, y(row)}, {integers.points.back().first, y(row)}};
  }
  return to_svg({.title = fmt::format("{}: {} inferences", network, scan.inferences),
                 .x_label = "bits of a weight",
                 .y_label = scan.metric ? std::string(to_text(*scan.metric)) : "share of float's classes",
                 .series = {integers, floats}});
}

Json to_json(const Scan& scan) {
  Json rows = Json::array();
  for (const ScanRow& row : scan.rows) {
    Json entry{{"weights", name_of(row)}, {"weight_bits", row.weight_bits == 0 ? 32 : row.weight_bits}};
    if (row.score) entry.update(to_json(*scan.metric, *row.score));
    entry["agreement"] = row.agreement;
    entry["snr_db"] = std::isfinite(row.snr_db) ? Json(row.snr_db) : Json();  // null: no error
    entry["weight_bytes"] = (row.weight_bits_in_all + 7) / 8;
    rows.push_back(std::move(entry));
  }
  Json document{{"inferences", scan.inferences}};
  if (scan.metric) document["metric"] = to_text(*scan.metric);
  document["widths"] = std::move(rows);
  return document;
}

}  // namespace algean::cluster
