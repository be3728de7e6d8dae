#include "emulator/data_plane/container_behaviour.h"

#include <gtest/gtest.h>

namespace kless::data_plane {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Line = std::vector<std::string>;

TEST(ContainerBehaviourTest, SleepTrueAndFalseAreUnderstood) {
  EXPECT_EQ(BehaviourOf({"sleep", "2"}).run_time, seconds(2));
  EXPECT_EQ(BehaviourOf({"/bin/sleep", "0.5s", "1m"}).run_time, milliseconds(60500));
  EXPECT_EQ(BehaviourOf({"sleep", "infinity"}).run_time, kForever);
  EXPECT_EQ(BehaviourOf({"sleep", "1d"}).run_time, seconds(86400));
  EXPECT_FALSE(BehaviourOf({"sleep", "soon"}).run_time.has_value());
  EXPECT_FALSE(BehaviourOf({"sleep"}).run_time.has_value());
  EXPECT_EQ(BehaviourOf({"true"}).run_time, Duration::zero());
  EXPECT_EQ(BehaviourOf({"true"}).exit_code, 0);
  EXPECT_EQ(BehaviourOf({"false"}).exit_code, 1);
}

TEST(ContainerBehaviourTest, ShellScriptsAreReadAsFarAsTheySayHowLongTheyRun) {
  const auto script = [](const char* text) { return BehaviourOf({"sh", "-c", text}); };
  EXPECT_EQ(script("sleep 2; exit 3").run_time, seconds(2));
  EXPECT_EQ(script("sleep 2; exit 3").exit_code, 3);
  EXPECT_EQ(script("exit 42").run_time, Duration::zero());
  EXPECT_EQ(script("exit 42").exit_code, 42);
  EXPECT_EQ(script("echo hi && sleep 1 && sleep 2").run_time, seconds(3));
  EXPECT_EQ(script("sleep 1\nfalse").exit_code, 1);
  EXPECT_FALSE(script("false; sleep 1").exit_code.has_value()) << "the last command counts";
  EXPECT_EQ(script("exec sleep 5").run_time, seconds(5));
  EXPECT_FALSE(script("work; exit 3").run_time.has_value()) << "the duration of `work` is unknown";
  EXPECT_EQ(script("work; exit 3").exit_code, 3);
  EXPECT_EQ(script("exit 256").exit_code, 0) << "codes have eight bits";
  EXPECT_EQ(script("sleep infinity; sleep 1").run_time, kForever);
  EXPECT_EQ(BehaviourOf({"/bin/bash", "-e", "-xc", "sleep 4"}).run_time, seconds(4));
  EXPECT_FALSE(BehaviourOf({"sh", "script.sh", "-c"}).run_time.has_value());
}

TEST(ContainerBehaviourTest, WhatIsUnknownOrEmptySaysNothing) {
  for (const Line& line : {Line{}, Line{""}, Line{"nginx"}, Line{"sh"}, Line{"sh", "-c"},
                           Line{"sh", "", "x"}, Line{"perl", "-c", "exit 3"}}) {
    EXPECT_FALSE(BehaviourOf(line).run_time.has_value());
    EXPECT_FALSE(BehaviourOf(line).exit_code.has_value());
  }
}

TEST(ContainerBehaviourTest, ExitCodesAreListsOfNumbersUpTo255) {
  EXPECT_EQ(ExitCodesFromText("3"), std::vector<int>{3});
  EXPECT_EQ(ExitCodesFromText("1, 1,0"), (std::vector<int>{1, 1, 0}));
  for (const char* wrong : {"", ",", "1,", "x", "-1", "256", "1;2", "  "}) {
    EXPECT_TRUE(ExitCodesFromText(wrong).empty()) << wrong;
  }
}

TEST(ContainerBehaviourTest, RunTimesAreDurations) {
  EXPECT_EQ(RunTimeFromText("2.5s"), milliseconds(2500));
  EXPECT_EQ(RunTimeFromText("250"), milliseconds(250));
  EXPECT_EQ(RunTimeFromText("forever"), kForever);
  EXPECT_FALSE(RunTimeFromText("a while").has_value());
}

}  // namespace
}  // namespace kless::data_plane
