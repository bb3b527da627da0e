// Hostile weight files: changed and cut bytes must give a graph or a named error, never a crash or a hang.
#include <gmock/gmock.h>

#include <array>

#include "runtime/base/random.hpp"
#include "tests/unit/partitioner/import_keras/models.hpp"

namespace algean::partitioner::testing_keras {
namespace {

using testing::HasSubstr;

const std::string topology =
    sequential({layer("InputLayer", "x", R"("batch_input_shape":[null,4])"), layer("Dense", "a", R"("units":3)"),
                layer("BatchNormalization", "n"), layer("Dense", "b", R"("units":2,"activation":"softmax")")});

std::vector<StoredLayer> stored() {
  return {{"a", "dense", {{"a/kernel:0", {4, 3}, std::vector<float>(12, 0.5F)}, {"a/bias:0", {3}, {1, 2, 3}}}},
          {"n",
           "batch_normalization",
           {{"n/gamma:0", {3}, {1, 2, 3}},
            {"n/beta:0", {3}, {1, 2, 3}},
            {"n/mean:0", {3}, {1, 2, 3}},
            {"n/variance:0", {3}, {1, 2, 3}}}},
          {"b", "dense_1", {{"b/kernel:0", {3, 2}, std::vector<float>(6, 0.5F)}, {"b/bias:0", {2}, {1, 2}}}}};
}

// The bytes of a weight file in each layout, plain and deflated; the last two are whole models.
std::vector<std::string> originals(const Folder& folder) {
  std::vector<std::string> files;
  for (const std::string layout : {"names", "class", "whole"}) {
    for (const Packing packing : {Packing::contiguous, Packing::deflated}) {
      {
        Hdf5Writer file(folder / "original.h5", packing,
                        packing == Packing::deflated ? Strings::fixed : Strings::variable);
        if (layout == "class") {
          write_by_class(file, stored());
        } else {
          write_by_names(file, layout == "whole" ? "model_weights" : "", stored());
          if (layout == "whole") file.scalar("", "model_config", topology);
        }
      }
      auto bytes = read_text(folder / "original.h5");
      EXPECT_TRUE(bytes);
      files.push_back(*bytes);
    }
  }
  return files;
}

TEST(Hdf5Mutations, TenThousand) {
  const Folder folder;
  const auto json = folder.write("m.json", topology);
  const std::vector<std::string> files = originals(folder);
  const auto import = [&](std::size_t which, std::string_view bytes) {
    const auto path = folder.write("w.h5", std::string(bytes));
    return import_keras(which >= 4 ? KerasFiles{path, std::nullopt} : KerasFiles{json, path}, kernels::library());
  };
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto graph = import(i, files[i]);
    ASSERT_TRUE(graph) << graph.error().message;
  }
  constexpr int count = 10'000;
  int imported = 0;
  int crashed = 0;
  int hung = 0;
  Random random(21);
  for (int i = 0; i < count; ++i) {
    const std::size_t which = static_cast<std::size_t>(i) % files.size();
    std::string bytes = files[which];
    if (i % 10 == 9) {
      bytes.resize(random.below(bytes.size()));
    } else {
      for (std::int64_t change = random.between(1, 4); change > 0; --change)
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    const auto graph = import(which, bytes);
    if (graph) {
      ++imported;
      continue;
    }
    const std::string& message = graph.error().message;
    ASSERT_THAT(message, HasSubstr("w.h5")) << "mutation " << i;
    ASSERT_EQ(graph.error().kind, ErrorKind::bad_input) << "mutation " << i << ": " << message;
    if (message.find("crashed on this file") != std::string::npos) ++crashed;
    if (message.find("did not finish this file") != std::string::npos) ++hung;
  }
  std::printf("%d files: %d imported, %d refused, of those %d by a crash and %d by a hang of the child\n", count,
              imported, count - imported, crashed, hung);
  EXPECT_GT(imported, 0);
  EXPECT_LT(imported, count);
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
