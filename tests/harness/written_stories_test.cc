// Hand-written stories: the simplest form of each kind of event, and stories that sweeps found.
#include <gtest/gtest.h>

#include "tests/harness/runner.h"

namespace kless::harness {
namespace {

// "" or the violation.
std::string Play(const std::string& text) {
  const auto story = ParseStory(text);
  if (story.has_error()) return story.error().message;
  const Outcome outcome = RunStory(story.value());
  return outcome.violation ? outcome.ToText() : "";
}

std::uint64_t CountOf(const std::string& text, const std::string& what) {
  const auto story = ParseStory(text);
  return story.has_error() ? 0 : RunStory(story.value()).coverage.Of(what);
}

TEST(WrittenStories, AJobRunsToItsEnd) {
  const std::string story = "0 submit a completions=3 parallelism=2 run=100";
  EXPECT_EQ(Play(story), "");
  EXPECT_EQ(CountOf(story, "ended Complete CompletionsReached"), 1u);
}

TEST(WrittenStories, AJobRunsToItsEndInTheClassicPlane) {
  const std::string story = "set plane=classic\n0 submit a completions=3 parallelism=2 run=100";
  EXPECT_EQ(Play(story), "");
  EXPECT_EQ(CountOf(story, "ended Complete CompletionsReached"), 1u);
}

TEST(WrittenStories, AFailingJobFails) {
  const std::string story = "0 submit a backoff=1 exit=1 run=100";
  EXPECT_EQ(Play(story), "");
  EXPECT_EQ(CountOf(story, "ended Failed BackoffLimitExceeded"), 1u);
}

TEST(WrittenStories, ARestartContinuesWhereItWas) {
  const std::string story =
      "0 submit a completions=4 parallelism=2 run=3000\n4000 restart\n5000 submit b run=10";
  EXPECT_EQ(Play(story), "");
  EXPECT_EQ(CountOf(story, "ended Complete CompletionsReached"), 2u);
  EXPECT_EQ(CountOf(story, "restarts made"), 1u);
}

TEST(WrittenStories, ALostNodesPodsAreReplacedElsewhere) {
  const std::string story =
      "set nodes=2\n0 submit a completions=2 parallelism=2 run=60000\n5000 fail-node node-0\n"
      "900000 return-node node-0";
  EXPECT_EQ(Play(story), "");
  EXPECT_EQ(CountOf(story, "ended Complete CompletionsReached"), 1u);
}

TEST(WrittenStories, AJobThatIsDeletedDuringItsBackOffLeavesNoTimer) {
  EXPECT_EQ(Play("seed 31\n905 submit c completions=2 exit=3\n50848 delete c"), "");
}

TEST(WrittenStories, APodIsTriedAgainThatTheSchedulerCouldNotRead) {
  EXPECT_EQ(Play("seed 1113\nset factor=10 feed=20 layout=name-type\n0 submit b\n"
                 "204 fault store_error rate=0.2\n7082 submit a completions=5 mode=Indexed"),
            "");
}

TEST(WrittenStories, EachFaultFires) {
  for (const char* fault : {"crash at=3", "crash_after at=3", "store_error at=5",
                            "stall at=3 delay_ms=40000", "duplicate rate=1 for=9000",
                            "reorder rate=1 for=9000", "delay rate=1 delay_ms=300 for=9000",
                            "throttle rate=0.5 for=9000", "slow_init rate=1 delay_ms=50"}) {
    const std::string story = std::string("set init=20\n0 fault ") + fault +
                              "\n0 submit a completions=6 parallelism=3 run=200";
    const std::string kind = std::string(fault).substr(0, std::string(fault).find(' '));
    EXPECT_EQ(Play(story), "") << fault;
    EXPECT_GT(CountOf(story, "fired " + kind), 0u) << fault;
  }
}

}  // namespace
}  // namespace kless::harness
