#include "tests/e2e/machines.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <sstream>

namespace algean::e2e {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Starts a tool; -1 where that is not possible.
pid_t spawn(std::vector<std::string> words, int in, int out) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

}  // namespace

Machines::Machines(const Place& place) : place_(place) {
  const std::string b = "10.77.0.2/24 dev b0";
  if (!make(0) || !make(1) ||
      !command(0, "ip link add a0 type veth peer name b0 netns " + std::to_string(holders_[1].pid))) {
    missing_ = "this user may not make network namespaces (`unshare -rn true`), or `ip` is missing";
    return;
  }
  EXPECT_TRUE(command(0, "ip address add 10.77.0.1/24 dev a0") && command(1, "ip address add " + b));
  EXPECT_TRUE(command(0, "ip link set a0 up") && command(1, "ip link set b0 up"));
  EXPECT_TRUE(command(0, "ip link set lo up") && command(1, "ip link set lo up"));
}

Machines::~Machines() {
  for (const Holder& holder : holders_) {
    if (holder.input >= 0) ::close(holder.input);
    if (holder.pid > 0) ::kill(holder.pid, SIGKILL);
    if (holder.pid > 0) ::waitpid(holder.pid, nullptr, 0);
  }
}

// The second lies in the user namespace of the first, so that a cable may lead from one to the other.
bool Machines::make(std::size_t machine) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) return false;
  std::vector<std::string> words = words_of("unshare --map-root-user --net cat");
  if (machine == 1) {
    words = enter(0);
    for (const char* word : {"unshare", "--net", "cat"}) words.emplace_back(word);
  }
  holders_[machine] = {spawn(words, in[0], out[1]), in[1]};
  ::close(out[1]);
  char answer = 0;
  pollfd wait{out[0], POLLIN, 0};
  const bool here = ::write(in[1], ".", 1) == 1 && ::poll(&wait, 1, 20'000) == 1 && ::read(out[0], &answer, 1) == 1;
  ::close(out[0]);
  ::close(in[0]);  // only now: writing to a holder that did not start must not end us
  return here;
}

std::vector<std::string> Machines::enter(std::size_t machine) const {
  return words_of("nsenter --user --net --preserve-credentials --target " + std::to_string(holders_[machine].pid) +
                  " -- setpriv --pdeathsig KILL");
}

bool Machines::command(std::size_t machine, const std::string& text) const {
  std::vector<std::string> words = enter(machine);
  for (const std::string& word : words_of(text)) words.push_back(word);
  const pid_t pid = spawn(words, 0, 1);
  int status = -1;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

std::unique_ptr<Running> Machines::start(std::size_t machine, const std::vector<std::string>& arguments) const {
  return place_.start(arguments, enter(machine));
}

Ended Machines::run(std::size_t machine, const std::vector<std::string>& arguments) const {
  return start(machine, arguments)->end();
}

void Machines::cut_cable() const { EXPECT_TRUE(command(1, "ip link set b0 down")); }
void Machines::mend_cable() const { EXPECT_TRUE(command(1, "ip link set b0 up")); }

}  // namespace algean::e2e
