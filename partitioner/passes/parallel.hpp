// Inferences of a reference, several at a time.
#pragma once

#include <cstddef>
#include <functional>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

// Threads that for_each() uses for so many inferences: at least 1, at most as many as this process has cores, and 16,
// for each thread has the tensors of an inference.
[[nodiscard]] std::size_t workers(std::size_t count);

// Calls `work` once for every index below count, from workers(count) threads at a time; `worker` says which of them
// calls. After an error no further index begins; the error is that of the lowest index that has one, whatever thread
// was first. `progress`, where given, is called by one thread at a time, with the number of indices that are done.
Result<> for_each(std::size_t count, const std::function<Result<>(std::size_t index, std::size_t worker)>& work,
                  const std::function<void(std::size_t done)>& progress = {});

}  // namespace algean::partitioner
