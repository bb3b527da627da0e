// Runs the real binary as a user would: its own state folder, its own working folder, what it prints, how it ends.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace algean::e2e {

struct Ended {
  int status = -1;  // exit status, or 128 + the signal that killed it
  std::string out;
  std::string err;
  // Standard output as the one document of --json; fails the test where it is none.
  [[nodiscard]] nlohmann::json document() const;
};

// A started binary.
class Running {
 public:
  Running(pid_t pid, std::filesystem::path out, std::filesystem::path err)
      : pid_(pid), out_(std::move(out)), err_(std::move(err)) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();  // kills it if it still runs

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Until standard output or error holds `text`, or it ended, or a minute passed: whether it holds it.
  [[nodiscard]] bool prints(const std::string& text) const;
  // What standard output holds so far.
  [[nodiscard]] std::string out() const;
  // Its end; after two minutes it is killed and the test fails.
  Ended end();

 private:
  pid_t pid_;
  std::filesystem::path out_;
  std::filesystem::path err_;
};

// A private place: folder(), and a state folder in it. Stops every deployment and removes all when it goes.
class Place {
 public:
  Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path states() const { return folder_ / "state" / "algean"; }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  // Number of files and folders of the state folder, hidden ones too.
  [[nodiscard]] std::size_t state_entries() const;
  // Processes whose environment names this place's state folder: node processes and commands that live.
  [[nodiscard]] std::vector<pid_t> processes() const;

  [[nodiscard]] Ended run(const std::vector<std::string>& arguments) const;
  // `launcher`: a tool and its arguments, which becomes the binary.
  [[nodiscard]] std::unique_ptr<Running> start(const std::vector<std::string>& arguments,
                                               const std::vector<std::string>& launcher = {}) const;

 private:
  std::filesystem::path folder_;
  mutable int runs_ = 0;
};

// Waits until `condition` holds, at most a minute: whether it does.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::sched_yield();  // what is waited for is another process
  }
  return true;
}

// Neither a state folder nor a process of a deployment.
inline void expect_nothing_left(const Place& place) {
  EXPECT_EQ(place.state_entries(), 0U);
  EXPECT_TRUE(eventually([&] { return place.processes().empty(); }));
}

}  // namespace algean::e2e
