#include "cluster/cli/compare_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cluster/cli/table.hpp"

namespace algean::cluster {
namespace {

using partitioner::Agreement;
using partitioner::CompareReport;
using partitioner::Difference;
using partitioner::SourceReport;
using partitioner::TensorReport;

std::string agreement_text(const Agreement& agreement, std::size_t inferences) {
  if (agreement.differs > 0) return fmt::format("DIFFERS in {} of {}", agreement.differs, inferences);
  if (agreement.untapped > 0) return fmt::format("DIFFERS in {} of {} untapped", agreement.untapped, inferences);
  return agreement.shown ? "equal" : "-";
}

Json to_json(const Difference& difference) {
  Json document{{"source", difference.source},
                {"inference", difference.inference},
                {"tensor", difference.tensor},
                {"layer", difference.layer}};
  if (!difference.node.empty()) document["node"] = difference.node;
  document.update({{"tapped", difference.tapped},
                   {"element", difference.element},
                   {"expected", difference.expected},
                   {"got", difference.got}});
  return document;
}

Json to_json(const TensorReport& tensor, const CompareReport& report) {
  Json entry{{"tensor", tensor.tensor}, {"layer", tensor.layer}};
  if (!tensor.node.empty()) entry["node"] = tensor.node;
  if (tensor.error) {
    entry["largest_error"] = tensor.error->largest;
    entry["largest_error_lsb"] = tensor.error->largest_lsb;
    entry["snr_db"] = std::isfinite(tensor.error->snr_db) ? Json(tensor.error->snr_db) : Json();  // null: no error
  }
  for (std::size_t i = 0; i < report.sources.size(); ++i) {
    const Agreement& agreement = tensor.sources[i];
    if (!agreement.shown && agreement.untapped == 0) continue;
    entry["differs"][report.sources[i].name] = {{"tapped", agreement.differs}, {"untapped", agreement.untapped}};
  }
  return entry;
}

}  // namespace

std::string comparison_table(const CompareReport& report) {
  const bool nodes = std::ranges::any_of(report.tensors, [](const auto& tensor) { return !tensor.node.empty(); });
  const bool errors = std::ranges::any_of(report.tensors, [](const auto& tensor) { return tensor.error.has_value(); });
  std::vector<Table::Column> columns{{"tensor"}, {"layer"}};
  if (nodes) columns.push_back({"node"});
  if (errors) columns.insert(columns.end(), {{"largest error", true}, {"in lsb", true}, {"SNR dB", true}});
  for (const SourceReport& source : report.sources) columns.push_back({source.name});
  Table table(std::move(columns));
  for (const TensorReport& tensor : report.tensors) {
    std::vector<std::string> cells{shortened(tensor.tensor), shortened(tensor.layer)};
    if (nodes) cells.push_back(tensor.node);
    if (errors) {
      const auto number = [&](const char* form, double value) {
        return tensor.error ? fmt::format(fmt::runtime(form), value) : std::string();
      };
      const auto error = tensor.error.value_or(partitioner::FloatError{});
      cells.insert(cells.end(), {number("{:.6g}", error.largest), number("{:.2f}", error.largest_lsb),
                                 number("{:.1f}", error.snr_db)});
    }
    for (const Agreement& agreement : tensor.sources) cells.push_back(agreement_text(agreement, report.inferences));
    table.add(std::move(cells));
  }
  return table.text();
}

std::string verdict(const CompareReport& report, const SourceReport& source) {
  if (!source.difference) {
    return fmt::format("{} and integer reference: equal, bit for bit, over {} inferences", source.name,
                       report.inferences);
  }
  const Difference& difference = *source.difference;
  return fmt::format(
      "{} and integer reference: DIFFER first at inference {}, tensor `{}` of layer `{}`{}, element {}: {}, expected "
      "{}{}",
      source.name, difference.inference, difference.tensor, difference.layer,
      difference.node.empty() ? "" : fmt::format(" on node `{}`", difference.node), difference.element, difference.got,
      difference.expected,
      difference.tapped
          ? ""
          : " (when nothing is tapped: what runs differs from what it was compiled from, here or before)");
}

Json to_json(const CompareReport& report) {
  Json tensors = Json::array();
  for (const TensorReport& tensor : report.tensors) tensors.push_back(to_json(tensor, report));
  Json sources = Json::array();
  for (const SourceReport& source : report.sources) {
    sources.push_back({{"name", source.name}, {"equal", !source.difference}});
    if (source.difference) sources.back()["difference"] = to_json(*source.difference);
  }
  const Difference* difference = report.difference();
  Json document{{"inferences", report.inferences},
                {"tensors", std::move(tensors)},
                {"sources", std::move(sources)},
                {"equal", difference == nullptr}};
  if (difference != nullptr) document["difference"] = to_json(*difference);
  return document;
}

}  // namespace algean::cluster
