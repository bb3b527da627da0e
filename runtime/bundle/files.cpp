#include <sodium.h>

#include <array>

#include "runtime/base/file.hpp"
#include "runtime/bundle/bundle.hpp"

namespace algean {

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::string result;
  for (const unsigned char byte : hash) result += fmt::format("{:02x}", byte);
  return result;
}

Result<> check_files(const Bundle& bundle, const std::filesystem::path& folder) {
  for (const BundleKernel& kernel : bundle.kernels) {
    const std::filesystem::path file = folder / kernel.file;
    ALGEAN_ASSIGN(const auto bytes, read_file(file));
    if (bytes.size() != kernel.bytes) {
      return bad_input("{}: {} bytes, the bundle of node `{}` says {}", file.string(), bytes.size(), bundle.name,
                       kernel.bytes);
    }
    if (const std::string found = sha256_hex(bytes); found != kernel.sha256) {
      return bad_input("{}: its SHA-256 is {}, the bundle of node `{}` says {}", file.string(), found, bundle.name,
                       kernel.sha256);
    }
  }
  return {};
}

}  // namespace algean
