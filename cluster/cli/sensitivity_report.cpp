#include "cluster/cli/sensitivity_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cluster/cli/table.hpp"

namespace algean::cluster {
namespace {

using partitioner::LayerSensitivity;

std::string decibels(double value) { return std::isfinite(value) ? fmt::format("{:.2f}", value) : "inf"; }

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }  // null: no error

Json to_json(const LayerSensitivity& entry) {
  Json document;
  if (!entry.layer.empty()) document = {{"layer", entry.layer}, {"operation", entry.operation}};
  document["layer_snr_db"] = number(entry.layer_snr_db);
  document["network_snr_db"] = number(entry.network_snr_db);
  document["changed"] = entry.changed;
  return document;
}

}  // namespace

std::string sensitivity_table(const partitioner::SensitivityReport& report, bool classes) {
  std::vector<Table::Column> columns{{"layer"}, {"operation"}, {"SNR dB, layer", true}, {"SNR dB, network", true}};
  if (classes) columns.push_back({"class changed", true});
  Table table(std::move(columns));
  std::vector<LayerSensitivity> entries = report.layers;
  std::ranges::stable_sort(entries, {}, &LayerSensitivity::network_snr_db);
  entries.push_back(report.all);
  for (const LayerSensitivity& entry : entries) {
    const bool all = entry.layer.empty();
    std::vector<std::string> cells{all ? "all layers" : entry.layer, entry.operation,
                                   all ? "" : decibels(entry.layer_snr_db), decibels(entry.network_snr_db)};
    if (classes) cells.push_back(fmt::format("{}/{}", entry.changed, report.inferences));
    table.add(std::move(cells));
  }
  return table.text();
}

Json to_json(const partitioner::SensitivityReport& report) {
  Json layers = Json::array();
  for (const LayerSensitivity& entry : report.layers) layers.push_back(to_json(entry));
  return {{"inferences", report.inferences}, {"layers", std::move(layers)}, {"all", to_json(report.all)}};
}

}  // namespace algean::cluster
