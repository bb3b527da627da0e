#include "runtime/base/cores.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace algean {
namespace {

TEST(Cores, Parse) {
  EXPECT_EQ(parse_cores("0").value(), std::vector<unsigned>{0});
  EXPECT_EQ(parse_cores("0,0-0").value(), std::vector<unsigned>{0});
  const auto message = [](const std::string& text) { return parse_cores(text).error().message; };
  EXPECT_EQ(message(""), "cores ``: `` is no number of a core");
  EXPECT_EQ(message("0,"), "cores `0,`: `` is no number of a core");
  EXPECT_EQ(message("-1"), "cores `-1`: `` is no number of a core");
  EXPECT_EQ(message("2-1"), "cores `2-1`: `2-1` is no range of cores");
  EXPECT_EQ(message("1023"), "cores `1023`: this process may not use core 1023");
  EXPECT_EQ(message("1024"), "cores `1024`: `1024` is no number of a core");
}

TEST(Cores, PinsThisThreadAlone) {
  const auto before = static_cast<unsigned>(::sched_getcpu());
  cpu_set_t of_thread;
  std::thread([&] {
    ASSERT_TRUE(pin_to({before}));
    ASSERT_EQ(::sched_getaffinity(0, sizeof of_thread, &of_thread), 0);
  }).join();
  EXPECT_EQ(CPU_COUNT(&of_thread), 1);
  EXPECT_TRUE(CPU_ISSET(before, &of_thread));
  const auto absent = pin_to({CPU_SETSIZE - 1});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message, "cannot take these cores: Invalid argument");
}

}  // namespace
}  // namespace algean
