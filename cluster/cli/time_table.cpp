#include "cluster/cli/time_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "cluster/cli/latency.hpp"
#include "cluster/cli/table.hpp"

namespace algean::cluster {
namespace {

std::string_view to_text(Step::Kind kind) {
  switch (kind) {
    case Step::Kind::wire:
      return "wire";
    case Step::Kind::queue:
      return "queue";
    case Step::Kind::compute:
      return "compute";
  }
  return "";
}

// Nodes that run several kernels.
std::set<std::string> crowded(const Way& way) {
  std::map<std::string, std::set<std::uint16_t>> kernels;
  for (const Step& step : way.steps) {
    if (step.kind != Step::Kind::wire) kernels[step.node].insert(step.kernel);
  }
  std::set<std::string> nodes;
  for (const auto& [node, ids] : kernels) {
    if (ids.size() > 1) nodes.insert(node);
  }
  return nodes;
}

}  // namespace

std::string time_table(const TimeReport& report) {
  const auto several = crowded(report.way);
  Table table({{"step"}, {"where"}, {"mean", true}, {"share", true}});
  const auto add = [&](std::string_view step, const std::string& where, double ns, bool share) {
    table.add({std::string(step), where, duration_text(ns),
               share && report.mean_ns > 0 ? fmt::format("{:.1f} %", 100 * ns / report.mean_ns) : ""});
  };
  const auto add_step = [&](const Step& step) {
    std::string where = step.kind == Step::Kind::wire ? fmt::format("{} -> {}", step.from, step.node) : step.node;
    if (step.kind != Step::Kind::wire && several.contains(step.node)) where += fmt::format(", kernel {}", step.kernel);
    if (!step.on_way) where += " (meanwhile)";
    add(to_text(step.kind), where, step.ns, step.on_way);
  };
  for (const Step& step : report.way.steps) {
    if (step.on_way) add_step(step);
  }
  add("rest", "client, sending", report.rest_ns(), true);
  add("sum", "request to reply", report.mean_ns, true);
  for (const Step& step : report.way.steps) {
    if (!step.on_way) add_step(step);
  }
  return table.text();
}

Json to_json(const TimeReport& report) {
  Json steps = Json::array();
  for (const Step& step : report.way.steps) {
    Json entry{{"kind", to_text(step.kind)}};
    if (step.kind == Step::Kind::wire) {
      entry.update({{"from", step.from}, {"to", step.node}});
    } else {
      entry.update({{"node", step.node}, {"kernel", step.kernel}});
    }
    entry.update({{"mean_ns", step.ns}, {"on_longest_way", step.on_way}});
    steps.push_back(std::move(entry));
  }
  return {{"inferences", report.inferences},
          {"mean_ns", report.mean_ns},
          {"longest_way_ns", report.way.ns},
          {"rest_ns", report.rest_ns()},
          {"steps", std::move(steps)}};
}

}  // namespace algean::cluster
