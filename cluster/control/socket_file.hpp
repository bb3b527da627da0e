#pragma once

#include <sys/types.h>

#include <string>

#include "runtime/base/result.hpp"

namespace algean::cluster {

// The file of a Unix socket that libzmq listens at: libzmq would take over one that another process listens at, and
// leaves its own behind. Of any other address (tcp://, abstract ones): nothing.
class SocketFile {
 public:
  // Before listening: failed where somebody listens at that path.
  static Result<> check_free(const std::string& address);

  SocketFile() = default;
  // After listening.
  explicit SocketFile(const std::string& address);
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;
  ~SocketFile() { remove(); }
  // Removes it, unless another has taken its place.
  void remove();

 private:
  std::string path_;  // empty: none
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace algean::cluster
