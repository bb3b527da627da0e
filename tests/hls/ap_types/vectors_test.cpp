// Every row of ../shared/vectors/ap_types through the public templates. Where the recorded headers deviate from what is
// documented, deviations.txt lists the rows, and documented() says by other arithmetic what ours must give there.
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/hls/ap_types/cases.hpp"

namespace algean_test {
namespace {

__extension__ using Wide = __int128;

struct File {
  std::string name;
  std::size_t rows;              // as its README counts them
  std::vector<std::size_t> key;  // columns of types
  std::size_t operands;          // columns before the results
};

const std::vector<File>& files() {
  static const std::vector<File> all{{"double_to_fixed", 23184, {0, 1, 2, 3, 4}, 6},
                                     {"fixed_to_fixed", 18480, {0, 1, 2, 4, 5, 6, 7, 8}, 9},
                                     {"int_arith", 3442, {1, 2, 3, 5, 6, 7}, 9},
                                     {"fixed_arith", 3316, {1, 2, 3, 5, 6, 7}, 9},
                                     {"mixed_arith", 919, {1, 2, 3, 5, 6, 7}, 9},
                                     {"compound_assign", 1616, {1, 2, 3, 7, 8, 9, 4, 5}, 11},
                                     {"compare", 920, {0, 1, 2, 3, 5, 6, 7}, 9},
                                     {"shift", 4504, {0, 1, 2, 3}, 7},
                                     {"unary_int", 408, {0, 1}, 3},
                                     {"unary_fixed", 468, {0, 1, 2}, 4},
                                     {"int_to_int", 288, {0, 1, 3, 4}, 5},
                                     {"double_to_int", 544, {0, 1}, 3},
                                     {"bits", 960, {1, 2, 3, 4}, 9},
                                     {"concat", 72, {0, 1, 3, 4}, 6}};
  return all;
}

Fields split(const std::string& line) {
  Fields fields;
  std::stringstream stream(line);
  for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
  if (line.ends_with(',')) fields.emplace_back();
  return fields;
}

std::string joined(const Fields& row, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < row.size(); ++i) text += (i == first ? "" : ",") + row[i];
  return text;
}

// Rows of a compressed file, without the header.
std::vector<Fields> read_rows(const std::filesystem::path& path) {
  std::vector<Fields> rows;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return rows;
  std::array<char, 1024> line;
  while (gzgets(file, line.data(), static_cast<int>(line.size())) != nullptr) {
    std::string text = line.data();
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    rows.push_back(split(text));
  }
  gzclose(file);
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

// deviations.txt: by file and row (1 is the first) the rule.
std::map<std::pair<std::string, std::size_t>, std::string> read_deviations(const std::filesystem::path& path) {
  std::map<std::pair<std::string, std::size_t>, std::string> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::stringstream words(line);
    std::string rule, name;
    words >> rule >> name;
    for (std::string range; words >> range;) {
      const std::size_t dash = range.find('-');
      const std::size_t first = std::stoul(range);
      const std::size_t last = dash == std::string::npos ? first : std::stoul(range.substr(dash + 1));
      for (std::size_t row = first; row <= last; ++row) rows[{name, row}] = rule;
    }
  }
  return rows;
}

Wide value_of(const std::string& is_signed, const std::string& width, const std::string& hex) {
  const auto bits = static_cast<Wide>(std::stoull(hex, nullptr, 16));
  const int w = std::stoi(width);
  return is_signed == "1" && ((bits >> (w - 1)) & 1) != 0 ? bits - (Wide{1} << w) : bits;
}

// The low `bits` bits of a value, as the vectors print them.
std::string pattern(Wide value, int bits) {
  std::string text;
  for (int low = (bits - 1) / 4 * 4; low >= 0; low -= 4) {
    const int kept = std::min(bits - low, 4);
    text += "0123456789abcdef"[static_cast<unsigned>(value >> low) & ((1U << kept) - 1)];
  }
  return text;
}

long double rounded(long double x, const std::string& mode) {
  const long double down = std::floor(x), up = std::ceil(x);
  if (mode == "AP_TRN") return down;
  if (mode == "AP_TRN_ZERO") return std::trunc(x);
  if (x - down != 0.5L) return x - down < 0.5L ? down : up;
  if (mode == "AP_RND") return up;
  if (mode == "AP_RND_MIN_INF") return down;
  if (mode == "AP_RND_ZERO") return std::trunc(x);
  if (mode == "AP_RND_INF") return x < 0 ? down : up;
  return std::fmod(down, 2.0L) == 0 ? down : up;
}

// A rounded value in `width` bits by AP_WRAP_SM.
std::string sign_magnitude(long double scaled, const std::string& quantisation, int width) {
  const auto value = static_cast<Wide>(rounded(scaled, quantisation));
  const Wide limit = Wide{1} << (width - 1);
  if (value >= -limit && value < limit) return pattern(value, width);
  const bool beyond = ((value >> width) & 1) != 0;
  const bool top = ((value >> (width - 1)) & 1) != 0;
  const Wide low = (beyond == top ? value : ~value) & (limit - 1);
  return pattern(beyond ? low | limit : low, width);
}

std::string documented_division(const Fields& row) {
  const Wide a = value_of(row[1], row[2], row[4]), b = value_of(row[5], row[6], row[8]);
  return joined({row[9], row[10], row[11], pattern(row[0] == "/" ? a / b : a % b, std::stoi(row[10]))}, 0);
}

std::string documented_comparison(const Fields& row) {
  const int f1 = std::stoi(row[2]) - std::stoi(row[3]), f2 = std::stoi(row[6]) - std::stoi(row[7]);
  const Wide a = value_of(row[1], row[2], row[4]) << std::max(f2 - f1, 0);
  const Wide b = value_of(row[5], row[6], row[8]) << std::max(f1 - f2, 0);
  return ordered(a, b);
}

// The lowest value over -1 of the last place: its own magnitude, moved as `/` moves it.
std::string documented_lowest(const Fields& row) {
  const bool integer_divisor = row[0] == "f/i";
  const int fraction = integer_divisor ? 0 : std::stoi(row[6]) - std::stoi(row[7]);
  const Wide dividend = value_of(row[1], row[2], row[4]) << std::max(fraction, 0);
  EXPECT_EQ(value_of(row[5], row[6], row[8]), -1);
  return joined({row[9], row[10], row[11], pattern(-dividend, std::stoi(row[10]))}, 0);
}

std::string documented_xor(Fields row) {
  row[16] = std::to_string(std::popcount(std::stoull(row[2], nullptr, 16)) % 2);
  return joined(row, 3);
}

// |x| < 1, toward zero.
std::string documented_integer(Fields row) {
  EXPECT_LE(std::stoi(row[2]), 0);
  row[9] = row[10] = "0";
  row[13] = "000000";
  row[14] = "000";
  return joined(row, 4);
}

std::string documented_wrap(const std::string& file, const Fields& row) {
  if (file == "double_to_fixed") {
    const int fraction = std::stoi(row[1]) - std::stoi(row[2]);
    return sign_magnitude(std::ldexp(std::strtold(row[5].c_str(), nullptr), fraction), row[3], std::stoi(row[1]));
  }
  const int fraction1 = std::stoi(row[1]) - std::stoi(row[2]), fraction = std::stoi(row[5]) - std::stoi(row[6]);
  const auto raw = static_cast<long double>(value_of(row[0], row[1], row[3]));
  return sign_magnitude(std::ldexp(raw, fraction - fraction1), row[7], std::stoi(row[5]));
}

std::string documented(const std::string& rule, const std::string& file, const Fields& row) {
  if (rule == "mixed_sign_division") return documented_division(row);
  if (rule == "mixed_sign_comparison") return documented_comparison(row);
  if (rule == "lowest_over_minus_one") return documented_lowest(row);
  if (rule == "xor_of_negative") return documented_xor(row);
  if (rule == "no_integer_bits") return documented_integer(row);
  if (rule == "rounded_into_overflow") return documented_wrap(file, row);
  EXPECT_EQ(rule, "one_bit_symmetric");  // from -0 to 0
  return "0";
}

class ApTypes : public testing::TestWithParam<File> {
 protected:
  void SetUp() override {
    const char* root = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe): one thread
    folder_ = std::filesystem::path(root == nullptr ? "" : root) / "vectors/ap_types";
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "no ../shared/vectors/ap_types";
    const char* source = std::getenv("ALGEAN_SOURCE");  // NOLINT(concurrency-mt-unsafe): one thread
    ASSERT_NE(source, nullptr);
    deviations_ = read_deviations(std::filesystem::path(source) / "tests/hls/ap_types/deviations.txt");
  }
  static const Table& table() {
    static const Table all = [] {
      Table t;
      add_conversions(t);
      add_double_to_fixed(t);
      add_fixed_to_fixed(t);
      add_compound_assign(t);
      add_int_operators(t);
      add_fixed_operators(t);
      add_mixed_operators(t);
      return t;
    }();
    return all;
  }

  std::filesystem::path folder_;
  std::map<std::pair<std::string, std::size_t>, std::string> deviations_;
};

TEST_P(ApTypes, EveryRow) {
  const File& file = GetParam();
  const std::vector<Fields> rows = read_rows(folder_ / (file.name + ".csv.gz"));
  ASSERT_EQ(rows.size(), file.rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string key = file.name + (file.name == "mixed_arith" ? "," + rows[i][0].substr(0, 1) : "");
    for (std::size_t column : file.key) key += "," + rows[i][column];
    const auto found = table().find(key);
    ASSERT_NE(found, table().end()) << key << ": types.inc has no such types";
    const std::string ours = found->second(rows[i]);
    const std::string recorded = joined(rows[i], file.operands);
    const auto deviation = deviations_.find({file.name, i + 1});
    SCOPED_TRACE(file.name + " row " + std::to_string(i + 1) + ": " + joined(rows[i], 0));
    if (deviation == deviations_.end()) {
      EXPECT_EQ(ours, recorded);
    } else {
      EXPECT_EQ(ours, documented(deviation->second, file.name, rows[i])) << deviation->second;
      EXPECT_NE(ours, recorded) << "listed as a deviation by " << deviation->second;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, ApTypes, testing::ValuesIn(files()), [](const auto& p) { return p.param.name; });

// The counts that the vectors' README gives (it has none for conversions without integer bits).
TEST_F(ApTypes, DeviationsAreThoseOfTheReadme) {
  std::map<std::string, int> by_rule;
  std::map<std::string, int> by_file;
  for (const auto& [row, rule] : deviations_) {
    ++by_rule[rule];
    if (rule == "one_bit_symmetric" || rule == "rounded_into_overflow") ++by_file[row.first];
  }
  EXPECT_EQ(by_rule["mixed_sign_division"], 135);
  EXPECT_EQ(by_rule["mixed_sign_comparison"], 35);
  EXPECT_EQ(by_rule["lowest_over_minus_one"], 5);
  EXPECT_EQ(by_file["double_to_fixed"], 124);
  EXPECT_EQ(by_file["fixed_to_fixed"], 90);
  EXPECT_EQ(by_rule["xor_of_negative"], 69);
  EXPECT_EQ(by_rule["no_integer_bits"], 64);
}

}  // namespace
}  // namespace algean_test
