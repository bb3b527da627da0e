// ResNet-50 from its author's files to a plan of two nodes: imported, calibrated with ten photographs, quantised, cut.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "kernels/library/library.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "partitioner/plan/plan.hpp"
#include "partitioner/problem/problem.hpp"
#include "partitioner/search/search.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/tensor/array_file.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/support/photographs.hpp"

namespace algean::bench {
namespace {

constexpr auto name = "import_resnet50";
constexpr double limit_s = 60;
constexpr double limit_gib = 2;

// The ten photographs as one array, in a file that goes with this.
class Calibration {
 public:
  Calibration() = default;
  Calibration(const Calibration&) = delete;
  Calibration& operator=(const Calibration&) = delete;
  ~Calibration() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  Result<> write(const std::filesystem::path& folder) const {
    ALGEAN_ASSIGN(const auto photographs, testing_support::read_photographs(folder));
    Tensor batch({ElementType::float32(), {10, 224, 224, 3}});
    auto to = batch.elements<float>();
    for (const auto& photograph : photographs) {
      const std::vector<float> input = testing_support::caffe_input(photograph);
      if (photograph.side != 224) return bad_input("a photograph is not 224 x 224");
      std::ranges::copy(input, to.begin());
      to = to.subspan(input.size());
    }
    const std::vector<NamedArray> arrays{{"", batch}};
    return write_arrays(path_, arrays);
  }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() / fmt::format("algean_bench_{}.npy", ::getpid());
};

Result<double> file_to_plan(const std::filesystem::path& model, const std::filesystem::path& calibration) {
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  partitioner::LoadOptions options;
  options.calibration_inputs = calibration;
  options.require_integer = true;
  ALGEAN_ASSIGN(const auto loaded, partitioner::load(model, kernels::library(), options));
  partitioner::Target target;
  target.nodes.resize(2);
  target.nodes[0].name = "a";
  target.nodes[1].name = "b";
  const std::vector<double> speeds_gmacs{100, 100};
  const auto problem = partitioner::make_problem(loaded.runnable(), kernels::library(), speeds_gmacs);
  ALGEAN_ASSIGN(const auto assignment, partitioner::greedy(problem));
  ALGEAN_ASSIGN(const auto plan,
                partitioner::make_plan(loaded.runnable(), kernels::library(), target, speeds_gmacs, assignment.nodes));
  for (const auto& kernel : plan.kernels) {
    fmt::print(stderr, "{}: node {}: {} layers, {:.2f} GMACs\n", name, plan.nodes[kernel.node].name,
               kernel.layers.size(), kernel.work_macs * 1e-9);
  }
  return static_cast<double>(clock.now_ns() - start_ns) * 1e-9;
}

Result<> measure(const std::filesystem::path& models) {
  const Calibration calibration;
  ALGEAN_TRY(calibration.write(models / "imagenet_samples"));
  ALGEAN_ASSIGN(const double seconds,
                file_to_plan(models / "resnet50_imagenet/resnet50_keras.json", calibration.path()));
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return failed("getrusage");
  const double gib = static_cast<double>(usage.ru_maxrss) / (1024.0 * 1024.0);
  if (gib > limit_gib) return failed("{:.2f} GiB of memory, the limit is {} GiB", gib, limit_gib);
  print({name, seconds, "s", fmt::format("the limit of 60 s (and 2 GiB: {:.2f} at most)", gib), limit_s,
         seconds / limit_s, 1, 0});
  return {};
}

}  // namespace
}  // namespace algean::bench

int main() {
  using namespace algean::bench;
  const char* given = std::getenv("ALGEAN_SHARED");
  const std::filesystem::path shared =
      given != nullptr ? std::filesystem::path(given) : std::filesystem::path(ALGEAN_SOURCE) / "../shared";
  if (!std::filesystem::exists(shared / "models/resnet50_imagenet")) {
    fmt::print("{{\"name\": \"{}\", \"skipped\": \"there is no folder of ResNet-50's files beside the tree\"}}\n",
               name);
    return 0;
  }
  if (const auto done = measure(shared / "models"); !done) {
    fmt::print(stderr, "{}: {}\n", name, done.error().message);
    return 1;
  }
  return 0;
}
