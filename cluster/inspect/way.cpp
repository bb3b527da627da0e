#include "cluster/inspect/way.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace algean::cluster {
namespace {

class Search {
 public:
  Search(std::span<const KernelTime> kernels, std::span<const WireTime> wires, std::span<const Hop> hops)
      : wires_(wires), hops_(hops) {
    for (const KernelTime& kernel : kernels) kernels_[kernel.kernel] = &kernel;
  }

  // Hops of the longest way, from the client to the client.
  std::vector<Hop> run() {
    std::map<std::uint16_t, std::size_t> missing;  // hops that lead to a kernel and are not reached yet
    for (const Hop& hop : hops_) missing[hop.to] += hop.to != 0 ? 1 : 0;
    std::vector<std::uint16_t> ready{0};
    while (!ready.empty()) {
      const std::uint16_t at = ready.back();
      ready.pop_back();
      const double left_ns = at == 0 ? 0 : end_ns_[at];
      for (const Hop& hop : hops_) {
        if (hop.from != at) continue;
        take(hop, left_ns);
        if (hop.to != 0 && --missing[hop.to] == 0) {
          end_ns_[hop.to] += work_ns(hop.to);
          ready.push_back(hop.to);
        }
      }
    }
    return walk_back();
  }

  [[nodiscard]] const std::string& node(std::uint16_t kernel) const {
    static const std::string client = client_end;
    const auto found = kernels_.find(kernel);
    return found == kernels_.end() ? client : found->second->node;
  }
  // nullptr where the hop goes over no wire that is known.
  [[nodiscard]] const WireTime* wire(const Hop& hop) const {
    const auto found = std::ranges::find_if(
        wires_, [&](const WireTime& wire) { return wire.from == node(hop.from) && wire.to == node(hop.to); });
    return found == wires_.end() ? nullptr : &*found;
  }
  [[nodiscard]] const KernelTime* kernel(std::uint16_t id) const {
    const auto found = kernels_.find(id);
    return found == kernels_.end() ? nullptr : found->second;
  }

 private:
  void take(const Hop& hop, double left_ns) {
    const WireTime* over = wire(hop);
    const double here_ns = left_ns + (over != nullptr ? over->ns : 0);
    const auto [last, first_here] = last_.try_emplace(hop.to, hop);
    if (first_here || here_ns > end_ns_[hop.to]) {
      last->second = hop;
      end_ns_[hop.to] = here_ns;
    }
  }

  [[nodiscard]] double work_ns(std::uint16_t id) const {
    const KernelTime* at = kernel(id);
    return at == nullptr ? 0 : at->queue_ns + at->compute_ns;
  }

  [[nodiscard]] std::vector<Hop> walk_back() const {
    std::vector<Hop> way;
    for (auto at = last_.find(0); at != last_.end(); at = last_.find(at->second.from)) {
      way.push_back(at->second);
      if (at->second.from == 0) break;
    }
    std::ranges::reverse(way);
    return way;
  }

  std::map<std::uint16_t, const KernelTime*> kernels_;
  std::span<const WireTime> wires_;
  std::span<const Hop> hops_;
  std::map<std::uint16_t, Hop> last_;       // by kernel (0: the client), the hop that comes last
  std::map<std::uint16_t, double> end_ns_;  // by kernel, when it is done; 0: when the last output is here
};

Step wire_step(const WireTime& wire) {
  return {.kind = Step::Kind::wire, .node = wire.to, .from = wire.from, .kernel = 0, .ns = wire.ns};
}

void add_kernel(const KernelTime& kernel, bool on_way, std::vector<Step>& steps) {
  for (const auto& [kind, ns] :
       {std::pair(Step::Kind::queue, kernel.queue_ns), std::pair(Step::Kind::compute, kernel.compute_ns)}) {
    steps.push_back(
        {.kind = kind, .node = kernel.node, .from = {}, .kernel = kernel.kernel, .ns = ns, .on_way = on_way});
  }
}

}  // namespace

Way longest_way(std::span<const KernelTime> kernels, std::span<const WireTime> wires, std::span<const Hop> hops) {
  Search search(kernels, wires, hops);
  Way way;
  std::set<const void*> on_way;
  for (const Hop& hop : search.run()) {
    if (const WireTime* wire = search.wire(hop)) {
      on_way.insert(wire);
      way.steps.push_back(wire_step(*wire));
    }
    if (const KernelTime* kernel = search.kernel(hop.to)) {
      on_way.insert(kernel);
      add_kernel(*kernel, true, way.steps);
    }
  }
  for (const Step& step : way.steps) way.ns += step.ns;
  for (const WireTime& wire : wires) {
    if (on_way.contains(&wire)) continue;
    way.steps.push_back(wire_step(wire));
    way.steps.back().on_way = false;
  }
  for (const KernelTime& kernel : kernels) {
    if (!on_way.contains(&kernel)) add_kernel(kernel, false, way.steps);
  }
  return way;
}

}  // namespace algean::cluster
