#include "kernels/graph/text.hpp"

#include <gmock/gmock.h>

#include <bit>
#include <filesystem>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/file.hpp"
#include "small_families.hpp"

namespace algean::kernels::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string random_name(Random& random) {
  static constexpr std::string_view characters = "ab/_:.0 \"\\\n\x01\x7f\xc3\xa9{}[]=,";
  std::string name;
  for (std::uint64_t i = random.below(8) + 1; i > 0; --i) name += characters[random.below(characters.size())];
  return name;
}

double random_real(Random& random) {
  const double value = std::bit_cast<double>(random.next());
  return value == value ? value : -0.0;
}

std::optional<Quantisation> random_quantisation(Random& random, const Shape& shape) {
  const auto scale = [&] { return 1e-6 + random.unit(); };
  if (random.below(3) == 0) return std::nullopt;
  if (shape.rank() == 0 || random.below(2) == 0)
    return Quantisation::per_tensor(scale(), static_cast<int>(random.between(-8, 7)));
  Quantisation q{{}, {}, static_cast<int>(random.below(shape.rank()))};
  for (std::int64_t i = 0; i < shape[static_cast<std::size_t>(q.axis)]; ++i) {
    q.scales.push_back(scale());
    q.zero_points.push_back(static_cast<int>(random.between(-8, 7)));
  }
  return q;
}

TensorType random_type(Random& random) {
  std::vector<std::int64_t> extents;
  for (std::uint64_t i = random.below(4); i > 0; --i) extents.push_back(random.between(1, 6));
  const Shape shape = *Shape::make(extents);
  if (random.below(3) == 0) return {ElementType::float32(), shape};
  const auto bits = static_cast<int>(random.between(4, 32));
  return {ElementType::integer(bits, true, random_quantisation(random, shape)), shape};
}

std::shared_ptr<const Tensor> random_tensor(Random& random) {
  auto tensor = std::make_shared<Tensor>(random_type(random));
  for (std::byte& byte : tensor->bytes()) byte = static_cast<std::byte>(random.below(256));
  return tensor;
}

AttributeValue random_attribute(Random& random) {
  switch (random.below(5)) {
    case 0:
      return static_cast<std::int64_t>(random.next());
    case 1:
      return random_real(random);
    case 2:
      return random_name(random);
    case 3: {
      std::vector<std::int64_t> list;
      for (std::uint64_t i = random.below(4); i > 0; --i) list.push_back(static_cast<std::int64_t>(random.next()));
      return list;
    }
    default: {
      std::vector<double> list;
      for (std::uint64_t i = random.below(4); i > 0; --i) list.push_back(random_real(random));
      return list;
    }
  }
}

// Any graph that has a text: layers of unknown operations between random values.
Graph random_graph(std::uint64_t seed) {
  Random random(seed);
  Graph graph;
  graph.name = random_name(random);
  for (std::uint64_t i = random.below(6) + 2; i > 0; --i) {
    graph.add_value(random_name(random) + std::to_string(i), random_type(random));
  }
  const auto any_value = [&] { return static_cast<ValueId>(random.below(graph.values.size())); };
  const auto any_port = [&] {
    return GraphPort{random_name(random), any_value(),
                     random.below(2) == 0 ? ExternalForm::float32 : ExternalForm::integer};
  };
  for (std::uint64_t i = random.below(3); i > 0; --i) graph.inputs.push_back(any_port());
  for (std::uint64_t i = random.below(3); i > 0; --i) graph.outputs.push_back(any_port());
  std::vector<std::shared_ptr<const Tensor>> shared = {random_tensor(random), random_tensor(random)};
  for (std::uint64_t i = random.below(5); i > 0; --i) {
    Layer layer{{random_name(random), random_name(random), {}, {}}, {any_value()}, {any_value(), any_value()}};
    for (std::uint64_t j = random.below(4); j > 0; --j)
      layer.spec.attributes.set(random_name(random), random_attribute(random));
    for (std::uint64_t j = random.below(4); j > 0; --j) {
      layer.spec.constants[random_name(random)] =
          random.below(3) == 0 ? shared[random.below(2)] : random_tensor(random);
    }
    graph.layers.push_back(std::move(layer));
  }
  return graph;
}

void expect_same(const Graph& a, const Graph& b) {
  EXPECT_EQ(print(a), print(b));
  ASSERT_EQ(a.values.size(), b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) EXPECT_EQ(a.values[i].type, b.values[i].type);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  std::map<const Tensor*, const Tensor*> twin;
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].spec.attributes, b.layers[i].spec.attributes);
    ASSERT_EQ(a.layers[i].spec.constants.size(), b.layers[i].spec.constants.size());
    for (const auto& [role, tensor] : a.layers[i].spec.constants) {
      const Tensor* other = b.layers[i].spec.constant(role);
      ASSERT_NE(other, nullptr);
      EXPECT_EQ(*tensor, *other);
      EXPECT_EQ(twin.try_emplace(tensor.get(), other).first->second, other) << "shared constants stay shared";
    }
  }
}

TEST(GraphText, ReadsAsStated) {
  EXPECT_EQ(print(small_graph()),
            "algean-graph 1\n"
            "graph \"small\"\n"
            "value \"x\" float32[4]\n"
            "value \"h\" float32[4]\n"
            "value \"y\" float32[4]\n"
            "input \"x\" value=\"x\" form=float32\n"
            "output \"y\" value=\"y\" form=float32\n"
            "constant \"double.factor\" float32[1] offset=0 crc32c=091c567b\n"
            "layer \"double\" scale inputs=[\"x\"] outputs=[\"h\"] constants={factor=\"double.factor\"}\n"
            "layer \"sum\" add inputs=[\"x\",\"h\"] outputs=[\"y\"]\n");
  EXPECT_THAT(print(small_integer_graph()), HasSubstr("value \"y\" int8[3] scale=0.3333333333333333 zero_point=7\n"));
}

TEST(GraphText, RoundTripsAnyGraph) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    const Graph graph = random_graph(seed);
    const auto bytes = serialise(graph);
    const auto parsed = parse(bytes, "file");
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message << '\n' << print(graph);
    expect_same(graph, *parsed);
    EXPECT_EQ(serialise(*parsed), bytes);
  }
}

TEST(GraphText, RoundTripsLongChannelLists) {
  Graph graph = small_integer_graph();
  Quantisation q{{}, {}, 0};
  for (int i = 0; i < 5000; ++i) {
    q.scales.push_back(1.0 / (i + 1));
    q.zero_points.push_back(i % 100);
  }
  graph.layers[0].spec.constants["offset"] = std::make_shared<Tensor>(TensorType{ElementType::int8(q), {5000}});
  const auto parsed = parse(serialise(graph), "file");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  expect_same(graph, *parsed);
}

TEST(GraphText, PlacesConstantsAtMultiplesOf64) {
  Graph graph = small_graph();
  graph.layers[1].spec.constants["zeta"] = factor(7);
  const auto bytes = serialise(graph);
  EXPECT_EQ(bytes.size() % 64, sizeof(float));
  EXPECT_THAT(print(graph), HasSubstr("\"sum.zeta\" float32[1] offset=64 "));
}

std::vector<std::byte> file_of(std::string text, std::span<const std::byte> constants = {}) {
  text += "---\n";
  text.resize((text.size() + 63) / 64 * 64);
  const auto head = std::as_bytes(std::span(text));
  std::vector<std::byte> bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), constants.begin(), constants.end());
  return bytes;
}

std::string parse_message(std::span<const std::byte> bytes) {
  const auto result = parse(bytes, "f");
  return result ? "accepted" : result.error().message;
}

// The text of a file with one good value and the constants' bytes "\0" * 64 + "\1\2\3\4".
std::string message_of(const std::string& lines) {
  std::array<std::byte, 68> data{};
  for (std::size_t i = 64; i < data.size(); ++i) data[i] = static_cast<std::byte>(i - 63);
  const bool with_constants = lines.find("offset=") != std::string::npos;
  return parse_message(file_of(std::string(graph_magic) + "graph \"g\"\nvalue \"x\" int8[2]\n" + lines,
                               with_constants ? std::span<const std::byte>(data) : std::span<const std::byte>()));
}

TEST(GraphText, RejectsBadLines) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", "accepted"},
      {"\n", "f:4: a line starts with graph, value, input, output, constant or layer"},
      {"wire \"x\"\n", "f:4: a line starts with graph, value, input, output, constant or layer"},
      {"graph \"h\"\n", "f:4: a second line 'graph'"},
      {"input \"x\" value=\"x\" form=float32\nvalue \"y\" int8[2]\n", "f:5: 'value' comes before 'input'"},
      {"value \"x\" int8[2]\n", "f:4: a second value 'x'"},
      {"value x int8[2]\n", "f:4: expected a string in double quotes, found 'x int8[2]'"},
      {"value \"y int8[2]\n", "f:4: a string is not closed"},
      {"value \"\\q\" int8[2]\n", "f:4: unknown escape in a string, there are \\\" \\\\ \\n and \\xHH"},
      {"value \"y\"\n", "f:4: expected ' ', found the end of the line"},
      {"value \"y\" int8\n", "f:4: expected '[', found 'int8'"},
      {"value \"y\" int99[2]\n", "f:4: 'int99' is no element type: float32, int1..int32 or uint1..uint32"},
      {"value \"y\" int8[2\n", "f:4: expected ']', found the end of the line"},
      {"value \"y\" int8[two]\n", "f:4: expected an integer of 64 bits, found 'two]'"},
      {"value \"y\" int8[0]\n", "f:4: shape [0]: every extent must be at least 1"},
      {"value \"y\" int8[1,1,1,1,1,1,1,1,1]\n", "f:4: 9 axes, at most 8 are accepted"},
      {"value \"y\" int8[1152921504606846976]\n", "f:4: shape [1152921504606846976]: more than 4294967296 elements"},
      {"value \"y\" int8[99999999999999999999]\n",
       "f:4: expected an integer of 64 bits, found '99999999999999999999]'"},
      {"value \"y\" int8[2] scale=1\n", "f:4: a quantisation is scale and zero_point, or axis, scales and zero_points"},
      {"value \"y\" int8[2] scale=1 scale=1\n", "f:4: duplicate key 'scale'"},
      {"value \"y\" int8[2] colour=1\n", "f:4: unknown key 'colour'"},
      {"value \"y\" int8[2] offset=0\n", "f:4: unknown key 'offset'"},
      {"value \"y\" int8[2] scale=1e999 zero_point=0\n", "f:4: expected a number, found '1e999 zero_point=0'"},
      {"value \"y\" int8[2] scale=1 zero_point=4294967296\n", "f:4: 4294967296 does not fit 32 bits"},
      {"input \"x\" form=float32\n", "f:4: key 'value' is missing"},
      {"input \"x\" value=\"x\"\n", "f:4: key 'form' must be float32 or integer"},
      {"input \"x\" value=\"x\" form=int8\n", "f:4: key 'form' must be float32 or integer"},
      {"input \"x\" value=\"z\" form=float32\n", "f:4: no value 'z'"},
      {"input \"x\" value=\"x\" form=float32 form=float32\n", "f:4: duplicate key 'form'"},
      {"output \"x\" where=\"x\"\n", "f:4: unknown key 'where'"},
      {"layer \"l\"\n", "f:4: expected ' ', found the end of the line"},
      {"layer \"l\" relu inputs=[\"z\"]\n", "f:4: no value 'z'"},
      {"layer \"l\" relu colour=1\n", "f:4: unknown key 'colour'"},
      {"layer \"l\" relu inputs=[] inputs=[]\n", "f:4: duplicate key 'inputs'"},
      {"layer \"l\" relu attributes={a=1,a=2}\n", "f:4: duplicate key 'a'"},
      {"layer \"l\" relu attributes={a=[1,2.5]}\n", "f:4: a list holds integers or reals, not both"},
      {"layer \"l\" relu attributes={a=[[1]]}\n", "f:4: expected a number, found '[1]]}'"},
      {"layer \"l\" relu attributes={a=b}\n", "f:4: expected a number, found 'b}'"},
      {"layer \"l\" relu attributes={a=1\n", "f:4: expected '}', found the end of the line"},
      {"layer \"l\" relu constants={w=\"c\"}\n", "f:4: no constant 'c'"},
  };
  for (const auto& [lines, expected] : cases) EXPECT_EQ(message_of(lines), expected) << lines;
}

TEST(GraphText, RejectsBadConstants) {
  const std::array<std::byte, 64> zeros{};
  const std::string first = fmt::format("constant \"c\" int8[64] offset=0 crc32c={:08x}\n", crc32c(zeros));
  const std::array<std::byte, 4> four = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  const std::string crc = fmt::format("{:08x}", crc32c(four));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"constant \"c\" int8[64] offset=0\n", "f:4: constant 'c': key 'crc32c' is missing"},
      {"constant \"c\" int8[64] crc32c=0\n", "f:4: constant 'c': key 'offset' is missing"},
      {"constant \"c\" int8[64] offset=0 crc32c=xyz\n", "f:4: expected a hexadecimal number, found 'xyz'"},
      {"constant \"c\" int8[64] offset=0 crc32c=1\n",
       fmt::format("f:4: constant 'c': CRC-32C is {:08x}, its line says 00000001: the file is damaged", crc32c(zeros))},
      {"constant \"c\" int8[64] offset=-64 crc32c=1\n", "f:4: constant 'c': offset -64 is no multiple of 64"},
      {"constant \"c\" int8[64] offset=3 crc32c=1\n", "f:4: constant 'c': offset 3 is no multiple of 64"},
      {"constant \"c\" int8[64] offset=64 crc32c=1\n", "f:4: constant 'c': offset 64 leaves a gap, must be 0"},
      {"constant \"c\" float32[4294967296] offset=0 crc32c=1\n",
       "f:4: constant 'c': float32[4294967296] is 17179869184 bytes at offset 0, the file has 68"},
      {first + "constant \"d\" int8[4] offset=0 crc32c=" + crc + "\n",
       "f:5: constant 'd': offset 0 overlaps the constant before it"},
      {first + "constant \"d\" int8[5] offset=64 crc32c=" + crc + "\n",
       "f:5: constant 'd': int8[5] is 5 bytes at offset 64, the file has 68"},
      {first + "constant \"c\" int8[4] offset=64 crc32c=" + crc + "\n", "f:5: a second constant 'c'"},
      {first + "constant \"d\" int8[4] offset=64 crc32c=" + crc + "\n", "f: constant 'c' is used by no layer"},
      {first + "layer \"l\" relu constants={w=\"c\"}\n", "f: 4 bytes after the last constant"},
      {first + "constant \"d\" int8[4] offset=64 crc32c=" + crc + "\nlayer \"l\" relu constants={w=\"c\",v=\"d\"}\n",
       "accepted"},
  };
  for (const auto& [lines, expected] : cases) EXPECT_EQ(message_of(lines), expected) << lines;
}

TEST(GraphText, RejectsFilesThatAreNoGraph) {
  const auto bytes_of = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  EXPECT_EQ(parse_message({}), "f:1: no graph file: the first line is not 'algean-graph 1'");
  EXPECT_EQ(parse_message(bytes_of("algean-graph 2\n---\n")),
            "f:1: no graph file: the first line is not 'algean-graph 1'");
  EXPECT_EQ(parse_message(bytes_of("algean-graph 1\ngraph \"g\"\n")), "f: no line '---' ends the text");
  EXPECT_EQ(parse_message(bytes_of("algean-graph 1\n---\n")), "f: 19 bytes, ends before its constants start at 64");
  EXPECT_EQ(parse_message(file_of("algean-graph 1\n")), "f: no line 'graph'");
  EXPECT_EQ(parse_message(file_of("algean-graph 1\nvalue \"x\" int8[2]\n")),
            "f:2: the first line is 'graph', found 'value'");
  auto padded = file_of("algean-graph 1\ngraph \"g\"\n");
  padded.back() = std::byte{1};
  EXPECT_EQ(parse_message(padded), "f: the padding after the text is not zero");
}

TEST(GraphText, SurvivesMutations) {
  const auto good = serialise(small_integer_graph());
  const auto good_float = serialise(small_graph());
  Random random(20240601);
  int accepted = 0;
  for (int i = 0; i < 10000; ++i) {
    auto bytes = i % 2 == 0 ? good : good_float;
    for (std::uint64_t changes = random.below(4) + 1; changes > 0 && !bytes.empty(); --changes) {
      const auto at = static_cast<std::ptrdiff_t>(random.below(bytes.size()));
      switch (random.below(4)) {
        case 0:
          bytes.erase(bytes.begin() + at,
                      bytes.begin() + at +
                          static_cast<std::ptrdiff_t>(
                              random.below(static_cast<std::uint64_t>(bytes.end() - bytes.begin() - at)) + 1));
          break;
        case 1:
          bytes.insert(bytes.begin() + at, bytes[random.below(bytes.size())]);
          break;
        default:
          bytes[static_cast<std::size_t>(at)] =
              static_cast<std::byte>(random.below(2) == 0 ? random.below(256) : '0' + random.below(10));
      }
    }
    const auto result = parse(bytes, "f");
    if (!result) {
      EXPECT_THAT(result.error().message, StartsWith("f:"));
    } else if (verify(*result, small_families)) {
      ++accepted;
      EXPECT_TRUE(parse(serialise(*result), "g").has_value());
    }
  }
  EXPECT_GT(accepted, 0);  // a changed letter of a name is still a graph
  EXPECT_LT(accepted, 5000);
}

TEST(GraphText, ReadsAndWritesFiles) {
  const auto folder = std::filesystem::temp_directory_path() / "algean_graph_text_test";
  std::filesystem::create_directories(folder);
  const auto path = folder / "network.graph";
  ASSERT_TRUE(write_graph(path, small_graph()).has_value());
  const auto read = read_graph(path, small_families);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  expect_same(small_graph(), *read);
  Graph unsupported = small_graph();
  unsupported.layers[0].spec.operation = "lstm";
  ASSERT_TRUE(write_graph(path, unsupported).has_value());
  EXPECT_EQ(read_graph(path, small_families).error().message,
            path.string() + ": unsupported operation 'lstm' of layer 'double'");
  EXPECT_THAT(read_graph(folder / "absent", small_families).error().message, HasSubstr("absent: cannot read"));
  EXPECT_THAT(write_graph("/dev/full", small_graph()).error().message, HasSubstr("/dev/full: cannot write"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace algean::kernels::testing
