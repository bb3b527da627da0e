// The printed files in the tree are what the table prints. ALGEAN_REWRITE=1 writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/base/file.hpp"
#include "runtime/wire/print.hpp"
#include "runtime/wire/print_registers.hpp"

namespace algean::wire {
namespace {

void expect_printed(const std::string& file, const std::string& text) {
  // NOLINTBEGIN(concurrency-mt-unsafe): the environment is only read
  const char* source = std::getenv("ALGEAN_SOURCE");
  const bool rewrite = std::getenv("ALGEAN_REWRITE") != nullptr;
  // NOLINTEND(concurrency-mt-unsafe)
  if (source == nullptr) GTEST_SKIP() << "ALGEAN_SOURCE, the folder of the sources, is not set";
  const auto path = std::filesystem::path(source) / file;
  if (rewrite) {
    ASSERT_TRUE(write_text(path, text));
  }
  const auto in_tree = read_text(path);
  ASSERT_TRUE(in_tree) << in_tree.error().message;
  EXPECT_EQ(*in_tree, text) << file << " is not what its table says: run this test with ALGEAN_REWRITE=1";
}

TEST(Printed, CodecIsTheTables) { expect_printed("runtime/wire/codec.hpp", print_codec()); }
TEST(Printed, FormatIsTheTables) { expect_printed("runtime/wire/FORMAT.md", print_format()); }
TEST(Printed, RegistersAreTheTable) { expect_printed("runtime/wire/REGISTERS.md", print_registers()); }
TEST(Printed, RegisterModuleIsTheTable) {
  expect_printed("kernels/stream/rtl/algean_registers.sv", print_registers_module());
}

}  // namespace
}  // namespace algean::wire
