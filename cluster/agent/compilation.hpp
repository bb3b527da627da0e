// From the files of a bundle to engines, in a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kernels/program/program.hpp"
#include "runtime/base/result.hpp"
#include "runtime/bundle/bundle.hpp"

namespace algean::cluster {

using Engines = std::vector<std::unique_ptr<kernels::TappedEngine>>;  // in the order of Bundle::kernels

// A bundle and what its files hold, in the order of its kernels. Never changed once it is here.
struct LoadedBundle {
  Bundle bundle;
  std::vector<std::string> files;
};

// The files are as long as the bundle says, have its hashes, compile on this CPU, and their ports are those that its
// routes, inputs and outputs need. `tapped`: the engines keep what the bundle's tap lists name. Stops between two
// kernels where `stop` says so.
Result<Engines> compile_bundle(const LoadedBundle& loaded, bool tapped, const std::stop_token& stop);

// Begins when it is made. When it goes, it is told to stop and waited for: one kernel is compiled to its end.
class Compilation {
 public:
  // `wake` is called from the thread, last of all.
  Compilation(std::shared_ptr<const LoadedBundle> loaded, bool tapped, std::function<void()> wake);
  // Its end can be taken.
  [[nodiscard]] bool done() const { return done_; }
  // Only when it is done.
  Result<Engines> take() { return *std::move(result_); }
  void give_up() { thread_.request_stop(); }

 private:
  std::optional<Result<Engines>> result_;
  std::atomic<bool> done_ = false;
  std::jthread thread_;
};

}  // namespace algean::cluster
