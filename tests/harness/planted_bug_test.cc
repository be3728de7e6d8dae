// The harness must find an existing bug: here, in every story, one write of the Job controller to a
// pod is reported as done and is not made.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/harness/runner.h"
#include "tests/harness/shrinker.h"

namespace kless::harness {
namespace {

constexpr std::uint64_t kSeedsMax = 20;
constexpr std::size_t kEventsMax = 5;

Story WithABug(std::uint64_t seed) {
  Story story = DrawStory(seed);
  story.settings.erase("plane");
  std::erase_if(story.events, [](const Event& event) { return event.verb == "fault"; });
  const Event bug{0,
                  "fault",
                  "lose_write",
                  {{"at", std::to_string(2 + seed % 6)}, {"function", "job-controller"}}};
  story.events.insert(story.events.begin(), bug);
  return story;
}

TEST(PlantedBug, ABugOnPurposeIsFoundReplayedAndShrunk) {
  const Judge judge = [](const Story& story) { return RunStory(story).Invariant(); };
  Story failing;
  std::string invariant;
  for (std::uint64_t seed = 1; seed <= kSeedsMax && invariant.empty(); ++seed) {
    failing = WithABug(seed);
    invariant = judge(failing);
  }
  ASSERT_FALSE(invariant.empty()) << "not found within " << kSeedsMax << " seeds";
  const Outcome first = RunStory(failing);
  const Outcome again = RunStory(failing);
  EXPECT_EQ(first.ToText(), again.ToText());
  const Shrunk shrunk = Shrink(failing, invariant, judge);
  EXPECT_LE(shrunk.story.events.size(), kEventsMax) << shrunk.story.ToText();
  EXPECT_TRUE(shrunk.story.Has("fault")) << shrunk.story.ToText();
  EXPECT_EQ(judge(shrunk.story), invariant);
  std::cout << "shrunk in " << shrunk.runs << " runs:\n"
            << shrunk.story.ToText() << RunStory(shrunk.story).ToText();
}

}  // namespace
}  // namespace kless::harness
