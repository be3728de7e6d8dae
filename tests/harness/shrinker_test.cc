#include "tests/harness/shrinker.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kless::harness {
namespace {

Story LongStory() {
  Story story;
  story.settings = {{"lag", "100"}, {"nodes", "3"}, {"shards", "8"}};
  for (int i = 0; i < 24; ++i) {
    story.events.push_back({i * 100, "delete-pod", "a", {{"nth", std::to_string(i)}}});
  }
  story.events.push_back({5, "submit", "a", {{"completions", "4"}, {"run", "10"}}});
  return story;
}

bool HasPod(const Story& story, const std::string& nth) {
  return std::any_of(story.events.begin(), story.events.end(),
                     [&](const Event& event) { return event.Text("nth") == nth; });
}

TEST(ShrinkerTest, OnlyTheEventsAndSettingsThatMatterAreLeft) {
  const Judge judge = [](const Story& story) -> std::string {
    return HasPod(story, "3") && HasPod(story, "19") && story.Has("submit") &&
                   story.settings.contains("lag")
               ? "too-many-active"
               : "";
  };
  const Shrunk shrunk = Shrink(LongStory(), "too-many-active", judge);
  EXPECT_EQ(shrunk.story.ToText(),
            "seed 1\nset lag=100\n300 delete-pod a nth=3\n1900 delete-pod a nth=19\n5 submit a\n");
  EXPECT_LT(shrunk.runs, 100);
  const Shrunk again = Shrink(LongStory(), "too-many-active", judge);
  EXPECT_EQ(again.story, shrunk.story);
  EXPECT_EQ(again.runs, shrunk.runs);
}

TEST(ShrinkerTest, AnotherViolationIsNotTheSame) {
  const Judge judge = [](const Story& story) -> std::string {
    return story.events.size() > 20 ? "too-many-active" : "miscounted";
  };
  EXPECT_EQ(Shrink(LongStory(), "too-many-active", judge).story.events.size(), 21u);
}

TEST(ShrinkerTest, TheNumberOfRunsIsBounded) {
  int runs = 0;
  const Judge judge = [&](const Story&) -> std::string {
    ++runs;
    return "";
  };
  const Shrunk shrunk = Shrink(LongStory(), "too-many-active", judge, 10);
  EXPECT_EQ(runs, 10);
  EXPECT_EQ(shrunk.runs, 10);
  EXPECT_EQ(shrunk.story, LongStory());
}

}  // namespace
}  // namespace kless::harness
