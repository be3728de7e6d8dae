#include "emulator/data_plane/data_plane_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless::data_plane {
namespace {

using nlohmann::json;

std::string Problem(const char* text) {
  const auto stages = StagesFromJson(json::parse(text));
  return stages.has_error() ? stages.error().message : "";
}

TEST(DataPlaneConfigTest, StagesThatAreWrongNameTheEntryAndTheRemedy) {
  EXPECT_EQ(
      Problem(R"([{"step":"run"},{"step":"runn"}])"),
      "stage 1: unknown step 'runn'; known: image-pull, start, ready, run, exit; did you mean "
      "'run'?");
  EXPECT_EQ(Problem(R"([{"step":"run","weigth":2}])"),
            "stage 0: unknown field 'weigth'; did you mean 'weight'?");
  EXPECT_EQ(Problem(R"([{"step":"run","weight":0}])"),
            "stage 0: 'weight' must be a whole number from 1 to 1000000");
  EXPECT_EQ(Problem(R"([{"step":"start","exit_code":2}])"),
            "stage 0: 'exit_code' belongs to run, not to start");
  EXPECT_EQ(Problem(R"([{"step":"run","fails":true}])"),
            "stage 0: 'fails' belongs to image-pull, not to run");
  EXPECT_EQ(Problem(R"([{"step":"ready","post":true}])"),
            "stage 0: 'post' belongs to image-pull and start, not to ready");
  EXPECT_NE(Problem(R"([{"step":"run","delay":"soon"}])").find("not a distribution"),
            std::string::npos);
  EXPECT_NE(Problem(R"([{"weight":1}])"), "");
  EXPECT_NE(Problem(R"([3])"), "");
  EXPECT_NE(Problem(R"({})"), "");
}

TEST(DataPlaneConfigTest, GivenStagesReplaceTheirStepsAndTheOthersStay) {
  DataPlaneConfig config;
  config.kubelet = Kubelet::kReal;
  config.start = Distribution::Constant(std::chrono::milliseconds(7));
  config.stages = StagesFromJson(json::parse(R"([{"step":"run","weight":95},
                                                 {"step":"run","weight":5,"oom":true}])"))
                      .value();
  const auto all = StagesOf(config);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_FALSE(all[static_cast<int>(Step::kImagePull)][0].delay.IsZero());
  EXPECT_EQ(all[static_cast<int>(Step::kStart)][0].delay.TypicalMs(), 7);
  ASSERT_EQ(all[static_cast<int>(Step::kRun)].size(), 2u);
  EXPECT_TRUE(all[static_cast<int>(Step::kRun)][1].oom);
  EXPECT_TRUE(all[static_cast<int>(Step::kRun)][0].delay.IsZero());
}

TEST(DataPlaneConfigTest, TheFastKubeletHasNoDelays) {
  for (const auto& alternatives : StagesOf(DataPlaneConfig())) {
    ASSERT_EQ(alternatives.size(), 1u);
    EXPECT_TRUE(alternatives[0].delay.IsZero());
    EXPECT_TRUE(alternatives[0].jitter.IsZero());
  }
}

}  // namespace
}  // namespace kless::data_plane
