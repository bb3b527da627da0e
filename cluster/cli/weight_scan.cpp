#include "cluster/cli/weight_scan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cluster/cli/batch.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/metrics.hpp"
#include "cluster/cli/session.hpp"

namespace algean::cluster {
namespace {

using partitioner::Loaded;

std::int64_t weight_bits_in_all(const kernels::Graph& graph) {
  std::int64_t sum = 0;
  for (const kernels::Layer& layer : graph.layers) {
    for (const char* role : {"weight", "bias"}) {
      const Tensor* constant = layer.spec.constant(role);
      if (constant != nullptr) sum += constant->shape().elements() * constant->type().element.bits();
    }
  }
  return sum;
}

bool has_float_weights(const kernels::Graph& graph) {
  return std::ranges::any_of(graph.layers, [](const kernels::Layer& layer) {
    const Tensor* weight = layer.spec.constant("weight");
    return weight != nullptr && weight->type().element.is_float();
  });
}

double signal_to_noise_db(std::span<const float> exact, std::span<const float> got) {
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const auto wanted = static_cast<double>(exact[i]);
    const double error = static_cast<double>(got[i]) - wanted;
    signal += wanted * wanted;
    noise += error * error;
  }
  return noise > 0 ? 10 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
}

double agreement(std::span<const float> exact, std::span<const float> got, std::size_t count) {
  const std::size_t size = exact.size() / count;
  std::size_t same = 0;
  for (std::size_t i = 0; i < count; ++i) {
    same += predicted_class(exact.subspan(i * size, size)) == predicted_class(got.subspan(i * size, size)) ? 1U : 0U;
  }
  return static_cast<double>(same) / static_cast<double>(count);
}

class Scanner {
 public:
  Scanner(const Loaded& loaded, const ScanOptions& options, Context& context)
      : loaded_(loaded), options_(options), context_(context) {}

  Result<Scan> run() {
    if (!loaded_.has_float() || !loaded_.integer_graph || !has_float_weights(loaded_.float_graph)) {
      return bad_input("{}: its weights are integers already: there is nothing to scan", loaded_.name);
    }
    ALGEAN_TRY(measure(0, loaded_.float_graph));
    for (int bits = partitioner::most_weight_bits; bits >= partitioner::least_weight_bits; --bits) {
      auto graph = partitioner::quantise(loaded_.float_graph, context_.families, loaded_.ranges, loaded_.types,
                                         {.weight_bits = bits});
      if (!graph) return std::unexpected(graph.error().within(fmt::format("weights of {} bits", bits)));
      ALGEAN_TRY(measure(bits, *graph));
    }
    return std::move(scan_);
  }

 private:
  [[nodiscard]] Result<std::filesystem::path> inputs() const {
    if (!options_.inputs.empty()) return options_.inputs;
    if (loaded_.net && loaded_.net->check) return loaded_.net->check->inputs.path;
    if (loaded_.net && loaded_.net->calibration) return loaded_.net->calibration->inputs.path;
    return bad_input("{}: nothing to scan with: --inputs is missing", loaded_.name);
  }

  Result<> prepare(const Session& session) {
    ALGEAN_ASSIGN(const auto file, inputs());
    ALGEAN_ASSIGN(batch_, read_batch(file, session.inputs()));
    scan_.inferences = batch_.count;
    if (!options_.labels.empty()) {
      ALGEAN_ASSIGN(labels_, read_labels(options_.labels, batch_.count));
    }
    const auto metric = choose_metric(options_.metric, session.inputs(), session.outputs(), labels_);
    if (metric) {
      scan_.metric = *metric;
    } else if (options_.metric != "auto" || !labels_.empty()) {
      return std::unexpected(metric.error());
    }
    return {};
  }

  Result<> measure(int bits, const kernels::Graph& graph) {
    ALGEAN_ASSIGN(const auto session, open_local(graph, context_.families));
    if (bits == 0) ALGEAN_TRY(prepare(*session));
    const std::string step = bits == 0 ? "scanning (float)" : fmt::format("scanning ({} bits)", bits);
    ALGEAN_ASSIGN(const auto outputs, session->infer(batch_, [&](std::size_t done, std::size_t total) {
      context_.console.progress(step, done, total);
    }));
    context_.console.clear_progress();
    const std::vector<float> answers = real_values(outputs.front().tensor);
    if (bits == 0) exact_ = answers;
    ScanRow row;
    row.weight_bits = bits;
    row.agreement = agreement(exact_, answers, batch_.count);
    row.snr_db = signal_to_noise_db(exact_, answers);
    row.weight_bits_in_all = weight_bits_in_all(graph);
    if (scan_.metric) {
      ALGEAN_ASSIGN(row.score, score(*scan_.metric, batch_, outputs.front().tensor, labels_));
    }
    scan_.rows.push_back(row);
    return {};
  }

  const Loaded& loaded_;
  const ScanOptions& options_;
  Context& context_;
  Batch batch_;
  std::vector<std::int64_t> labels_;
  std::vector<float> exact_;  // what the float network answers
  Scan scan_;
};

}  // namespace

Result<Scan> scan_widths(const Loaded& loaded, const ScanOptions& options, Context& context) {
  return Scanner(loaded, options, context).run();
}

}  // namespace algean::cluster
