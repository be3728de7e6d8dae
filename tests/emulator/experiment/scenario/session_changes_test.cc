#include "emulator/experiment/scenario/session_changes.h"

#include <gtest/gtest.h>

namespace kless::experiment {
namespace {

Recording OneRequest(const std::string& method, const std::string& path, const std::string& body,
                     int status = 200) {
  RecordedRequest recorded;
  recorded.id = 1;
  recorded.at = std::chrono::milliseconds(3200);
  recorded.request.method = method;
  recorded.request.path = path;
  recorded.request.body = body;
  recorded.status = status;
  Recording recording;
  recording.requests.push_back(std::move(recorded));
  return recording;
}

using Remarks = std::vector<std::string>;

TEST(SessionChangesTest, ToggledSettingsAreNamedWithTheFlagsThatTheyWinOver) {
  const Recording recording = OneRequest("PATCH", "/kless/v1/functions/job-controller",
                                         R"({"init": 450, "mapping": {"batch_size": 5}})");
  EXPECT_EQ(SessionRemarks(recording, {}),
            Remarks{"the session's own changes are replayed at their times: at 3.2 s function set "
                    "job-controller init=450 mapping.batch_size=5"});
  EXPECT_EQ(SessionRemarks(recording, {{"functions.job-controller.init", "100"},
                                       {"functions.account_concurrency", "3"}}),
            Remarks{"the session's own changes are replayed at their times: at 3.2 s function set "
                    "job-controller init=450 mapping.batch_size=5; from there on they win over "
                    "--set functions.job-controller.init"});
}

TEST(SessionChangesTest, ResetsNodesAndFaultsAreNamedToo) {
  const auto only = [](const std::string& method, const std::string& path,
                       const std::string& body = "") {
    const Remarks remarks = SessionRemarks(OneRequest(method, path, body), {});
    return remarks.empty() ? "" : remarks.front().substr(remarks.front().find("at 3.2 s ") + 9);
  };
  EXPECT_EQ(only("PATCH", "/kless/v1/functions", R"({"account_concurrency": 10})"),
            "function set account_concurrency=10");
  EXPECT_EQ(only("POST", "/kless/v1/functions/gc/reset"), "function reset gc");
  EXPECT_EQ(only("POST", "/kless/v1/functions/gc/warm"), "function warm gc");
  EXPECT_EQ(only("POST", "/kless/v1/nodes/node-1/fail"), "node fail node-1");
  EXPECT_EQ(only("POST", "/kless/v1/pods/default/a/oom"), "pod oom default/a");
  EXPECT_EQ(only("POST", "/kless/v1/faults", R"({"kind":"crash"})"), R"(fault {"kind":"crash"})");
}

TEST(SessionChangesTest, TheClockIsLeftOutAndThatIsSaid) {
  EXPECT_EQ(SessionRemarks(OneRequest("POST", "/kless/v1/clock", "{}"), {}),
            Remarks{"1 request to the clock is left out: a replay runs in virtual time, at the "
                    "recorded times"});
}

TEST(SessionChangesTest, WhatChangesNoSettingIsNotNamed) {
  for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
           {"POST", "/apis/batch/v1/namespaces/default/jobs"},
           {"GET", "/kless/v1/functions/job-controller"},
           {"GET", "/kless/v1/clock"},
           {"GET", "/kless/v1/idle"},
           {"PUT", "/kless/v1/tables/t/items"}}) {
    EXPECT_EQ(SessionRemarks(OneRequest(method, path, "{}"), {}), Remarks()) << path;
  }
  EXPECT_EQ(SessionRemarks(OneRequest("PATCH", "/kless/v1/functions/x", "{}", 400), {}), Remarks())
      << "it was refused";
}

}  // namespace
}  // namespace kless::experiment
