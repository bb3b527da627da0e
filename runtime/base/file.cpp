#include "runtime/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "runtime/base/descriptor.hpp"

namespace algean {
namespace {

// The first `count` bytes of the file, which may have no more than max_bytes.
template <class Container>
Result<Container> read_bytes(const std::filesystem::path& path, std::size_t count, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not block us
  if (file.get() < 0) return bad_input("{}: cannot read: {}", path.string(), system_reason());
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return bad_input("{}: cannot read: {}", path.string(), system_reason());
  if (!S_ISREG(status.st_mode)) return bad_input("{}: not a regular file", path.string());
  const auto all = static_cast<std::size_t>(status.st_size);
  if (all > max_bytes) return bad_input("{}: {} bytes, at most {} are accepted", path.string(), all, max_bytes);
  const std::size_t size = std::min(all, count);
  Container bytes;
  bytes.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(file.get(), bytes.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return bad_input("{}: cannot read: {}", path.string(), system_reason());
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<> write_and_sync(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("cannot write: {}", system_reason());
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) return failed("cannot write: {}", system_reason());
  return {};
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_bytes<std::vector<std::byte>>(path, max_bytes, max_bytes);
}

Result<std::string> read_text(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_bytes<std::string>(path, max_bytes, max_bytes);
}

Result<std::vector<std::byte>> read_start(const std::filesystem::path& path, std::size_t count) {
  return read_bytes<std::vector<std::byte>>(path, count, std::numeric_limits<std::size_t>::max());
}

Result<> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::error_code status_error;
  const auto status = std::filesystem::status(path, status_error);
  if (!status_error && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    const Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));  // /dev/stdout, /dev/full: nothing to rename
    if (device.get() < 0) return failed("{}: cannot write: {}", path.string(), system_reason());
    if (auto done = write_and_sync(device.get(), bytes); !done) {
      return std::unexpected(done.error().within(path.string()));
    }
    return {};
  }
  std::string temporary = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return failed("{}: cannot write: {}", path.string(), system_reason());
  auto done = write_and_sync(file.get(), bytes);
  if (done && ::fchmod(file.get(), 0644) != 0) done = failed("cannot write: {}", system_reason());
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = failed("cannot write: {}", system_reason());
  if (!done) {
    ::unlink(temporary.c_str());
    return std::unexpected(done.error().within(path.string()));
  }
  return {};
}

Result<> write_text(const std::filesystem::path& path, std::string_view text) {
  return write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace algean
