#include "cluster/control/socket_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "runtime/base/descriptor.hpp"

namespace algean::cluster {
namespace {

// Of an ipc address that is a file's; else empty.
std::string path_of(const std::string& address) {
  constexpr std::string_view ipc = "ipc://";
  const bool is_file = address.starts_with(ipc) && address.size() > ipc.size() && address[ipc.size()] != '@';
  return is_file ? address.substr(ipc.size()) : std::string();
}

}  // namespace

Result<> SocketFile::check_free(const std::string& address) {
  const std::string path = path_of(address);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.empty()) return {};
  if (path.size() >= sizeof at.sun_path)
    return bad_input("{}: a path of more than {} bytes", address, sizeof at.sun_path - 1);
  std::memcpy(at.sun_path, path.data(), path.size());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return failed("{}: {}", address, system_reason());
  const bool taken = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 || errno == EAGAIN;
  if (taken) return failed("{}: cannot listen: {}", address, std::strerror(EADDRINUSE));  // NOLINT: glibc's is safe
  struct stat file{};
  const bool is_other = ::stat(path.c_str(), &file) == 0 && !S_ISSOCK(file.st_mode);
  if (is_other) return failed("{}: cannot listen: there is a file of that name", address);
  return {};
}

SocketFile::SocketFile(const std::string& address) {
  const std::string path = path_of(address);
  struct stat file{};
  if (path.empty() || ::stat(path.c_str(), &file) != 0) return;
  path_ = path;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

void SocketFile::remove() {
  struct stat file{};
  const bool ours =
      !path_.empty() && ::stat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_;
  if (ours) ::unlink(path_.c_str());
  path_.clear();
}

}  // namespace algean::cluster
