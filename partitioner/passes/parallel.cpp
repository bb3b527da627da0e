#include "partitioner/passes/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace algean::partitioner {

std::size_t workers(std::size_t count) {
  constexpr std::size_t most = 16;
  const std::size_t cores = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, most);
  return std::clamp<std::size_t>(count, 1, cores);
}

Result<> for_each(std::size_t count, const std::function<Result<>(std::size_t, std::size_t)>& work,
                  const std::function<void(std::size_t)>& progress) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // over what follows, and progress
  std::size_t done = 0;
  std::optional<Error> first;
  std::size_t first_index = 0;
  const auto run = [&](std::size_t worker) {
    for (std::size_t index = next++; index < count; index = next++) {
      auto result = work(index, worker);
      const std::lock_guard lock(mutex);
      if (result) {
        ++done;
        if (progress) progress(done);
        continue;
      }
      if (!first || index < first_index) {
        first = std::move(result).error();
        first_index = index;
      }
      next = count;  // those before this one are under way
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t worker = 1; worker < workers(count); ++worker) others.emplace_back(run, worker);
    run(0);
  }
  if (first) return std::unexpected(*std::move(first));
  return {};
}

}  // namespace algean::partitioner
