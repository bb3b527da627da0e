// Hostile files: changed and cut bytes must give a graph or a named error, never a crash or a hang.
#include <gtest/gtest.h>

#include <array>

#include "kernels/library/library.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"
#include "runtime/base/random.hpp"
#include "tests/unit/partitioner/import_tflite/tflite_fixture.hpp"

namespace algean::partitioner::testing_tflite {
namespace {

TEST(TfliteMutations, TwentyThousand) {
  const std::array wholes{convolutional_model(), unsigned_model(), branching_model()};
  constexpr int count = 20'000;
  int imported = 0;
  Random random(20);
  for (int i = 0; i < count; ++i) {
    std::string bytes = wholes[random.below(wholes.size())];
    if (i % 20 == 19) {
      bytes.resize(random.below(bytes.size()));
    } else {
      for (std::int64_t change = random.between(1, 4); change > 0; --change) {
        const auto flip = static_cast<char>(random.below(2) == 0 ? random.below(256) : 1ULL << random.below(8));
        char& byte = bytes[random.below(bytes.size())];
        byte = static_cast<char>(byte ^ flip);
      }
    }
    const auto graph = import_tflite(std::as_bytes(std::span(bytes)), "m.tflite", kernels::library());
    if (graph) {
      ++imported;
      ASSERT_TRUE(kernels::verify(graph->graph, kernels::library())) << "mutation " << i;
      continue;
    }
    ASSERT_EQ(graph.error().kind, ErrorKind::bad_input) << "mutation " << i << ": " << graph.error().message;
    ASSERT_TRUE(graph.error().message.starts_with("m.tflite: ")) << graph.error().message;
  }
  std::printf("%d files: %d imported, %d refused\n", count, imported, count - imported);
  EXPECT_GT(imported, 0);
  EXPECT_LT(imported, count);
}

}  // namespace
}  // namespace algean::partitioner::testing_tflite
