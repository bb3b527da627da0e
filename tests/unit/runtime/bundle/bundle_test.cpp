#include "runtime/bundle/bundle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "runtime/base/file.hpp"
#include "runtime/base/random.hpp"

namespace algean {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Port port(std::string name, ExternalForm form = ExternalForm::float32) {
  return {std::move(name), {ElementType::int8(Quantisation::per_tensor(0.1, -128)), Shape({16})}, form};
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

// Node `b` of three: kernel 2 of a -> 3 -> (4 of c, client), and 5 of its own behind 4.
Bundle example() {
  const std::string hash = sha256_hex(bytes_of("graph"));
  return {.deployment = "jets",
          .network = "jet \"tagger\"",
          .node = 1,
          .name = "b",
          .listen = "127.0.0.1:0",
          .poll = "yield",
          .cores = "0,2-3",
          .polling_threads = 4,
          .home = 0,
          .max_clients = 8,
          .max_in_flight = 16,
          .inference_deadline_ms = 2000,
          .kernels = {{3, "kernel3.graph", hash, 5, {"fc1", "re/lu"}, {"h"}, {{{4, 0}, {0, 1}}, {{5, 1}}}},
                      {5, "kernel5.graph", hash, 5, {"fc3"}, {}, {{{0, 0}}}}},
          .peers = {{0, "a", {2}, "udp", 1500}, {2, "c", {4}, "tcp", 9000}},
          .inputs = {{port("x"), {{2, 0}, {3, 1}}},
                     {{"mask", {ElementType::integer(3, false), Shape({})}, ExternalForm::integer}, {{2, 1}}}},
          .outputs = {{port("y"), 5}, {port("z", ExternalForm::integer), 3}},
          .client_nodes = {{0, "a"}, {1, "b"}},
          .places = {{2, 0}, {3, 1}, {4, 2}, {5, 1}}};
}

TEST(Bundle, RoundTrips) {
  for (const bool cores : {true, false}) {
    Bundle bundle = example();
    if (!cores) bundle.cores.clear();
    const auto again = parse_bundle(to_text(bundle), "node.json");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, bundle);
  }
}

struct Broken {
  std::string message;
  std::function<void(Bundle&)> change;
};

TEST(Bundle, EveryRuleBetweenPartsIsHeld) {
  const std::vector<Broken> cases = {
      {"places: there is no kernel", [](Bundle& b) { b.places.clear(); }},
      {"places: kernel 3 has two", [](Bundle& b) { b.places.push_back({3, 0}); }},
      {"listen: 'here' is no HOST:PORT", [](Bundle& b) { b.listen = "here"; }},
      {"listen: 'h:70000' is no HOST:PORT", [](Bundle& b) { b.listen = "h:70000"; }},
      {"cores: 'all' are no numbers of cores", [](Bundle& b) { b.cores = "all"; }},
      {"peers[1]: node 0 is there already", [](Bundle& b) { b.peers[1].node = 0; }},
      {"peers[0]: node 1 is there already", [](Bundle& b) { b.peers[0].node = 1; }},
      {"peers[1]: the name 'a' is taken", [](Bundle& b) { b.peers[1].name = "a"; }},
      {"peers[0]: the name 'b' is taken", [](Bundle& b) { b.peers[0].name = "b"; }},
      {"peers[0]: its kernels are not those that places puts on node 0",
       [](Bundle& b) { b.peers[0].kernels.push_back(4); }},
      {"peers[0]: its kernels are not those", [](Bundle& b) { b.peers[0].kernels.push_back(2); }},
      {"peers[0]: its kernels are not those", [](Bundle& b) { b.peers[0].kernels.clear(); }},
      {"home: node 7 is neither this node nor a peer", [](Bundle& b) { b.home = 7; }},
      {"home: node 2 takes no input", [](Bundle& b) { b.home = 2; }},
      {"kernels[1]: a second kernel 3", [](Bundle& b) { b.kernels[1].id = 3; }},
      {"kernels[1]: a second file 'kernel3.graph'", [](Bundle& b) { b.kernels[1].file = "kernel3.graph"; }},
      {"kernels[1]: layer 'fc1' is there already", [](Bundle& b) { b.kernels[1].layers = {"fc1"}; }},
      {"kernels[0]: layer 'fc1' is there already", [](Bundle& b) { b.kernels[0].layers = {"fc1", "fc1"}; }},
      {"kernels: they are not those that places puts on node 1", [](Bundle& b) { b.places.push_back({9, 1}); }},
      {"kernels[0]: file: '../x' is no plain file name", [](Bundle& b) { b.kernels[0].file = "../x"; }},
      {"kernels[0]: file: '..' is no plain file name", [](Bundle& b) { b.kernels[0].file = ".."; }},
      {"kernels[0]: file: 'node.json' is no plain", [](Bundle& b) { b.kernels[0].file = "node.json"; }},
      {"kernels[0]: sha256: 'ab' is not 64 hexadecimal digits", [](Bundle& b) { b.kernels[0].sha256 = "ab"; }},
      {"is not 64 hexadecimal digits", [](Bundle& b) { b.kernels[0].sha256[9] = 'X'; }},
      {"kernels[0]: taps: a value is there twice", [](Bundle& b) { b.kernels[0].taps = {"h", "h"}; }},
      {"kernels[0]: routes: it has no output", [](Bundle& b) { b.kernels[0].routes.clear(); }},
      {"kernels[0]: routes: 256, at most 255", [](Bundle& b) { b.kernels[0].routes.resize(256, {{4, 0}}); }},
      {"kernels[0]: routes[1]: leads nowhere", [](Bundle& b) { b.kernels[0].routes[1].clear(); }},
      {"kernels[0]: routes[1]: kernel 77 has no place", [](Bundle& b) { b.kernels[0].routes[1][0].kernel = 77; }},
      {"kernels[0]: routes[1]: leads back to its own kernel", [](Bundle& b) { b.kernels[0].routes[1][0].kernel = 3; }},
      {"kernels[0]: routes[0]: output 2 of 2", [](Bundle& b) { b.kernels[0].routes[0][1].port = 2; }},
      {"kernels[0]: routes[0]: leads to output 0, which kernel 5 makes",
       [](Bundle& b) { b.kernels[0].routes[0][1].port = 0; }},
      {"kernels[0]: routes[0]: kernel 4 is on node 2, which is no peer", [](Bundle& b) { b.peers.pop_back(); }},
      {"no inputs", [](Bundle& b) { b.inputs.clear(); }},
      {"inputs[1]: no kernel takes it", [](Bundle& b) { b.inputs[1].destinations.clear(); }},
      {"inputs[1]: kernel 8 has no place", [](Bundle& b) { b.inputs[1].destinations = {{8, 0}}; }},
      {"inputs[1]: kernel 0 has no place", [](Bundle& b) { b.inputs[1].destinations = {{0, 0}}; }},
      {"input \"x\" is there twice", [](Bundle& b) { b.inputs[1].port.name = "x"; }},
      {"no outputs", [](Bundle& b) { b.outputs.clear(); }},
      {"outputs[1]: kernel 8 has no place", [](Bundle& b) { b.outputs[1].kernel = 8; }},
      {"port 0 of kernel 2 is fed twice", [](Bundle& b) { b.inputs[1].destinations = {{2, 0}}; }},
      {"port 0 of kernel 4 is fed twice", [](Bundle& b) { b.kernels[0].routes[1].push_back({4, 0}); }},
      {"output 1 is made twice", [](Bundle& b) { b.kernels[0].routes[1].push_back({0, 1}); }},
      {"outputs[1]: kernel 3 has no route to it", [](Bundle& b) { b.kernels[0].routes[0].pop_back(); }},
      {"client_nodes[1]: a second node 0", [](Bundle& b) { b.client_nodes[1].node = 0; }},
      {"client_nodes[1]: a second node 'a'", [](Bundle& b) { b.client_nodes[1].name = "a"; }},
      {"client_nodes[1]: 'q' is 'b' elsewhere", [](Bundle& b) { b.client_nodes[1].name = "q"; }},
      {"client_nodes: they are not those that take inputs or give outputs",
       [](Bundle& b) { b.client_nodes.pop_back(); }},
      {"client_nodes: they are not those", [](Bundle& b) { b.client_nodes.push_back({2, "c"}); }},
      {"client_nodes: the first is not home", [](Bundle& b) { std::swap(b.client_nodes[0], b.client_nodes[1]); }},
  };
  ASSERT_TRUE(check(example()));
  for (const auto& [message, change] : cases) {
    Bundle bundle = example();
    change(bundle);
    const auto direct = check(bundle);
    ASSERT_FALSE(direct) << message;
    EXPECT_THAT(direct.error().message, HasSubstr(message));
    const auto parsed = parse_bundle(to_text(bundle), "node.json");
    ASSERT_FALSE(parsed) << message;
    EXPECT_EQ(parsed.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(parsed.error().message, "node.json: " + direct.error().message);
  }
}

TEST(Bundle, EveryFieldIsReadStrictly) {
  struct Case {
    std::string from;
    std::string to;
    std::string message;
  };
  const std::vector<Case> cases = {
      {R"("version": 1)", R"("version": 2)", "node.json:2:13: 'version' must be an integer from 1 to 1; it is 2"},
      {R"("home": 0)", R"("hom": 0)", "unknown key 'hom'; did you mean 'home'?"},
      {R"("home": 0)", R"("home": -1)", "'home' must be an integer from 0 to 65535"},
      {R"("home": 0,)", "", "the document needs the key 'home'"},
      {R"("home": 0)", R"("home": 0, "home": 0)", "key 'home' stands twice"},
      {R"("deployment": "jets")", R"("deployment": 3)", "'deployment' must be a string"},
      {R"("deployment": "jets")", R"("deployment": "\u0007")", "'deployment' may not hold control characters"},
      {R"("network": ")", R"("network": "\u001b)", "'network' may not hold control characters"},
      {R"("poll": "yield")", R"("poll": "sleep")", "'poll' must be one of auto, spin, yield, block; it is 'sleep'"},
      {R"("polling_threads": 4)", R"("polling_threads": 0)", "'polling_threads' must be an integer from 1"},
      {R"("max_clients": 8)", R"("max_clients": 65535)", "'max_clients' must be an integer from 1 to 65534"},
      {R"("max_in_flight": 16)", R"("max_in_flight": 0)", "'max_in_flight' must be an integer from 1"},
      {R"("inference_deadline_ms": 2000)", R"("inference_deadline_ms": 86400001)", "from 1 to 86400000"},
      {R"("id": 3)", R"("id": 0)", "'kernels[0].id' must be an integer from 1 to 65535"},
      {R"("bytes": 5)", R"("bytes": 0)", "'kernels[0].bytes' must be an integer from 1"},
      {R"("port": 1)", R"("port": 255)", "must be an integer from 0 to 254; it is 255"},
      {R"("transport": "udp")", R"("transport": "shm")", "'peers[0].transport' must be one of udp, tcp"},
      {R"("mtu": 1500)", R"("mtu": 575)", "'peers[0].mtu' must be an integer from 576 to 65535"},
      {R"("form": "float32")", R"("form": "real")", "'inputs[0].form' must be one of float32, integer"},
      {R"("type": "int8")", R"("type": "int99")", "'inputs[0].type'"},
      {R"("type": "int8")", R"("type": "float32")", "'inputs[0].scale' quantises float32"},
      {R"("scale": 0.1)", R"("scale": 0)", "'inputs[0].scale' must be above 0, with a finite inverse"},
      {R"("scale": 0.1)", R"("scale": 1e-320)", "'inputs[0].scale' must be"},
      {R"("scale": 0.1,)", "", "'inputs[0].zero_point' stands without a scale"},
      {R"("zero_point": -128)", R"("zero_point": -129)", "must be an integer from -128 to 127; it is -129"},
      {R"("kernel": 5)", R"("kernel": "5")", "must be an integer"},
      {R"("layers": [)", R"("layers": 3, "x": [)", "unknown key 'kernels[0].x'"},
  };
  const std::string good = to_text(example());
  for (const auto& [from, to, message] : cases) {
    std::string text = good;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto result = parse_bundle(text, "node.json");
    ASSERT_FALSE(result) << to;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(result.error().message, HasSubstr(message));
    EXPECT_THAT(result.error().message, HasSubstr("node.json:"));
  }
}

TEST(Bundle, SurvivesMutation) {
  Random random(4);
  const std::string good = to_text(example());
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      text[random.below(text.size())] = static_cast<char>(random.next());
    }
    if (const auto result = parse_bundle(text, "node.json")) {
      EXPECT_TRUE(check(*result));
    } else {
      EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    }
  }
}

TEST(Bundle, Sha256IsThatOfFips180) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(bytes_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

class BundleFiles : public testing::Test {
 protected:
  BundleFiles() {
    std::string folder = (fs::temp_directory_path() / "algean_bundle.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    for (const char* file : {"kernel3.graph", "kernel5.graph"}) EXPECT_TRUE(write_text(folder_ / file, "graph"));
  }
  ~BundleFiles() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(BundleFiles, AreThoseOfTheBundle) {
  const auto good = check_files(example(), folder_);
  EXPECT_TRUE(good) << good.error().message;
}

TEST_F(BundleFiles, AreRefusedByName) {
  const auto refused = [&] {
    const auto result = check_files(example(), folder_);
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    return result.error().message;
  };
  const std::string file = (folder_ / "kernel5.graph").string();
  ASSERT_TRUE(write_text(file, "grapH"));
  EXPECT_THAT(refused(), testing::StartsWith(file + ": its SHA-256 is "));
  EXPECT_THAT(refused(), HasSubstr("the bundle of node `b` says " + sha256_hex(bytes_of("graph"))));
  ASSERT_TRUE(write_text(file, "graph!"));
  EXPECT_EQ(refused(), file + ": 6 bytes, the bundle of node `b` says 5");
  fs::remove(file);
  EXPECT_THAT(refused(), HasSubstr(file));
}

TEST_F(BundleFiles, NodeJsonIsReadFromTheFolder) {
  ASSERT_TRUE(write_text(folder_ / "node.json", to_text(example())));
  const auto read = read_bundle(folder_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, example());
  EXPECT_FALSE(read_bundle(folder_ / "none"));
}

}  // namespace
}  // namespace algean
