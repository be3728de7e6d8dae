// Runs real processes with a real loop; nothing here depends on how long anything takes.
#include "emulator/base/loop/command.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"

namespace kless {
namespace {

// Whether the process is gone, or dead and not reaped yet: its parent may be another process by
// now.
bool IsDead(std::uint64_t pid) {
  const auto stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  if (stat.has_error()) return true;
  const auto name_end = stat.value().rfind(") ");
  return name_end != std::string::npos && stat.value()[name_end + 2] == 'Z';
}

class CommandTest : public testing::Test {
 protected:
  ~CommandTest() override { event_loop.DropAll(); }

  // Runs a command to its end.
  Result<CommandOutcome> Run(Command command, Duration patience = std::chrono::minutes(1)) {
    std::optional<Result<CommandOutcome>> result;
    Spawn(event_loop, "test", Wait(&result, std::move(command), event_loop.Now() + patience));
    event_loop.Run();
    return std::move(*result);
  }
  static Command Shell(const std::string& script) {
    Command command;
    command.arguments = {"sh", "-c", script};
    command.output_limit = 1'000'000;
    return command;
  }

  asio::io_context context{1};
  RealEventLoop event_loop{context};
  CommandRunner runner{event_loop};

 private:
  Task<> Wait(std::optional<Result<CommandOutcome>>* result, Command command, TimePoint deadline) {
    Result<CommandOutcome> ran = co_await runner.Run(std::move(command), deadline);
    result->emplace(std::move(ran));
    event_loop.Stop();
  }
};

TEST_F(CommandTest, InputGoesInAndOutputAndExitCodeComeBack) {
  Command command = Shell("cat; exit 3");
  command.input = std::string(300'000, 'x') + "end";  // more than a pipe holds
  const auto outcome = Run(command);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome.value().output, command.input);
  EXPECT_EQ(outcome.value().exit_code, 3);
  EXPECT_EQ(Run(Shell("kill -9 $$")).value().exit_code, 137);
}

TEST_F(CommandTest, ACommandThatDoesNotReadItsInputDoesNotFail) {
  Command command = Shell("echo done");
  command.input = std::string(1'000'000, 'x');
  const auto outcome = Run(command);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome.value().output, "done\n");
  EXPECT_EQ(outcome.value().exit_code, 0);
}

TEST_F(CommandTest, LinesOfStandardErrorAreHeardOneByOne) {
  std::vector<std::string> lines;
  Command command = Shell("printf 'one\\ntwo\\n\\nthree' >&2; echo out");
  command.on_error_line = [&](std::string_view line) { lines.emplace_back(line); };
  EXPECT_EQ(Run(command).value().output, "out\n");
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(CommandTest, ItHasItsFolderAndTheVariablesOfThisProcessAndItsOwn) {
  Command command = Shell("pwd; echo $KLESS_TEST; test -n \"$PATH\" && echo path");
  command.folder = "/";
  command.environment = {{"KLESS_TEST", "a b"}};
  EXPECT_EQ(Run(command).value().output, "/\na b\npath\n");
}

TEST_F(CommandTest, AtTheDeadlineTheWholeGroupIsKilled) {
  // The child of the shell prints its number, then both wait forever.
  Command command = Shell("sh -c 'echo $$ >&2; exec sleep 1000' & wait");
  std::uint64_t child = 0;
  command.on_error_line = [&](std::string_view line) {
    child = ParseUnsigned(line).value_or(0);
    // Nothing more will happen: skip to the deadline.
    event_loop.Advance(std::chrono::hours(2));
  };
  const auto outcome = Run(command, std::chrono::hours(1));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_EQ(outcome.error().code, ErrorCode::kTimedOut);
  ASSERT_GT(child, 0u);
  for (int look = 0; look < 1000 && !IsDead(child); ++look) Run(Shell("true"));
  EXPECT_TRUE(IsDead(child));
}

TEST_F(CommandTest, WhatItLeavesBehindIsKilledWithItsEnd) {
  const auto outcome = Run(Shell("sleep 1000 & echo $!"));
  ASSERT_TRUE(outcome.has_value());
  const std::string& output = outcome.value().output;
  const auto child = ParseUnsigned(output.substr(0, output.find('\n')));
  ASSERT_TRUE(child.has_value()) << output;
  for (int look = 0; look < 1000 && !IsDead(*child); ++look) Run(Shell("true"));
  EXPECT_TRUE(IsDead(*child));
}

TEST_F(CommandTest, MoreOutputThanTheLimitEndsIt) {
  Command command = Shell("yes");
  command.output_limit = 100'000;
  const auto outcome = Run(command);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome.value().flooded);
  EXPECT_LE(outcome.value().output.size(), 100'000u);
}

TEST_F(CommandTest, WhatIsNotThereIsNotFound) {
  Command command;
  command.arguments = {"no-such-program-of-kless"};
  const auto missing = Run(command);
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message,
            "cannot run no-such-program-of-kless: No such file or directory");
  EXPECT_EQ(CheckCommand({"no-such-program-of-kless"}, "").error().message,
            "cannot find the program 'no-such-program-of-kless' in the PATH");
  EXPECT_EQ(CheckCommand({"./run.sh"}, "/nowhere").error().message, "'/nowhere' is not a folder");
  EXPECT_EQ(CheckCommand({"./run.sh"}, "/").error().message, "cannot find the program '/run.sh'");
  EXPECT_EQ(CheckCommand({"./passwd"}, "/etc").error().message,
            "the file '/etc/passwd' is not executable; 'chmod +x' makes it a program");
  EXPECT_TRUE(CheckCommand({"sh"}, "/").has_value());
}

}  // namespace
}  // namespace kless
