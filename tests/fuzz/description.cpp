// Any bytes as an attach reply's description; what is decoded keeps the rules and is encoded to the same bytes.
#include "runtime/engine/description.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "tests/fuzz/require.hpp"

namespace algean {
namespace {

std::vector<std::byte> example() {
  const TensorType image{ElementType::int8(Quantisation::per_tensor(0.5, -128)), Shape({12, 23, 1})};
  const TensorType number{ElementType::integer(3, false), Shape({})};
  const TensorType score{ElementType::float32(), Shape({276})};
  return encode({"anomalies",
                 "0.1.0",
                 16,
                 60000,
                 2 << 20,
                 5,
                 {{"x", image, ExternalForm::float32}, {"mask", number, ExternalForm::integer}},
                 {{"y", score, ExternalForm::float32}, {"z", image, ExternalForm::integer}},
                 {{"a", ""}, {"b", "10.0.0.2:4000"}},
                 {{{0, 1, 0}, {1, 3, 2}}, {{1, 2, 255}}},
                 {1, 0}});
}

// The example with some stretches replaced, removed or doubled; or bytes as they are.
std::vector<std::byte> described(FuzzedDataProvider& data) {
  std::vector<std::byte> bytes;
  if (!data.ConsumeBool()) {
    const auto rest = data.ConsumeRemainingBytes<std::uint8_t>();
    bytes.resize(rest.size());
    if (!rest.empty()) std::memcpy(bytes.data(), rest.data(), rest.size());
    return bytes;
  }
  static const std::vector<std::byte> start = example();
  bytes = start;
  while (data.remaining_bytes() > 0 && !bytes.empty() && bytes.size() < 4096) {
    const auto at = data.ConsumeIntegralInRange<std::size_t>(0, bytes.size() - 1);
    const auto count = data.ConsumeIntegralInRange<std::size_t>(0, std::min<std::size_t>(bytes.size() - at, 40));
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = first + static_cast<std::ptrdiff_t>(count);
    switch (data.ConsumeIntegralInRange(0, 3)) {
      case 0:
        bytes.erase(first, last);
        break;
      case 1: {
        const std::vector<std::byte> again(first, last);
        bytes.insert(first, again.begin(), again.end());
        break;
      }
      default:
        *first = static_cast<std::byte>(data.ConsumeIntegral<std::uint8_t>());
    }
  }
  bytes.shrink_to_fit();
  return bytes;
}

void fuzz(FuzzedDataProvider& data) {
  const std::vector<std::byte> bytes = described(data);
  const auto description = decode_description(bytes);
  if (!description) {
    FUZZ_REQUIRE(description.error().kind == ErrorKind::bad_input && !description.error().message.empty());
    return;
  }
  FUZZ_REQUIRE(check_ports("input", description->inputs) && check_ports("output", description->outputs));
  FUZZ_REQUIRE(check_places(*description));
  FUZZ_REQUIRE(encode(*description) == bytes);
}

}  // namespace
}  // namespace algean

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  algean::fuzz(provider);
  return 0;
}
