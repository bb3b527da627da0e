// Any bytes as a datagram; what parse() lets through is written again and put together as tensors.
#include "runtime/wire/datagram.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "runtime/base/crc32c.hpp"
#include "runtime/wire/tensors.hpp"
#include "tests/fuzz/require.hpp"

namespace algean::wire {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t check_offset = 28;
constexpr std::array<std::size_t, 5> tensor_bytes{1, 64, 100, 640, 3000};

// What an Assembly should hold.
struct Model {
  explicit Model(std::size_t size) : bytes(size), there(size) {}
  Bytes bytes;
  std::vector<std::uint8_t> there;
};

Bytes take(FuzzedDataProvider& data, std::size_t most) {
  const auto bytes = data.ConsumeBytes<std::uint8_t>(most);
  Bytes result(bytes.size());
  if (!bytes.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

// A datagram with messages that may fit tensor_bytes.
Bytes written(FuzzedDataProvider& data) {
  static Bytes storage(8192);
  DatagramWriter writer(storage);
  writer.start();
  for (auto count = data.ConsumeIntegralInRange<unsigned>(1, 12); count > 0 && writer.room(); --count) {
    MessageHeader header;
    header.destination_port = data.ConsumeIntegralInRange<std::uint8_t>(0, tensor_bytes.size());
    header.flags = data.ConsumeIntegral<std::uint8_t>();
    header.tensor_offset = data.ConsumeIntegralInRange<std::uint32_t>(0, 50) * block_bytes;
    const std::size_t size = tensor_bytes[header.destination_port % tensor_bytes.size()];
    const std::size_t rest = header.tensor_offset < size ? size - header.tensor_offset : 0;
    const std::size_t blocks = data.ConsumeIntegralInRange<std::size_t>(0, 60) * block_bytes;
    const std::size_t length = std::min({data.ConsumeBool() ? rest : blocks, *writer.room(), std::size_t{4000}});
    header.payload_length = static_cast<std::uint16_t>(length);
    std::memset(writer.add(header), data.ConsumeIntegral<std::uint8_t>(), length);
  }
  FrameHeader frame;
  frame.type = data.ConsumeIntegral<std::uint8_t>();
  const auto datagram = writer.finish(frame);
  return {datagram.begin(), datagram.end()};
}

void edit(Bytes& bytes, FuzzedDataProvider& data) {
  for (auto edits = data.ConsumeIntegralInRange<unsigned>(0, 4); edits > 0 && !bytes.empty(); --edits) {
    bytes[data.ConsumeIntegralInRange<std::size_t>(0, bytes.size() - 1)] =
        static_cast<std::byte>(data.ConsumeIntegral<std::uint8_t>());
  }
  if (data.ConsumeBool()) bytes.resize(data.ConsumeIntegralInRange<std::size_t>(0, bytes.size() + 70));
}

// The header as a peer that knows the format writes it.
void sign(Bytes& bytes) {
  if (bytes.size() < header_bytes) return;
  store<std::uint32_t>(bytes.data(), magic);
  bytes[4] = std::byte{version};
  store<std::uint32_t>(bytes.data() + check_offset, crc32c(std::span(bytes).first(check_offset)));
}

void rewrite(const Datagram& datagram, const Bytes& bytes) {
  Bytes storage(std::max(bytes.size(), min_datagram_bytes));
  DatagramWriter writer(storage);
  writer.start();
  for (const Message& message : datagram.messages()) {
    FUZZ_REQUIRE(message.payload.data() >= bytes.data());
    FUZZ_REQUIRE(message.payload.data() + message.payload.size() <= bytes.data() + bytes.size());
    FUZZ_REQUIRE(writer.room() && message.payload.size() <= *writer.room());
    std::ranges::copy(message.payload, writer.add(message.header));
  }
  FUZZ_REQUIRE(std::ranges::equal(writer.finish(datagram.frame), bytes));
}

void assemble(const Datagram& datagram, Assembly& assembly, std::vector<Model>& models) {
  for (const Message& message : datagram.messages()) {
    if (assembly.add(message.header, message.payload) != Piece::accepted) continue;
    Model& model = models.at(message.header.destination_port);
    const std::size_t offset = message.header.tensor_offset;
    FUZZ_REQUIRE(!message.payload.empty() && offset + message.payload.size() <= model.bytes.size());
    for (std::size_t i = 0; i < message.payload.size(); ++i) {
      FUZZ_REQUIRE(model.there[offset + i] == 0);
      model.there[offset + i] = 1;
      model.bytes[offset + i] = message.payload[i];
    }
  }
  bool complete = true;
  for (std::size_t port = 0; port < models.size(); ++port) {
    const Model& model = models[port];
    const bool whole = std::ranges::find(model.there, 0) == model.there.end();
    complete &= whole;
    if (whole) FUZZ_REQUIRE(std::ranges::equal(assembly.bytes(port), model.bytes));
  }
  FUZZ_REQUIRE(assembly.complete() == complete);
  if (complete) return;
  const Assembly::Missing missing = assembly.missing();
  FUZZ_REQUIRE(models.at(missing.port).there.at(missing.byte) == 0);
}

void fuzz(FuzzedDataProvider& data) {
  static Datagram datagram;
  static Assembly assembly(tensor_bytes);
  static std::vector<Model> models(tensor_bytes.begin(), tensor_bytes.end());
  assembly.reset();
  for (Model& model : models) std::ranges::fill(model.there, 0);
  for (int round = 0; round < 6 && data.remaining_bytes() > 0; ++round) {
    Bytes bytes;
    if (data.ConsumeBool()) {
      bytes = written(data);
      edit(bytes, data);
    } else {
      bytes = take(data, data.ConsumeIntegralInRange<std::size_t>(0, 1000));
    }
    if (data.ConsumeIntegralInRange(0, 7) != 0) sign(bytes);
    bytes.shrink_to_fit();
    if (parse(bytes, datagram) != Drop::none) continue;
    rewrite(datagram, bytes);
    assemble(datagram, assembly, models);
  }
}

}  // namespace
}  // namespace algean::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  algean::wire::fuzz(provider);
  return 0;
}
