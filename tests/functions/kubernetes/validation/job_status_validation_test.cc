// V32: rules for writes of a Job's status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/metadata.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json Job(const char* status, const json& spec = json::object()) {
  json job = Create(KindOf("job"), JobBody("s", spec)).object;
  job["status"] = json::parse(status);
  return job;
}

std::vector<std::string> StatusErrors(const json& old, const char* status) {
  json body = old;
  body["status"] = json::parse(status);
  json now = body;
  PrepareForUpdate(KindOf("job"), now, old, false, {kNow, nullptr, nullptr});
  return Texts(KindOf("job").validate_status_update(now, old));
}

constexpr const char* kRunning = R"({"startTime":"2026-01-01T00:00:00Z","active":1,"ready":0})";

TEST(JobStatusValidationTest, V32_StatusOfACompleteJobIsAccepted) {
  EXPECT_THAT(StatusErrors(Job(kRunning), R"({"startTime":"2026-01-01T00:00:00Z","succeeded":1,
      "completionTime":"2026-01-01T00:01:00Z","ready":0,"terminating":0,
      "uncountedTerminatedPods":{},
      "conditions":[{"type":"SuccessCriteriaMet","status":"True"},
                    {"type":"Complete","status":"True"}]})"),
              IsEmpty());
}

TEST(JobStatusValidationTest, V32_C13_SuspendedJobMayEndWithoutHavingStarted) {
  EXPECT_THAT(StatusErrors(Job("{}", {{"suspend", true}, {"completions", 0}}),
                           R"({"completionTime":"2026-01-01T00:01:00Z",
      "conditions":[{"type":"SuccessCriteriaMet","status":"True"},
                    {"type":"Complete","status":"True"}]})"),
              IsEmpty());
}

TEST(JobStatusValidationTest, V32_TerminalConditionsNeedTheirForerunners) {
  EXPECT_THAT(
      StatusErrors(Job(kRunning), R"({"startTime":"2026-01-01T00:00:00Z",
      "conditions":[{"type":"Complete","status":"True"}]})"),
      ElementsAre("status.completionTime: Required value: completionTime is required for Complete "
                  "jobs",
                  "status.conditions: Invalid value: cannot set Complete=True condition without "
                  "the SuccessCriteriaMet=true condition"));
  EXPECT_THAT(StatusErrors(Job(kRunning), R"({"startTime":"2026-01-01T00:00:00Z",
      "conditions":[{"type":"Failed","status":"True"}]})"),
              ElementsAre("status.conditions: Invalid value: cannot set Failed=True condition "
                          "without the FailureTarget=true condition"));
}

TEST(JobStatusValidationTest, V32_FinishedJobHasNoPodsLeft) {
  EXPECT_THAT(
      StatusErrors(Job(kRunning), R"({"startTime":"2026-01-01T00:00:00Z","active":1,"terminating":2,
      "uncountedTerminatedPods":{"failed":["u"]},
      "conditions":[{"type":"FailureTarget","status":"True"},{"type":"Failed","status":"True"}]})"),
      ElementsAre("status.active: Invalid value: 1: active>0 is invalid for finished job",
                  "status.terminating: Invalid value: 2: terminating>0 is invalid for finished job",
                  "status.uncountedTerminatedPods: Invalid value: {\"failed\":[\"u\"]}: "
                  "uncountedTerminatedPods needs to be empty for finished job"));
}

TEST(JobStatusValidationTest, V32_TerminalConditionsStay) {
  const json old = Job(R"({"startTime":"2026-01-01T00:00:00Z","conditions":[
      {"type":"FailureTarget","status":"True"},{"type":"Failed","status":"True"}]})");
  EXPECT_THAT(
      StatusErrors(old, R"({"startTime":"2026-01-01T00:00:00Z"})"),
      ElementsAre(
          "status.conditions: Invalid value: cannot disable the terminal Failed=True condition",
          "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True "
          "condition"));
}

TEST(JobStatusValidationTest, V32_CountersDoNotGoBack) {
  const json old = Job(R"({"failed":3,"succeeded":2})");
  EXPECT_THAT(StatusErrors(old, R"({"failed":2,"succeeded":1})"),
              ElementsAre("status.failed: Invalid value: 2: cannot decrease the failed counter",
                          "status.succeeded: Invalid value: 1: cannot decrease the succeeded "
                          "counter"));
  const json elastic = Job(R"({"succeeded":2})",
                           {{"completionMode", "Indexed"}, {"completions", 2}, {"parallelism", 2}});
  EXPECT_THAT(StatusErrors(elastic, R"({"succeeded":1})"), IsEmpty());
}

TEST(JobStatusValidationTest, V32_StartTimeIsKeptUnlessSuspended) {
  EXPECT_THAT(StatusErrors(Job(kRunning), R"({"active":1})"),
              ElementsAre("status.startTime: Invalid value: null: field is immutable for "
                          "unsuspended job once set"));
  EXPECT_THAT(StatusErrors(Job(kRunning, {{"suspend", true}}), R"({"active":1})"), IsEmpty());
}

TEST(JobStatusValidationTest, V32_ReadyPodsAreActive) {
  EXPECT_THAT(
      StatusErrors(Job("{}"), R"({"active":1,"ready":2})"),
      ElementsAre("status.ready: Invalid value: 2: cannot set more ready pods than active"));
  EXPECT_THAT(StatusErrors(Job("{}"), R"({"active":-1})"),
              Contains("status.active: Invalid value: -1: must be greater than or equal to 0"));
}

TEST(JobStatusValidationTest, V32_IndexListsFitTheJob) {
  EXPECT_THAT(StatusErrors(Job("{}"), R"({"completedIndexes":"0"})"),
              ElementsAre("status.completedIndexes: Invalid value: \"0\": cannot set non-empty "
                          "completedIndexes when non-indexed completion mode"));
  const json indexed =
      Job("{}", {{"completionMode", "Indexed"}, {"completions", 4}, {"backoffLimitPerIndex", 1}});
  EXPECT_THAT(StatusErrors(indexed, R"({"completedIndexes":"0-2","failedIndexes":"2-3"})"),
              ElementsAre("status.failedIndexes: Invalid value: \"2-3\": failedIndexes and "
                          "completedIndexes overlap at index: 2"));
  EXPECT_THAT(StatusErrors(indexed, R"({"completedIndexes":"7"})"),
              ElementsAre("status.completedIndexes: Invalid value: \"7\": error parsing "
                          "completedIndexes: too large index: \"7\""));
  EXPECT_THAT(StatusErrors(Job("{}"), R"({"failedIndexes":""})"),
              ElementsAre("status.failedIndexes: Invalid value: \"\": cannot set non-null "
                          "failedIndexes when backoffLimitPerIndex is null"));
}

TEST(JobStatusValidationTest, V32_WhatIsBrokenAlreadyDoesNotStopOtherWrites) {
  const json old = Job(R"({"active":1,"ready":2})");
  EXPECT_THAT(StatusErrors(old, R"({"active":1,"ready":2,"failed":1})"), IsEmpty());
}

}  // namespace
}  // namespace kless::kubernetes
