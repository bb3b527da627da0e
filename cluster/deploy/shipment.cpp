#include "cluster/deploy/shipment.hpp"

#include "runtime/base/file.hpp"

namespace algean::cluster {

std::size_t Shipment::bytes() const {
  std::size_t sum = 0;
  for (const GraphFile& file : files) sum += file.bytes.size();
  return sum;
}

std::vector<std::string> Shipment::layers() const {
  std::vector<std::string> all;
  for (const BundleKernel& kernel : bundle.kernels) all.insert(all.end(), kernel.layers.begin(), kernel.layers.end());
  return all;
}

Result<> write_shipment(const std::filesystem::path& folder, const Shipment& shipment) {
  const std::filesystem::path own = folder / shipment.bundle.name;
  std::error_code error;
  std::filesystem::create_directory(own, error);
  if (error) return failed("{}: cannot make the folder: {}", own.string(), error.message());
  ALGEAN_TRY(write_text(own / bundle_file, to_text(shipment.bundle)));
  for (const GraphFile& file : shipment.files) ALGEAN_TRY(write_file(own / file.name, file.bytes));
  return {};
}

Result<Shipment> read_shipment(const std::filesystem::path& folder, const std::string& host) {
  Shipment shipment;
  shipment.host = host;
  ALGEAN_ASSIGN(shipment.bundle, read_bundle(folder));
  ALGEAN_TRY(check_files(shipment.bundle, folder));
  for (const BundleKernel& kernel : shipment.bundle.kernels) {
    ALGEAN_ASSIGN(auto bytes, read_file(folder / kernel.file));
    shipment.files.push_back({kernel.file, std::move(bytes)});
  }
  return shipment;
}

}  // namespace algean::cluster
