#include "partitioner/import_keras/order.hpp"

#include <algorithm>
#include <set>

namespace algean::partitioner {

Result<> sort_calls(KerasModel& model, std::string_view where) {
  std::vector<std::size_t> start{0};  // index of each layer's first call among all calls
  for (const KerasLayer& layer : model.layers) start.push_back(start.back() + layer.calls.size());
  std::vector<KerasTensor> calls;
  std::vector<std::size_t> missing(start.back(), 0);
  std::vector<std::vector<std::size_t>> readers(start.back());
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    for (std::size_t k = 0; k < model.layers[i].calls.size(); ++k) {
      for (const KerasTensor& input : model.layers[i].calls[k].inputs) {
        readers[start[input.layer] + input.call].push_back(calls.size());
        ++missing[calls.size()];
      }
      calls.push_back({i, k, 0});
    }
  }
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (missing[i] == 0) ready.insert(ready.end(), i);
  }
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    model.order.emplace_back(calls[next].layer, calls[next].call);
    for (const std::size_t reader : readers[next]) {
      if (--missing[reader] == 0) ready.insert(reader);
    }
  }
  if (model.order.size() == calls.size()) return {};
  const auto stuck = std::ranges::find_if(missing, [](std::size_t count) { return count > 0; });
  const auto& layer = model.layers[calls[static_cast<std::size_t>(stuck - missing.begin())].layer];
  return bad_input("{}layer '{}' depends on its own output", where, layer.name);
}

}  // namespace algean::partitioner
