#include "emulator/experiment/measures/run_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless::experiment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Every field differs from its default and from its neighbours.
RunResult FullResult() {
  RunResult run;
  run.seed = std::numeric_limits<std::uint64_t>::max();
  run.jobs = {{"a", 1, 2, 3, 4, 5, 6, 7}, {"b \"quoted\"", 8, 9, 10, -1, -1, 11, 0}};
  run.pods = {{1, "a-x", 12, "cold", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}};
  InvocationTiming row{"f", "e-1", "waited", "partial", 13, 14, 15, 16, 17, 18, 128, 19, 20};
  run.invocations = {row};
  run.environments = {{21, 1, 2, 3}};
  run.throttles = {22, 23};
  run.feed = {{24, 25, std::numeric_limits<std::uint64_t>::max()}};
  run.startup = {{"init", 26}, {"tls", 27}};
  run.end = std::numeric_limits<std::int64_t>::max();
  run.concurrency_cap = 10;
  run.environment_memory_mb = 256;
  run.counts = {{"user_writes", 28}, {"store_reads", std::numeric_limits<std::uint64_t>::max()}};
  run.problem = "3 jobs without all their pods after 1h";
  return run;
}

TEST(RunResultTest, SurvivesTheWayThroughText) {
  const std::string text = DumpJson(RunResultToJson(FullResult()));
  const auto json = ParseJson(text);
  ASSERT_TRUE(json.has_value());
  const auto read = RunResultFromJson(*json);
  ASSERT_TRUE(read.has_value());

  EXPECT_EQ(read->seed, 18446744073709551615u);
  ASSERT_EQ(read->jobs.size(), 2u);
  EXPECT_EQ(read->jobs[0].name, "a");
  EXPECT_EQ(read->jobs[0].due, 1);
  EXPECT_EQ(read->jobs[0].begun, 2);
  EXPECT_EQ(read->jobs[0].written, 3);
  EXPECT_EQ(read->jobs[0].reconciled, 4);
  EXPECT_EQ(read->jobs[0].answered, 5);
  EXPECT_EQ(read->jobs[0].pods_wanted, 6);
  EXPECT_EQ(read->jobs[0].pods, 7);
  EXPECT_EQ(read->jobs[1].name, "b \"quoted\"");
  EXPECT_EQ(read->jobs[1].reconciled, -1);
  ASSERT_EQ(read->pods.size(), 1u);
  EXPECT_EQ(read->pods[0].job, 1);
  EXPECT_EQ(read->pods[0].name, "a-x");
  EXPECT_EQ(read->pods[0].created, 12);
  EXPECT_EQ(read->pods[0].start, "cold");
  EXPECT_THAT(read->pods[0].causes, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  ASSERT_EQ(read->invocations.size(), 1u);
  const InvocationTiming& row = read->invocations[0];
  EXPECT_EQ(row.function, "f");
  EXPECT_EQ(row.environment, "e-1");
  EXPECT_EQ(row.start, "waited");
  EXPECT_EQ(row.outcome, "partial");
  EXPECT_EQ(row.requested, 13);
  EXPECT_EQ(row.queued, 14);
  EXPECT_EQ(row.init, 15);
  EXPECT_EQ(row.run, 16);
  EXPECT_EQ(row.store, 17);
  EXPECT_EQ(row.billed, 18);
  EXPECT_EQ(row.memory_mb, 128);
  EXPECT_EQ(row.throttles, 19);
  EXPECT_EQ(row.ideal, 20);
  ASSERT_EQ(read->environments.size(), 1u);
  EXPECT_EQ(read->environments[0].at, 21);
  EXPECT_EQ(read->environments[0].initializing, 1);
  EXPECT_EQ(read->environments[0].busy, 2);
  EXPECT_EQ(read->environments[0].idle, 3);
  EXPECT_THAT(read->throttles, ElementsAre(22, 23));
  ASSERT_EQ(read->feed.size(), 1u);
  EXPECT_EQ(read->feed[0].at, 24);
  EXPECT_EQ(read->feed[0].iterator_age, 25);
  EXPECT_EQ(read->feed[0].queued, 18446744073709551615u);
  ASSERT_EQ(read->startup.size(), 2u);
  EXPECT_EQ(read->startup[1].name, "tls");
  EXPECT_EQ(read->startup[1].duration, 27);
  EXPECT_EQ(read->end, 9223372036854775807);
  EXPECT_EQ(read->concurrency_cap, 10);
  EXPECT_EQ(read->environment_memory_mb, 256);
  EXPECT_EQ(read->counts.size(), 2u);
  EXPECT_EQ(read->counts.at("store_reads"), 18446744073709551615u);
  EXPECT_EQ(read->problem, "3 jobs without all their pods after 1h");
  EXPECT_EQ(DumpJson(RunResultToJson(*read)), text);
}

TEST(RunResultTest, AnEmptyResultSurvivesToo) {
  const std::string text = DumpJson(RunResultToJson(RunResult{}));
  const auto read = RunResultFromJson(*ParseJson(text));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(DumpJson(RunResultToJson(*read)), text);
}

TEST(RunResultTest, OtherDocumentsAreRefused) {
  for (const char* text : {"[]", "null", "{}", "{\"seed\": \"x\"}"}) {
    const auto read = RunResultFromJson(*ParseJson(text));
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(read.error().message, HasSubstr("not the document of a run"));
  }
}

TEST(RunResultTest, RowsThatAreTooShortAreRefused) {
  nlohmann::json json = RunResultToJson(FullResult());
  json["jobs"][0].erase(7);
  EXPECT_FALSE(RunResultFromJson(json).has_value());
}

TEST(CauseTest, EveryCauseHasItsName) {
  EXPECT_EQ(CauseNames().size(), kCauses);
  EXPECT_STREQ(CauseName(Cause::kSubmit), "submit");
  EXPECT_STREQ(CauseName(Cause::kFirstRequest), "first_request");
  EXPECT_STREQ(CauseName(Cause::kOther), "other");
}

}  // namespace
}  // namespace kless::experiment
