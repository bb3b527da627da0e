#include "tests/hls/ap_types/cases.hpp"

static_assert(__cplusplus == 201402L, "the templates must be compiled as C++14");

namespace algean_test {

std::string key(const std::string& file, std::initializer_list<int> types) {
  std::string text = file;
  for (int number : types) text += "," + std::to_string(number);
  return text;
}

void add(Table& table, const char* file, std::initializer_list<int> types, Case run, const char* q, const char* o) {
  std::string name = key(file, types);
  if (*q != '\0') name += std::string(",") + q + "," + o;
  table[name] = run;
}

}  // namespace algean_test
