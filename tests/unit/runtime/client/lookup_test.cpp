#include "runtime/client/lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/base/file.hpp"
#include "runtime/client/client.hpp"
#include "tests/support/fake_engine.hpp"

namespace algean {
namespace {

using testing::HasSubstr;

class Lookup : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "lookup.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories(folder_ / name);
    ASSERT_TRUE(write_text(folder_ / name / "deployment.json", text));
  }
  [[nodiscard]] std::string error(const std::string& name) const {
    const auto result = find_deployment(folder_, name);
    EXPECT_FALSE(result);
    return result ? "" : result.error().message;
  }

  std::filesystem::path folder_;
};

TEST_F(Lookup, FindsTheAddress) {
  write("digits", R"({"version": 1, "name": "digits", "pid": 7, "address": "127.0.0.1:4000"})");
  EXPECT_EQ(find_deployment(folder_, "digits"), "127.0.0.1:4000");
}

TEST_F(Lookup, NamesWhatIsWrong) {
  EXPECT_EQ(error("digits"),
            "no deployment is called \"digits\" (" + (folder_ / "digits/deployment.json").string() + " is missing)");
  EXPECT_EQ(error("../digits"), "\"../digits\" is neither a deployment's name nor HOST:PORT");
  EXPECT_EQ(error(""), "\"\" is neither a deployment's name nor HOST:PORT");
  EXPECT_EQ(error(".."), "\"..\" is neither a deployment's name nor HOST:PORT");
  write("digits", "{\"address\": ");
  EXPECT_THAT(error("digits"), HasSubstr("deployment.json"));
  write("digits", "{\"name\": \"digits\"}");
  EXPECT_THAT(error("digits"), HasSubstr("address"));
  write("digits", "{\"address\": 4000}");
  EXPECT_THAT(error("digits"), HasSubstr("must be a string"));
}

TEST_F(Lookup, ClientConnectsByName) {
  testing_support::FakeEngine engine = testing_support::mirror_engine(8);
  auto listener = listen_udp().value();
  const std::string address = listener->address();
  write("mirrors", fmt::format("{{\"address\": \"{}\"}}", address));
  ClientOptions options;
  options.state_folder = folder_;
  options.poll = Poll::block;
  {
    testing_support::Served served(engine, std::move(listener));
    const auto client = Client::connect("mirrors", options);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ((*client)->address(), address);
  }
  const auto gone = Client::connect("mirrors", options);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message,
            "deployment \"mirrors\": node " + address + ": nobody answers there: connection refused");
  write("mirrors", "{\"address\": \"nowhere\"}");
  const auto wrong = Client::connect("mirrors", options);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "deployment \"mirrors\": address \"nowhere\": must be HOST:PORT, PORT 0 to 65535");
}

}  // namespace
}  // namespace algean
