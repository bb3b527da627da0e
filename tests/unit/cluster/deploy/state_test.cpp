#include "cluster/deploy/state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "runtime/base/file.hpp"

namespace algean::cluster {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class StateTest : public testing::Test {
 protected:
  StateTest() {
    std::string folder = (fs::temp_directory_path() / "algean_state.XXXXXX").string();
    base_ = ::mkdtemp(folder.data());
    root_ = StateRoot(base_ / "state" / "algean");
  }
  ~StateTest() override { fs::remove_all(base_); }

  // A staged folder with a deployment.json in it.
  Staging prepared(const std::string& name, pid_t pid) {
    auto staging = root_.stage(name);
    EXPECT_TRUE(staging) << staging.error().message;
    EXPECT_TRUE(write_text(staging->folder() / "deployment.json", to_text(record(name, pid))));
    return *std::move(staging);
  }
  static Deployment record(const std::string& name, pid_t pid) {
    return {name,
            "127.0.0.1:4000",
            static_cast<std::uint64_t>(pid),
            "net",
            {{"a", "local", "tcp://127.0.0.1:4001", "127.0.0.1:4000", ProcessId{pid, 77}}}};
  }
  std::size_t entries() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(root_.path()), fs::directory_iterator()));
  }

  fs::path base_;
  StateRoot root_{""};
};

TEST(StateRootPath, FollowsTheBaseDirectorySpecification) {
  EXPECT_EQ(state_root_path("/x", "/home/a"), "/x/algean");
  EXPECT_EQ(state_root_path("", "/home/a"), "/home/a/.local/state/algean");
  EXPECT_EQ(state_root_path("relative", "/home/a"), "/home/a/.local/state/algean");
  EXPECT_EQ(state_root_path("", ""), "");
}

TEST(DeploymentName, Rules) {
  for (const std::string good : {"a", "jet-2.1_x", "01"}) EXPECT_TRUE(check_deployment_name(good)) << good;
  for (const std::string& bad : {std::string(), std::string("."), std::string("../x"), std::string("a/b"),
                                 std::string("-x"), std::string("a b"), std::string(65, 'a')}) {
    const auto result = check_deployment_name(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(result.error().message, HasSubstr("`" + bad + "` is no deployment name: letters, digits"));
  }
}

TEST_F(StateTest, PublishedFolderIsReadBack) {
  Staging staging = prepared("jet", 12);
  EXPECT_TRUE(fs::is_directory(staging.folder() / "log"));
  EXPECT_FALSE(root_.exists("jet"));
  ASSERT_TRUE(root_.publish(staging, "jet", false));
  const auto read = root_.read("jet");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, record("jet", 12));
  EXPECT_THAT(root_.names(), ElementsAre("jet"));
}

TEST_F(StateTest, StagedFolderGoesWithItsMaker) {
  fs::path folder;
  {
    const Staging staging = prepared("jet", 12);
    folder = staging.folder();
    EXPECT_TRUE(fs::exists(folder));
  }
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_THAT(root_.names(), ElementsAre());
}

TEST_F(StateTest, NameTaken) {
  Staging first = prepared("jet", 1);
  ASSERT_TRUE(root_.publish(first, "jet", false));
  Staging second = prepared("jet", 2);
  const auto taken = root_.publish(second, "jet", false);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(taken.error().message,
            "the name `jet` is taken by a deployment; stop it, or give --replace or another --name");
  EXPECT_EQ(root_.read("jet")->epoch, 1U);
}

TEST_F(StateTest, ReplaceSwapsAndRemovesTheFormer) {
  Staging first = prepared("jet", 1);
  ASSERT_TRUE(root_.publish(first, "jet", false));
  {
    Staging second = prepared("jet", 2);
    ASSERT_TRUE(root_.publish(second, "jet", true));
  }
  EXPECT_EQ(root_.read("jet")->epoch, 2U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(StateTest, OfTwoAtOnceOneWins) {
  std::atomic<int> won = 0;
  std::vector<std::thread> makers;
  for (pid_t pid = 1; pid <= 4; ++pid) {
    makers.emplace_back([&, pid] {
      Staging staging = prepared("jet", pid);
      if (root_.publish(staging, "jet", false)) ++won;
    });
  }
  for (std::thread& maker : makers) maker.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(StateTest, AbandonedFolderIsTakenByTheNext) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto staging = root_.stage("jet");
    ::_exit(staging ? 0 : 1);  // without the destructor, as a killed deploy
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(entries(), 1U);
  const Staging living = prepared("cat", 3);
  {
    const auto abandoned = root_.take_abandoned();
    ASSERT_EQ(abandoned.size(), 1U);
    EXPECT_TRUE(fs::is_directory(abandoned[0].folder() / "log"));
    EXPECT_TRUE(root_.take_abandoned().empty()) << "each is taken once";
  }
  EXPECT_EQ(entries(), 1U) << "the abandoned folder is gone, the living one stays";
}

TEST_F(StateTest, RemoveTakesOnlyWhatItKnows) {
  Staging staging = prepared("jet", 5);
  ASSERT_TRUE(root_.publish(staging, "jet", false));
  ASSERT_TRUE(root_.remove("jet", 6));
  EXPECT_TRUE(root_.exists("jet"));
  ASSERT_TRUE(root_.remove("jet", 5));
  EXPECT_EQ(entries(), 0U);
  EXPECT_TRUE(root_.remove("jet", 5)) << "gone already";
}

TEST_F(StateTest, GoneDeployment) {
  const auto gone = root_.read("jet");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(gone.error().message, "no deployment `jet` in " + root_.path().string() + "; `algean status` lists them");
}

TEST_F(StateTest, FolderCannotBeMade) {
  std::ofstream(base_ / "state") << "a file in the way";
  const auto staging = root_.stage("jet");
  ASSERT_FALSE(staging);
  EXPECT_EQ(staging.error().kind, ErrorKind::failed);
  EXPECT_THAT(staging.error().message, HasSubstr("cannot make the state folder: Not a directory"));
}

TEST_F(StateTest, NoFolderAtAll) {
  const auto staging = StateRoot("").stage("jet");
  ASSERT_FALSE(staging);
  EXPECT_THAT(staging.error().message, HasSubstr("neither XDG_STATE_HOME nor HOME"));
}

Deployment two_nodes() {
  return {"jet",
          "127.0.0.1:9",
          0x0123456789abcdef,
          "net",
          {{"a", "local", "tcp://127.0.0.1:8", "127.0.0.1:9", ProcessId{12, 34567}},
           {"b", "tcp://10.0.0.2:4700", "tcp://10.0.0.2:4700", "10.0.0.2:4000", std::nullopt}}};
}

TEST(DeploymentRecord, RoundTrip) {
  const auto parsed = parse_deployment(to_text(two_nodes()), "f");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, two_nodes());
}

TEST(DeploymentRecord, RejectedTwins) {
  const std::string good = to_text(two_nodes());
  const auto twin = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const auto parsed = parse_deployment(text, "f.json");
    return parsed ? std::string("accepted") : parsed.error().message;
  };
  EXPECT_THAT(twin("\"pid\"", "\"pod\""), HasSubstr("unknown key 'nodes[0].pod'; did you mean 'pid'?"));
  EXPECT_THAT(twin("\"pid\": 12,", ""), HasSubstr("needs the key 'pid'"));
  EXPECT_THAT(twin("\"pid\": 12,", "\"pid\": 12, \"pid\": 12,"), HasSubstr("key 'pid' stands twice in its map"));
  EXPECT_THAT(twin("12,", "\"12\","), HasSubstr("'nodes[0].pid' must be an integer from 1 to 2147483647; it is '12'"));
  EXPECT_THAT(twin("12,", "0,"), HasSubstr("must be an integer from 1 to 2147483647; it is 0"));
  EXPECT_THAT(twin("12,", "2147483648,"), HasSubstr("must be an integer from 1 to 2147483647; it is 2147483648"));
  EXPECT_EQ(twin("\"version\": 2", "\"version\": 1"), "f.json:2:14: 'version' must be an integer from 2 to 2; it is 1");
  EXPECT_EQ(twin("\"jet\"", "[]"), "f.json:3:11: 'name' must be a string; it is a list");
  EXPECT_EQ(twin("\"net\"", "\"\""), "f.json:6:14: 'network' must be a string that is not empty; it is ''");
  for (const std::string bad : {"\"123456789abcdef\"", "\"0123456789abcdeg\"", "\"+123456789abcdef\""}) {
    EXPECT_EQ(twin("\"0123456789abcdef\"", bad), "f.json:5:12: 'epoch' must be 16 hexadecimal digits");
  }
  EXPECT_THAT(twin("\"b\"", "\"a\""), HasSubstr("'nodes[1]' has the name of another: a"));
  EXPECT_THAT(twin("\"local\"", "\"tcp://h:1\""), HasSubstr("'nodes[0].pid' is only for nodes whose `host` is local"));
  EXPECT_THAT(twin(good.substr(good.find("[")), "[]}"), HasSubstr("'nodes' must have at least one node"));
  EXPECT_THAT(twin("}\n", ""), HasSubstr("not JSON"));
}

}  // namespace
}  // namespace algean::cluster
