#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cluster/cli/calibration.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "cluster/cli/table.hpp"
#include "runtime/base/file.hpp"
#include "runtime/document/document.hpp"

namespace algean::cluster {

Result<kernels::Measured> read_calibration(const std::filesystem::path& path) {
  const auto read = Document::read(path);
  if (!read) return bad_input("{} (`algean calibrate` makes a calibration of reports)", read.error().message);
  const Document& document = *read;
  const Element root = document.root();
  ALGEAN_TRY(root.check_keys({"version", "modules"}));
  ALGEAN_ASSIGN(const Element version, root.at("version"));
  ALGEAN_TRY(version.integer(1, 1));
  ALGEAN_ASSIGN(const Element modules, root.at("modules"));
  ALGEAN_ASSIGN(const auto entries, modules.entries());
  kernels::Measured measured;
  for (const auto& [name, entry] : entries) {
    ALGEAN_TRY(entry.check_keys({"lut", "ff", "dsp", "bram18", "uram"}));
    kernels::Resources& resources = measured[name];
    const std::pair<const char*, std::int64_t*> counts[] = {{"lut", &resources.lut},
                                                            {"ff", &resources.ff},
                                                            {"dsp", &resources.dsp_multiply},
                                                            {"bram18", &resources.bram18},
                                                            {"uram", &resources.uram}};
    for (const auto& [key, count] : counts) {
      ALGEAN_ASSIGN(const Element value, entry.at(key));
      ALGEAN_ASSIGN(*count, value.integer(0, 1'000'000'000));
    }
  }
  return measured;
}

Result<> write_calibration(const std::filesystem::path& path, const kernels::Measured& measured) {
  Json modules = Json::object();
  for (const auto& [name, resources] : measured) {
    modules[name] = {{"lut", resources.lut},
                     {"ff", resources.ff},
                     {"dsp", resources.dsp()},
                     {"bram18", resources.bram18},
                     {"uram", resources.uram}};
  }
  return write_text(path, Json{{"version", 1}, {"modules", std::move(modules)}}.dump(2) + "\n");
}

namespace {

constexpr std::size_t max_report_bytes = std::size_t{256} << 20U;

struct Options {
  std::string reports;
  std::string output = "calibration.json";
};

// Reports of a folder (*.rpt, *.txt), in order; or the one file.
Result<std::vector<std::filesystem::path>> reports_in(const std::filesystem::path& place) {
  std::error_code error;
  if (!std::filesystem::is_directory(place, error)) return std::vector{place};
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator at(place, error), end; !error && at != end; at.increment(error)) {
    const auto extension = at->path().extension();
    if (extension == ".rpt" || extension == ".txt") files.push_back(at->path());
  }
  if (error) return bad_input("{}: {}", place.string(), error.message());
  if (files.empty()) return bad_input("{}: holds no report (*.rpt, *.txt)", place.string());
  std::ranges::sort(files);
  return files;
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const auto files, reports_in(options.reports));
  kernels::Measured measured;
  for (const auto& file : files) {
    ALGEAN_ASSIGN(const std::string text, read_text(file, max_report_bytes));
    const auto read = kernels::read_utilisation(text, measured);
    if (!read) return std::unexpected(read.error().within(file.string()));
  }
  {
    const HoldSignals hold;
    ALGEAN_TRY(write_calibration(options.output, measured));
  }
  context.console.text("{} modules of {} reports -> {}", measured.size(), files.size(), options.output);
  return Outcome{0, {{"modules", measured.size()}, {"reports", files.size()}, {"file", options.output}}};
}

}  // namespace

void add_calibrate(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("calibrate", "take what vendor reports say of modules in place of predictions",
                                  "algean calibrate reports/ -o calibration.json");
  command.option("REPORTS", options->reports, "folder of reports, or one: Vivado's report_utilization -hierarchical",
                 {.required = true});
  command.option("-o,--output", options->output, "file to write, for `algean cost --calibration`", {.not_empty = true});
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
