// What a user can cause is a Result whose Error says what, where and the rule; a broken invariant stops the program.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace algean {

// Why a job ended. The values are the exit statuses of the command line.
enum class ErrorKind : std::uint8_t {
  failed = 1,     // the job failed or results differ
  bad_input = 2,  // the user's input broke a rule
  deadline = 3,   // a deadline passed
};

struct Error {
  ErrorKind kind = ErrorKind::failed;
  std::string message;

  // The same error with "where: " in front of its message.
  [[nodiscard]] Error within(std::string_view where) const { return {kind, fmt::format("{}: {}", where, message)}; }
};

template <class T = void>
using Result = std::expected<T, Error>;

template <class... Args>
[[nodiscard]] std::unexpected<Error> bad_input(fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(Error{ErrorKind::bad_input, fmt::format(text, std::forward<Args>(args)...)});
}
template <class... Args>
[[nodiscard]] std::unexpected<Error> failed(fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(Error{ErrorKind::failed, fmt::format(text, std::forward<Args>(args)...)});
}
template <class... Args>
[[nodiscard]] std::unexpected<Error> deadline_passed(fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(Error{ErrorKind::deadline, fmt::format(text, std::forward<Args>(args)...)});
}

// Stops the program: for invariants of ours, never for what a user, a file or a packet can cause.
[[noreturn]] void broken_invariant(const char* file, int line, const char* what);

}  // namespace algean

#define ALGEAN_JOIN_(a, b) a##b
#define ALGEAN_JOIN(a, b) ALGEAN_JOIN_(a, b)

// Returns the error of a Result<> expression to the caller.
#define ALGEAN_TRY(expression)                                                                                       \
  do {                                                                                                               \
    if (auto algean_result = (expression); !algean_result) return std::unexpected(std::move(algean_result).error()); \
  } while (false)

// ALGEAN_ASSIGN(auto x, f()) declares or assigns x from a Result, or returns its error to the caller.
#define ALGEAN_ASSIGN(target, ...) ALGEAN_ASSIGN_(ALGEAN_JOIN(algean_result_, __LINE__), target, __VA_ARGS__)
#define ALGEAN_ASSIGN_(name, target, ...)                     \
  auto name = (__VA_ARGS__);                                  \
  if (!name) return std::unexpected(std::move(name).error()); \
  target = *std::move(name)

#define ALGEAN_INVARIANT(condition)                                               \
  do {                                                                            \
    if (!(condition)) ::algean::broken_invariant(__FILE__, __LINE__, #condition); \
  } while (false)
