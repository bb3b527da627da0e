// Tensors for engines that mirror: see fake_engine.hpp.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/client/client.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/support/fake_engine.hpp"

namespace algean::testing_support {

inline constexpr std::int64_t second_ns = 1'000'000'000;
inline constexpr std::int64_t patience_ns = 20 * second_ns;
inline constexpr std::int64_t image_elements = 3001;  // several datagrams of a small MTU

// What a suite runs over.
struct Kind {
  std::string name;
  std::function<Net(std::size_t)> net;  // of the largest datagram's bytes
  std::size_t mtu;
};

inline std::vector<float> random_image(Random& random, std::size_t size) {
  std::vector<float> image(size);
  for (float& value : image) value = static_cast<float>(random.unit() * 80 - 40);
  return image;
}

inline NamedTensor image_of(std::span<const float> values) {
  return {"image", Tensor({ElementType::float32(), Shape({static_cast<std::int64_t>(values.size())})}, values)};
}
inline NamedTensor key_of(std::int32_t key) {
  const std::vector<std::int32_t> values{key, -key, 0x7ffff};
  return {"key", Tensor({ElementType::integer(20, true), Shape({3})}, std::span<const std::int32_t>(values))};
}

inline void expect_mirrored(std::span<const float> image, std::int32_t key, const std::vector<NamedTensor>& outputs) {
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].name, "mirror");
  Tensor quantised = *quantise(image_of(image).tensor, image_type());
  std::ranges::reverse(quantised.bytes());
  EXPECT_EQ(outputs[0].tensor, dequantise(quantised));
  EXPECT_EQ(outputs[1].name, "key");
  EXPECT_EQ(outputs[1].tensor.elements<std::int32_t>()[0], key);
  EXPECT_EQ(outputs[1].tensor.elements<std::int32_t>()[1], -key);
}

}  // namespace algean::testing_support
