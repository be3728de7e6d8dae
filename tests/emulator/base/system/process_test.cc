#include "emulator/base/system/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace kless {
namespace {

struct Ran {
  int exit_code = 0;
  std::string output;
};

// Runs a script with the settings of `plan` to its end.
Ran RunScript(const std::string& script, SpawnPlan plan = {}) {
  Pipe output;
  plan.arguments = {"sh", "-c", script};
  plan.output = output.write_end();
  const auto process = StartProcess(plan);
  EXPECT_TRUE(process.has_value());
  output.CloseWriteEnd();
  Ran ran;
  ran.output = output.ReadToEnd();
  ran.exit_code = WaitForExit(process.value());
  return ran;
}

TEST(ProcessTest, AProgramHasTheExitCodeOfAShell) {
  EXPECT_EQ(RunScript("exit 3").exit_code, 3);
  EXPECT_EQ(RunScript("kill -9 $$").exit_code, 128 + 9);
}

TEST(ProcessTest, PollExitDoesNotWait) {
  Pipe input;
  SpawnPlan plan;
  plan.arguments = {"cat"};
  plan.input = input.read_end();
  const pid_t process = StartProcess(plan).value();
  EXPECT_FALSE(PollExit(process).has_value());
  input.CloseWriteEnd();
  EXPECT_EQ(WaitForExit(process), 0);
}

TEST(ProcessTest, AMissingProgramOrFolderIsNotFoundAndLeavesNoProcess) {
  SpawnPlan plan;
  plan.arguments = {"/nowhere/program"};
  EXPECT_EQ(StartProcess(plan).error().code, ErrorCode::kNotFound);
  plan.arguments = {"true"};
  plan.folder = "/nowhere";
  EXPECT_EQ(StartProcess(plan).error().code, ErrorCode::kNotFound);
  plan.arguments = {"/"};
  plan.folder.clear();
  const auto folder = StartProcess(plan);
  EXPECT_EQ(folder.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(folder.error().message, "cannot run /: Permission denied");
}

TEST(ProcessTest, FolderAndVariablesAreThoseOfThePlan) {
  SpawnPlan plan;
  plan.folder = "/";
  plan.environment = {{"ADDED", "one two"}, {"HOME", "/changed"}};
  EXPECT_EQ(RunScript("pwd; echo $ADDED; echo $HOME", plan).output, "/\none two\n/changed\n");
  EXPECT_FALSE(RunScript("echo $PATH").output.empty());
}

TEST(ProcessTest, AProgramMayLeadAGroupOfItsOwn) {
  constexpr const char* kGroup = "echo $$; cut -d' ' -f5 /proc/$$/stat";
  SpawnPlan plan;
  plan.group = 0;
  const std::string own = RunScript(kGroup, plan).output;
  EXPECT_EQ(own.substr(0, own.find('\n') + 1), own.substr(own.find('\n') + 1));
  const std::string shared = RunScript(kGroup).output;
  EXPECT_EQ(shared.substr(shared.find('\n') + 1), std::to_string(getpgrp()) + "\n");
}

TEST(ProcessTest, OtherDescriptorsAreClosedIfThePlanSaysSo) {
  const int inherited = dup(STDERR_FILENO);  // without close-on-exec
  const std::string script = "test -e /proc/$$/fd/" + std::to_string(inherited);
  EXPECT_EQ(RunScript(script).exit_code, 0);
  SpawnPlan plan;
  plan.closes_others = true;
  EXPECT_EQ(RunScript(script, plan).exit_code, 1);
  close(inherited);
}

TEST(ProcessTest, SignalsAreNeitherBlockedNorIgnoredUnlessThePlanSaysSo) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(RunScript("kill -PIPE $$").exit_code, 0);
  SpawnPlan plan;
  plan.default_signals = {SIGPIPE};
  EXPECT_EQ(RunScript("kill -PIPE $$", plan).exit_code, 128 + SIGPIPE);
  std::signal(SIGPIPE, before);
  sigaddset(&plan.blocked_signals, SIGTERM);
  EXPECT_EQ(RunScript("kill -TERM $$", plan).exit_code, 0);
  EXPECT_EQ(RunScript("kill -TERM $$").exit_code, 128 + SIGTERM);
}

TEST(ProcessTest, RunProcessHasStandardErrorAndNoStandardInput) {
  const auto ran = RunProcess({"sh", "-c", "cat; echo out; echo wrong >&2; exit 4"}, "/");
  ASSERT_TRUE(ran.has_value());
  EXPECT_EQ(ran.value().errors, "wrong\n");
  EXPECT_EQ(ran.value().exit_code, 4);
}

}  // namespace
}  // namespace kless
