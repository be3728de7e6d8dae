// A sweep of random stories: each seed gives a world, its users' actions and its faults, and
// every change record is checked.
//
//   KLESS_SEEDS   how many seeds, default 100
//   KLESS_SEED    the first one, default 1
//   KLESS_STORY   a file with a story for StoryOfAFile; by default it plays a drawn one
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "emulator/base/strings.h"
#include "tests/harness/runner.h"
#include "tests/harness/shrinker.h"

namespace kless::harness {
namespace {

constexpr std::uint64_t kSweep = 100;
constexpr int kHalves = 2;  // for two processes at once
constexpr int kFailuresShown = 3;

std::uint64_t Environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : ParseUnsigned(text).value_or(fallback);
}

std::uint64_t First() { return Environment("KLESS_SEED", 1); }
std::uint64_t Seeds() { return Environment("KLESS_SEEDS", kSweep); }

std::string Explain(const Story& story, const Outcome& outcome) {
  const std::string invariant = outcome.Invariant();
  const Judge judge = [](const Story& one) { return RunStory(one).Invariant(); };
  const Shrunk shrunk = Shrink(story, invariant, judge);
  return "seed " + std::to_string(story.seed) + ": " + outcome.ToText() +
         "replay: KLESS_SEED=" + std::to_string(story.seed) +
         " KLESS_SEEDS=1 build/dev/tests/harness/harness_test"
         " --gtest_filter='*RandomStories*'\n" +
         "shrunk in " + std::to_string(shrunk.runs) + " runs:\n" + shrunk.story.ToText() +
         "which says: " + RunStory(shrunk.story).ToText();
}

// The events that must have happened at least once in half of a sweep.
const std::vector<std::string>& Happenings() {
  static const std::vector<std::string> kHappenings = {"classic",
                                                       "edits made",
                                                       "edits refused",
                                                       "ended Complete CompletionsReached",
                                                       "ended Complete SuccessPolicy",
                                                       "ended Failed BackoffLimitExceeded",
                                                       "ended Failed DeadlineExceeded",
                                                       "ended deleted",
                                                       "fired crash",
                                                       "fired crash_after",
                                                       "fired delay",
                                                       "fired duplicate",
                                                       "fired reorder",
                                                       "fired store_error",
                                                       "fired throttle",
                                                       "nodes lost",
                                                       "nodes returned",
                                                       "pods deleted",
                                                       "pods harmed",
                                                       "restarts made"};
  return kHappenings;
}

class RandomStories : public ::testing::TestWithParam<int> {};

TEST_P(RandomStories, KeepEveryInvariant) {
  Coverage coverage;
  int failures = 0;
  for (std::uint64_t i = static_cast<std::uint64_t>(GetParam()); i < Seeds(); i += kHalves) {
    const Story story = DrawStory(First() + i);
    const Outcome outcome = RunStory(story);
    coverage.Merge(outcome.coverage);
    if (!outcome.violation) continue;
    ADD_FAILURE() << Explain(story, outcome);
    if (++failures == kFailuresShown) break;
  }
  std::cout << "coverage: " << coverage.ToText() << "\n";
  if (Seeds() < kSweep || failures > 0) return;
  for (const std::string& happening : Happenings()) {
    EXPECT_GT(coverage.Of(happening), 0u) << "never in this half of the sweep: " << happening;
  }
}

INSTANTIATE_TEST_SUITE_P(Halves, RandomStories, ::testing::Range(0, kHalves));

TEST(RandomStoryClasses, EachIsDrawnInASweep) {
  Coverage coverage;
  for (std::uint64_t i = 0; i < kSweep; ++i) coverage.CountStory(DrawStory(First() + i));
  for (const char* drawn : {"classic",         "delete",          "delete-node",
                            "delete-pod",      "evict-pod",       "fail-node",
                            "fail-pod",        "fault crash",     "fault crash_after",
                            "fault delay",     "fault duplicate", "fault reorder",
                            "fault slow_init", "fault stall",     "fault store_error",
                            "fault throttle",  "job Indexed",     "job backoff",
                            "job cpu",         "job deadline",    "job index-limit",
                            "job max-indexes", "job memory",      "job plain",
                            "job policy",      "job queue",       "job replacement",
                            "job restart",     "job stubborn",    "job success",
                            "job suspend",     "job ttl",         "oom-pod",
                            "relabel-pods",    "resize",          "restart",
                            "resume",          "return-node",     "scale",
                            "stray-pod",       "suspend",         "ttl",
                            "unlabel-pod"}) {
    EXPECT_GT(coverage.Of(drawn), 0u) << "never drawn: " << drawn;
  }
}

TEST(StoryOfAFile, KeepsEveryInvariant) {
  std::stringstream text;
  if (const char* path = std::getenv("KLESS_STORY"); path != nullptr) {
    std::ifstream file(path);
    ASSERT_TRUE(file) << "cannot read " << path;
    text << file.rdbuf();
  } else {
    text << DrawStory(1).ToText();
  }
  const auto story = ParseStory(text.str());
  ASSERT_TRUE(story.has_value()) << story.error().message;
  const Outcome outcome = RunStory(story.value());
  EXPECT_FALSE(outcome.violation) << outcome.ToText();
}

}  // namespace
}  // namespace kless::harness
