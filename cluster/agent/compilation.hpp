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

// What is ready before a part can open its data address.
struct Prepared {
  Engines engines;
  std::string
      listen;  // with scheme, without a name that would have to be looked up; empty when it is only to be tapped
};
using Preparation = std::function<Result<Prepared>(const std::stop_token& stop)>;

// Does it in a thread of its own, which begins when this is made. When this goes, the thread is told to stop and waited
// for: one kernel is compiled to its end.
class Compilation {
 public:
  // `wake` is called from the thread, last of all.
  Compilation(Preparation preparation, std::function<void()> wake);
  // Its end can be taken.
  [[nodiscard]] bool done() const { return done_; }
  // Only when it is done.
  Result<Prepared> take() { return *std::move(result_); }
  void give_up() { thread_.request_stop(); }

 private:
  std::optional<Result<Prepared>> result_;
  std::atomic<bool> done_ = false;
  std::jthread thread_;
};

}  // namespace algean::cluster
