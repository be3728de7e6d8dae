#include "emulator/experiment/report/perfetto.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "tests/emulator/experiment/example_result.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

json Events(const RunResult& run) {
  return ParseJson(MakeTrace(run, "case")).value().at("traceEvents");
}

// Microseconds by name of slice, of one process.
std::map<std::string, double> SliceTimes(const json& events, int process) {
  std::map<std::string, double> times;
  for (const json& event : events) {
    if (event.at("ph") == "X" && event.at("pid") == process) {
      times[event.at("name")] += event.at("dur").get<double>();
    }
  }
  return times;
}

TEST(PerfettoTest, CauseSlicesFillTheSliceOfTheirPod) {
  const RunResult run = ExampleResult().cases[0].runs[0];
  const json events = Events(run);
  double causes = 0, pods = 0;
  for (const auto& [name, time] : SliceTimes(events, 2)) {
    const auto& names = CauseNames();
    const bool is_cause = std::find(names.begin(), names.end(), name) != names.end();
    (is_cause ? causes : pods) += time;
  }
  EXPECT_GT(pods, 0);
  EXPECT_NEAR(causes, pods, 1);
}

TEST(PerfettoTest, EnvironmentsHaveATrackWithInitAndRun) {
  const RunResult run = ExampleResult().cases[0].runs[0];
  const json events = Events(run);
  const auto times = SliceTimes(events, 1);
  EXPECT_EQ(times.at("init"), 8 * 450'000);
  EXPECT_TRUE(times.contains("cold run"));
  EXPECT_TRUE(times.contains("warm run"));
  std::size_t tracks = 0;
  for (const json& event : events) {
    if (event.at("name") == "thread_name" && event.at("pid") == 1) ++tracks;
  }
  EXPECT_EQ(tracks, 10u);
}

TEST(PerfettoTest, CountersCountEnvironmentsAndThrottles) {
  const RunResult run = ExampleResult().cases[1].runs[0];
  std::size_t samples = 0, refused = 0;
  for (const json& event : Events(run)) {
    if (event.at("ph") != "C") continue;
    if (event.at("name") == "environments") ++samples;
    if (event.at("name") == "throttles") refused = event.at("args").at("throttles");
  }
  EXPECT_EQ(samples, run.environments.size());
  EXPECT_EQ(refused, run.throttles.size());
}

TEST(PerfettoTest, LargeRunsAreCutAndSaySo) {
  RunResult run = ExampleResult(kSmallExample).cases[1].runs[0];
  run.pods.resize(kTracePodsMax + 10, run.pods.front());
  const std::string text = MakeTrace(run, "case");
  EXPECT_NE(text.find("\"name\":\"left_out\",\"pid\":3,\"args\":{\"pods\":10,"), std::string::npos);
}

TEST(PerfettoTest, AnEmptyRunIsAValidTrace) { EXPECT_FALSE(Events(RunResult()).empty()); }

}  // namespace
}  // namespace kless::experiment
