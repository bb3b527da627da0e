// Two machines on a cable: two network namespaces of this user, joined by a pair of virtual Ethernet devices.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/harness.hpp"

namespace algean::e2e {

// Addresses are 10.77.0.1 and 10.77.0.2, whatever else runs on this host. All of it goes with this object, or with the
// process that made it.
class Machines {
 public:
  explicit Machines(const Place& place);
  Machines(const Machines&) = delete;
  Machines& operator=(const Machines&) = delete;
  ~Machines();

  // Why there are none: the system does not let this user make them. Empty where there are.
  [[nodiscard]] const std::string& missing() const { return missing_; }
  [[nodiscard]] static std::string address(std::size_t machine) { return machine == 0 ? "10.77.0.1" : "10.77.0.2"; }
  // The binary, on machine 0 or 1.
  [[nodiscard]] std::unique_ptr<Running> start(std::size_t machine, const std::vector<std::string>& arguments) const;
  [[nodiscard]] Ended run(std::size_t machine, const std::vector<std::string>& arguments) const;
  void cut_cable() const;
  void mend_cable() const;

 private:
  // A process that is in a namespace of its own until its input ends.
  struct Holder {
    pid_t pid = 0;
    int input = -1;
  };
  bool make(std::size_t machine);
  [[nodiscard]] std::vector<std::string> enter(std::size_t machine) const;
  [[nodiscard]] bool command(std::size_t machine, const std::string& text) const;

  const Place& place_;
  std::array<Holder, 2> holders_;
  std::string missing_;
};

}  // namespace algean::e2e
