#include "emulator/data_plane/container_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kless::data_plane {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<std::string>& command_line) {
  std::vector<std::string> texts;
  for (const OutputLine& line : OutputOf(command_line)) texts.push_back(line.text);
  return texts;
}

TEST(ContainerOutputTest, EchoWritesItsWords) {
  EXPECT_THAT(Texts({"echo", "hello", "world"}), ElementsAre("hello world"));
  EXPECT_THAT(Texts({"/bin/echo"}), ElementsAre(""));
}

TEST(ContainerOutputTest, ScriptsWriteALineForEachEcho) {
  EXPECT_THAT(Texts({"sh", "-c", "echo one; echo 'two  three' && echo \"a \\\"b\\\"\"\necho x"}),
              ElementsAre("one", "two  three", "a \"b\"", "x"));
}

TEST(ContainerOutputTest, LinesBehindASleepComeLater) {
  const auto lines = OutputOf({"sh", "-c", "echo a; sleep 2; echo b; sleep 0.5; echo c"});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].after_start, Duration::zero());
  EXPECT_EQ(lines[1].after_start, std::chrono::seconds(2));
  EXPECT_EQ(lines[2].after_start, std::chrono::milliseconds(2500));
}

TEST(ContainerOutputTest, NothingIsKnownBehindACommandThatIsNot) {
  EXPECT_THAT(Texts({"sh", "-c", "echo a; exit 1; echo b"}), ElementsAre("a"));
  EXPECT_THAT(Texts({"sh", "-c", "sleep infinity; echo b"}), IsEmpty());
  EXPECT_THAT(Texts({"nginx"}), IsEmpty());
  EXPECT_THAT(Texts({}), IsEmpty());
  EXPECT_THAT(Texts({"sh", "-c"}), IsEmpty());
}

}  // namespace
}  // namespace kless::data_plane
