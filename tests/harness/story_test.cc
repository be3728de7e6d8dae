#include "tests/harness/story.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/harness/manifest.h"

namespace kless::harness {
namespace {

std::string ProblemOf(const std::string& text) {
  const auto story = ParseStory(text);
  return story.has_error() ? story.error().message : "";
}

TEST(StoryTest, APrintedStoryIsReadBackAsItWas) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Story story = DrawStory(seed);
    const auto read = ParseStory(story.ToText());
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read.value(), story) << "seed " << seed;
  }
}

TEST(StoryTest, ASeedAlwaysDrawsTheSameStoryAndOthersDrawOthers) {
  EXPECT_EQ(DrawStory(7), DrawStory(7));
  EXPECT_NE(DrawStory(7).ToText().substr(6), DrawStory(8).ToText().substr(6));
}

TEST(StoryTest, EveryDrawnStoryHasAConfiguration) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto config = MakeConfig(DrawStory(seed), "");
    EXPECT_TRUE(config.has_value()) << seed << ": " << config.error().message;
  }
}

TEST(StoryTest, EventsAreReadInAnyOrderAndKeptByTime) {
  const auto story = ParseStory("  900 scale a parallelism=3\n\nset nodes=2\n0 submit a\nseed 9\n");
  ASSERT_TRUE(story.has_value()) << story.error().message;
  EXPECT_EQ(story->ToText(), "seed 9\nset nodes=2\n0 submit a\n900 scale a parallelism=3\n");
}

TEST(StoryTest, InvalidEventsAreNamed) {
  EXPECT_EQ(ProblemOf("soon submit a"), "'soon submit a': begins with its time in milliseconds");
  EXPECT_EQ(ProblemOf("5 explode a"), "'5 explode a': unknown verb");
  EXPECT_EQ(ProblemOf("5 submit"), "'5 submit': no target");
  EXPECT_EQ(ProblemOf("5 submit run=4"), "'5 submit run=4': no target");
  EXPECT_EQ(ProblemOf("5 scale a"), "'5 scale a': parallelism is missing");
  EXPECT_EQ(ProblemOf("5 submit a colour=red"), "'5 submit a colour=red': unknown argument colour");
  EXPECT_EQ(ProblemOf("5 submit a run"), "'5 submit a run': 'run' is not name=value");
  EXPECT_EQ(ProblemOf("seed x"), "'seed x': a seed is a whole number");
}

TEST(StoryTest, AnUnknownSettingIsNamed) {
  for (const char* setting : {"colour=red", "nodes=0", "lag=9-2", "plane=modern"}) {
    const auto story = ParseStory(std::string("set ") + setting);
    ASSERT_TRUE(story.has_value());
    const auto config = MakeConfig(story.value(), "");
    ASSERT_TRUE(config.has_error()) << setting;
    EXPECT_EQ(config.error().message, std::string("unknown setting, or bad value: ") + setting);
  }
}

TEST(StoryTest, SettingsReachTheConfiguration) {
  const auto story = ParseStory(
      "seed 3\nset plane=classic layout=name-type shards=2 nodes=4 node-cpu=3 lag=0-20 "
      "fail-percent=10");
  ASSERT_TRUE(story.has_value());
  const auto config = MakeConfig(story.value(), "/tmp/x");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->seed, 3u);
  EXPECT_EQ(config->control_plane, ControlPlane::kClassic);
  EXPECT_EQ(config->store.key_layout, KeyLayout::kNameType);
  EXPECT_EQ(config->store.resource_shards, 2);
  EXPECT_EQ(config->store.durability, Durability::kScratch);
  EXPECT_EQ(config->data_plane.nodes, 4);
  EXPECT_EQ(config->data_plane.node_cpu, "3");
  EXPECT_EQ(config->data_plane.stages.size(), 2u);
  EXPECT_FALSE(config->latency.index_lag.IsZero());
}

TEST(StoryTest, ASubmitEventIsAWholeJob) {
  const auto event = ParseEvent(
      "0 submit a backoff=2 completions=4 cpu=500 exit=1,0 index-limit=1 max-indexes=2 "
      "mode=Indexed parallelism=2 policy=ignore-disruption+fail-index:7 run=forever "
      "success=indexes:0-1/1 ttl=9");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  const nlohmann::json job = JobManifest(event.value());
  EXPECT_EQ(job["metadata"]["name"], "a");
  const nlohmann::json& spec = job["spec"];
  EXPECT_EQ(spec["backoffLimit"], 2);
  EXPECT_EQ(spec["backoffLimitPerIndex"], 1);
  EXPECT_EQ(spec["maxFailedIndexes"], 2);
  EXPECT_EQ(spec["ttlSecondsAfterFinished"], 9);
  EXPECT_EQ(
      spec["podFailurePolicy"]["rules"].dump(),
      R"([{"action":"Ignore","onPodConditions":[{"status":"True","type":"DisruptionTarget"}]},)"
      R"({"action":"FailIndex","onExitCodes":{"operator":"In","values":[7]}}])");
  EXPECT_EQ(spec["successPolicy"].dump(),
            R"({"rules":[{"succeededCount":1,"succeededIndexes":"0-1"}]})");
  const nlohmann::json& pod = spec["template"];
  EXPECT_EQ(pod["metadata"]["annotations"]["kless.dev/run-time"], "forever");
  EXPECT_EQ(pod["metadata"]["annotations"]["kless.dev/exit-code"], "1,0");
  EXPECT_EQ(pod["spec"]["containers"][0]["resources"]["requests"]["cpu"], "500m");
}

}  // namespace
}  // namespace kless::harness
