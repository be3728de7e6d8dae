#include "emulator/experiment/measures/metric_definitions.h"

#include <gtest/gtest.h>

#include "emulator/base/system/files.h"
#include "emulator/experiment/measures/metrics.h"
#include "emulator/experiment/measures/run_result.h"

namespace kless::experiment {
namespace {

TEST(MetricDefinitionsTest, EveryMetricOfARunIsDefined) {
  for (const bool classic : {false, true}) {
    EXPECT_GT(MetricNames(classic).size(), 30u);
    for (const std::string& name : MetricNames(classic)) {
      EXPECT_NE(FindMetricDefinition(name), nullptr) << name;
    }
  }
  EXPECT_EQ(FindMetricDefinition("last_pods"), nullptr);
  EXPECT_EQ(FindMetricDefinition("pod_latency_S_Q_ms"), nullptr) << "a pattern is not a name";
}

TEST(MetricDefinitionsTest, CausesHaveTheirDefinitionsInOrder) {
  ASSERT_EQ(CauseDefinitions().size(), kCauses);
  for (std::size_t i = 0; i < kCauses; ++i) {
    EXPECT_EQ(CauseDefinitions()[i].name, CauseNames()[i]);
    EXPECT_FALSE(CauseDefinitions()[i].text.empty());
  }
}

TEST(MetricDefinitionsTest, LabelsNameQuantileStartAndUnit) {
  EXPECT_EQ(MetricLabel("last_pod_s", "s"), "last pod (s)");
  EXPECT_EQ(MetricLabel("pod_latency_p99_ms", "ms"), "p99 latency of a pod (ms)");
  EXPECT_EQ(MetricLabel("cold_starts", "1"), "cold starts");
  EXPECT_EQ(MetricLabel("queue_depth_max", "1"), "records waiting") << "max is its own name's";
  EXPECT_EQ(MetricLabel("errors", "1"), "errors");
  EXPECT_EQ(MetricLabel("unheard_of", "s"), "unheard_of (s)");
}

TEST(MetricDefinitionsTest, TheDesignPageHasTheSameDefinitions) {
  const auto page =
      ReadFile(std::string(KLESS_SOURCE_DIR) + "/emulator/experiment/DESIGN.md").value();
  for (const auto* definitions : {&MetricDefinitions(), &CauseDefinitions()}) {
    for (const MetricDefinition& each : *definitions) {
      const std::string row =
          "| `" + std::string(each.name) + "` | " + std::string(each.text) + " |";
      EXPECT_NE(page.find(row), std::string::npos) << row;
    }
  }
}

}  // namespace
}  // namespace kless::experiment
