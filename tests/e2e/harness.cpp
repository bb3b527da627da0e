#include "tests/e2e/harness.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>

namespace algean::e2e {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string binary() {
  const char* path = std::getenv("ALGEAN_BINARY");  // NOLINT(concurrency-mt-unsafe)
  return path == nullptr ? "algean" : path;
}

// In the child: never returns.
[[noreturn]] void become(const std::vector<std::string>& words, const fs::path& folder, const fs::path& out,
                         const fs::path& err) {
  std::vector<char*> arguments;
  std::vector<std::string> copies = words;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int in_fd = ::open("/dev/null", O_RDONLY);
  const int out_fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int err_fd = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::dup2(in_fd, 0);
  ::dup2(out_fd, 1);
  ::dup2(err_fd, 2);
  ::setenv("XDG_STATE_HOME", (folder / "state").c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

nlohmann::json Ended::document() const {
  nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << "standard output is not one JSON document:\n" << out << err;
  return parsed;
}

Running::~Running() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Running::signal(int number) const { ASSERT_EQ(::kill(pid_, number), 0); }

bool Running::prints(const std::string& text) const {
  const auto holds = [&] {
    return slurp(out_).find(text) != std::string::npos || slurp(err_).find(text) != std::string::npos;
  };
  bool ended = false;
  (void)eventually([&] {
    siginfo_t info{};
    ended = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
    return ended || holds();
  });
  return holds();
}

std::string Running::out() const { return slurp(out_); }

Ended Running::end() {
  int status = 0;
  bool ended = false;
  for (int minute = 0; minute < 2 && !ended; ++minute) {
    ended = eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
  }
  if (!ended) {
    ADD_FAILURE() << "the binary did not end";
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  pid_ = 0;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), slurp(out_), slurp(err_)};
}

Place::Place() {
  std::string folder = (fs::temp_directory_path() / "algean_e2e.XXXXXX").string();
  folder_ = ::mkdtemp(folder.data());
}

Place::~Place() {
  (void)run({"stop", "--all"});
  for (const pid_t pid : processes()) ::kill(pid, SIGKILL);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::size_t Place::state_entries() const {
  std::error_code ignored;
  return static_cast<std::size_t>(
      std::distance(fs::recursive_directory_iterator(states(), ignored), fs::recursive_directory_iterator()));
}

std::vector<pid_t> Place::processes() const {
  std::vector<pid_t> found;
  const std::string mark = "XDG_STATE_HOME=" + (folder_ / "state").string() + std::string(1, '\0');
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (slurp(entry.path() / "environ").find(mark) != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

std::unique_ptr<Running> Place::start(const std::vector<std::string>& arguments,
                                      const std::vector<std::string>& launcher) const {
  const int number = runs_++;
  const fs::path out = folder_ / (".out." + std::to_string(number));
  const fs::path err = folder_ / (".err." + std::to_string(number));
  std::vector<std::string> words = launcher;
  words.push_back(binary());
  words.insert(words.end(), arguments.begin(), arguments.end());
  const pid_t pid = ::fork();
  if (pid == 0) become(words, folder_, out, err);
  EXPECT_GT(pid, 0);
  return std::make_unique<Running>(pid, out, err);
}

Ended Place::run(const std::vector<std::string>& arguments) const { return start(arguments)->end(); }

}  // namespace algean::e2e
