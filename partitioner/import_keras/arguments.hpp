// The arguments of an operation's call, wherever Keras put them: by position, by name, or in the operation's config.
#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "partitioner/import_keras/config.hpp"
#include "partitioner/import_keras/recipe.hpp"

namespace algean::partitioner {

// A tensor, or numbers that stand in the file.
struct Operand {
  std::optional<Recipe::Wire> wire;
  Numbers numbers;
};

class Arguments {
 public:
  Arguments(const Recipe& recipe, const Json& config);

  // The first that is given and not null of: argument number `position`, the one of one of these names, and this
  // attribute of the config; or nullptr.
  [[nodiscard]] const Json* find(std::size_t position, std::initializer_list<const char*> names) const;
  [[nodiscard]] Result<Recipe::Wire> tensor(std::size_t position, std::initializer_list<const char*> names) const;
  // A list of tensors, or one.
  [[nodiscard]] Result<std::vector<Recipe::Wire>> tensors(std::size_t position,
                                                          std::initializer_list<const char*> names) const;
  [[nodiscard]] Result<Operand> operand(std::size_t position, std::initializer_list<const char*> names) const;
  [[nodiscard]] Result<double> real(std::size_t position, std::initializer_list<const char*> names,
                                    std::optional<double> fallback = {}) const;
  [[nodiscard]] Result<bool> flag(std::size_t position, std::initializer_list<const char*> names, bool fallback) const;
  // An integer or a list of them.
  [[nodiscard]] Result<std::vector<std::int64_t>> integers(std::size_t position,
                                                           std::initializer_list<const char*> names) const;

 private:
  [[nodiscard]] std::optional<Recipe::Wire> as_wire(const Json& json) const;

  const Recipe& recipe_;
  const Json& config_;
  const Json* positional_;
  const Json* named_;
};

}  // namespace algean::partitioner
