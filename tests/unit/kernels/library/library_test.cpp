#include "kernels/library/library.hpp"

#include <gtest/gtest.h>

#include <set>

namespace algean::kernels {
namespace {

TEST(Library, FindsEveryOperationByItsName) {
  for (const char* operation : {"dense",
                                "relu",
                                "leaky_relu",
                                "sigmoid",
                                "tanh",
                                "softmax",
                                "batch_norm",
                                "reshape",
                                "conv1d",
                                "conv2d",
                                "conv1d_transpose",
                                "conv2d_transpose",
                                "add",
                                "multiply",
                                "maximum",
                                "max_pool2d",
                                "average_pool1d",
                                "reduce_mean",
                                "arg_max",
                                "kl_divergence",
                                "matmul",
                                "prelu",
                                "hard_swish",
                                "requantise",
                                "log_softmax"}) {
    EXPECT_NE(find_family(library(), operation), nullptr) << operation;
  }
  EXPECT_EQ(find_family(library(), "convolve_backwards"), nullptr);
}

TEST(Library, NamesEachOperationAndFamilyOnce) {
  std::set<std::string_view> operations, names;
  for (const Family* family : library()) {
    EXPECT_TRUE(names.insert(family->name()).second) << family->name();
    for (const std::string_view operation : family->operations())
      EXPECT_TRUE(operations.insert(operation).second) << operation;
  }
}

}  // namespace
}  // namespace algean::kernels
