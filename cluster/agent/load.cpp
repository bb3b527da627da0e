#include "cluster/agent/load.hpp"

#include <map>

#include "runtime/base/cores.hpp"
#include "runtime/transport/poll.hpp"

namespace algean::cluster {
namespace {

std::size_t bytes_in(const control::Load& load) {
  std::size_t bytes = load.bundle().size();
  for (const control::File& file : load.files()) bytes += file.data().size();
  return bytes;
}

Result<> check_part(const control::PartId& part, const Bundle& bundle) {
  if (part.deployment() != bundle.deployment || part.node() != bundle.node) {
    return bad_input("the bundle is for node {} of `{}`, not for {}", bundle.node, bundle.deployment, to_text(part));
  }
  if (!bundle.cores.empty()) ALGEAN_TRY(parse_cores(bundle.cores));
  ALGEAN_TRY(parse_poll(bundle.poll));
  return {};
}

// The files' bytes in the order of the kernels; each is named by one.
Result<std::vector<std::string>> take_files(const Bundle& bundle, control::Load& load) {
  std::map<std::string, std::string*> by_name;
  for (control::File& file : *load.mutable_files()) {
    if (!by_name.emplace(file.name(), file.mutable_data()).second)
      return bad_input("file '{}' came twice", file.name());
  }
  std::vector<std::string> files;
  for (const BundleKernel& kernel : bundle.kernels) {
    const auto found = by_name.find(kernel.file);
    if (found == by_name.end()) return bad_input("kernel {}: file '{}' did not come", kernel.id, kernel.file);
    files.push_back(std::move(*found->second));
    by_name.erase(found);
  }
  if (!by_name.empty()) return bad_input("file '{}' came, which the bundle does not name", by_name.begin()->first);
  return files;
}

}  // namespace

Result<LoadedBundle> read_load(control::Load& load, std::size_t max_bytes) {
  if (const std::size_t bytes = bytes_in(load); bytes > max_bytes) {
    return bad_input("a bundle of {} bytes, this agent takes {}", bytes, max_bytes);
  }
  ALGEAN_ASSIGN(Bundle bundle, parse_bundle(load.bundle(), std::string(bundle_file)));
  ALGEAN_TRY(check_part(load.part(), bundle));
  ALGEAN_ASSIGN(std::vector<std::string> files, take_files(bundle, load));
  return LoadedBundle{std::move(bundle), std::move(files)};
}

}  // namespace algean::cluster
