// Work on hostile bytes with libraries that may crash or hang on them: done in a short-lived child process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean {

struct ContainedLimits {
  std::int64_t timeout_ns = 30'000'000'000;  // wall clock, from the call
  std::int64_t processor_s = 10;             // processor time, which a busy machine does not stretch
  std::size_t memory_bytes = std::size_t{1}
                             << 30U;  // address space on top of the parent's (not enforced under sanitizers)
  std::size_t result_bytes = std::size_t{1} << 30U;  // longest result
};

using ContainedJob = std::function<Result<std::vector<std::byte>>()>;

// Runs `job` in a forked child and returns what it returned, value or error. The child sees the parent's memory as it
// was, has no descriptors but the pipe of its result, says nothing on stdout and stderr, writes no files and leaves no
// core. It is dead and reaped when this returns. A child that crashes, hangs, needs too much memory or answers garbage
// is bad_input: "WHERE: the WORKER crashed on this file (signal 11)". failed if no child can be made.
//
// The parent may have other threads. The child has only the calling one, so the job must not touch a lock that another
// thread may hold at this moment: no logging, no stdio streams of the parent. Allocation is safe (glibc puts its heap
// in order at fork). A library that only ever runs inside jobs has no held locks.
Result<std::vector<std::byte>> run_contained(std::string_view where, std::string_view worker, const ContainedJob& job,
                                             const ContainedLimits& limits = {}, const Clock& clock = SteadyClock{});

}  // namespace algean
