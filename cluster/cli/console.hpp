// Everything that people or scripts see passes here. People's text goes to standard output, or to standard error with
// --json, when standard output carries exactly one JSON document. Progress shows on standard error, only on a terminal.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "cluster/cli/json.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

// The two streams, owned by the caller, and whether each is a terminal.
struct Streams {
  std::FILE* out = nullptr;
  std::FILE* err = nullptr;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

class Console {
 public:
  Console(Streams streams, const Clock& clock) : streams_(streams), clock_(&clock) {}

  void use_json() { json_ = true; }
  [[nodiscard]] bool json() const { return json_; }
  // Whether people read the text on a terminal now (histograms show only there).
  [[nodiscard]] bool people_at_terminal() const { return json_ ? streams_.err_is_terminal : streams_.out_is_terminal; }

  // A line (or lines) of people's text; a newline is added.
  template <class... Args>
  void text(fmt::format_string<Args...> form, Args&&... args) {
    write_people(fmt::format(form, std::forward<Args>(args)...) + "\n");
  }
  // Text that ends its own lines, such as a table.
  void block(std::string_view lines) { write_people(lines); }
  // "algean: warning: ..." on standard error.
  void warn(std::string_view message);
  // "algean: ..." on standard error, and {"error": {...}} on standard output with --json.
  void error(const Error& error);
  // The one document of --json: the first that is given; nothing without --json.
  void document(const Json& document);

  // Shows "step 12/100" in place, at most ten times a second; total 0 means unknown. Nothing without a terminal.
  void progress(std::string_view step, std::size_t done, std::size_t total);
  void clear_progress();

  // Flushes standard output; failed where what was printed did not arrive (a full disk, a closed pipe).
  Result<> finish();

 private:
  void write_people(std::string_view text);
  static void write(std::FILE* stream, std::string_view text);

  Streams streams_;
  const Clock* clock_;
  bool json_ = false;
  bool documented_ = false;
  std::size_t progress_width_ = 0;
  std::int64_t progress_at_ns_ = 0;
};

}  // namespace algean::cluster
