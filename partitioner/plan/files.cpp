#include "kernels/graph/text.hpp"
#include "partitioner/plan/text.hpp"
#include "runtime/base/file.hpp"
#include "runtime/document/document.hpp"

namespace algean::partitioner {
namespace {

namespace fs = std::filesystem;

// Whether a graph of these bytes may be written there.
Result<bool> must_write(const fs::path& path, std::span<const std::byte> bytes, const fs::path& source) {
  std::error_code error;
  if (!fs::exists(path, error)) return true;
  ALGEAN_ASSIGN(const auto found, read_file(path));
  if (std::ranges::equal(found, bytes)) return false;
  constexpr std::string_view mark = "algean-graph ";
  const std::string_view start(reinterpret_cast<const char*>(found.data()), std::min(found.size(), mark.size()));
  if (start != mark) {
    return bad_input("{}: the plan's graph would take the place of a file that is no graph; give the plan another name",
                     path.string());
  }
  if (!source.empty() && fs::equivalent(path, source, error)) {
    return bad_input("{}: the plan's graph would take the place of the network itself; give the plan another name",
                     path.string());
  }
  return true;
}

}  // namespace

Result<PlanFile> read_plan(const fs::path& file, kernels::Families families) {
  ALGEAN_ASSIGN(const std::string text, read_text(file, Document::max_bytes));
  ALGEAN_ASSIGN(Plan plan, parse_plan(text, file.string()));
  const fs::path path = file.parent_path() / plan.graph.file;
  ALGEAN_ASSIGN(const auto bytes, read_file(path));
  if (bytes.size() != plan.graph.bytes || sha256_hex(bytes) != plan.graph.sha256) {
    return bad_input("{}: it is not the graph that {} was made for (its size or SHA-256 differs)", path.string(),
                     file.string());
  }
  ALGEAN_ASSIGN(kernels::Graph graph, kernels::parse(bytes, path.string()));
  if (auto good = kernels::verify(graph, families); !good) return std::unexpected(good.error().within(path.string()));
  if (auto good = verify(plan, graph); !good) return std::unexpected(good.error().within(file.string()));
  return PlanFile{std::move(plan), std::move(graph)};
}

Result<fs::path> write_plan(const fs::path& file, Plan& plan, const kernels::Graph& graph, const fs::path& source) {
  fs::path path = file;
  path.replace_extension(".graph");
  if (path == file) return bad_input("{}: a plan is not called .graph, as its graph is", file.string());
  const auto bytes = kernels::serialise(graph);
  plan.graph = {path.filename().string(), sha256_hex(bytes), bytes.size()};
  const std::string text = to_text(plan);
  ALGEAN_ASSIGN(const Plan again, parse_plan(text, file.string()));
  if (again != plan) return bad_input("{}: JSON cannot carry all names of layers and tensors", file.string());
  ALGEAN_ASSIGN(const bool must, must_write(path, bytes, source));
  if (must) ALGEAN_TRY(write_file(path, bytes));
  ALGEAN_TRY(write_text(file, text));
  return path;
}

}  // namespace algean::partitioner
