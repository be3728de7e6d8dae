#include <nlohmann/json.hpp>

#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

using AdminFunctionsTest = AdminTestWorld;
using std::chrono::milliseconds;

constexpr const char* kWorker = "/kless/v1/functions/worker";

TEST_F(AdminFunctionsTest, ConfigurationIsReadPatchedAndChecked) {
  EXPECT_EQ(Get(kWorker)["memory_mb"], 128);
  const Answer patched = Send("PATCH", kWorker, R"({"init":450,"memory_mb":1769})");
  EXPECT_EQ(patched.status, 200);
  EXPECT_EQ(patched.Json()["init"], json({{"constant_ms", 450.0}}));
  EXPECT_EQ(patched.Json()["memory_mb"], 1769);
  const Answer unknown = Send("PATCH", kWorker, R"({"memory":1})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.Message().find("memory_mb"), std::string::npos);
  EXPECT_EQ(Send("PATCH", kWorker, R"({"memory_mb":1})").status, 400);
  EXPECT_EQ(Send("PATCH", kWorker, "[]").status, 400);
  EXPECT_EQ(Get(kWorker)["memory_mb"], 1769);
  for (const char* path : {"", "/reset", "/warm", "/invocations"}) {
    const std::string method = std::string(path).empty() ? "GET" : "POST";
    EXPECT_EQ(Send(method, std::string("/kless/v1/functions/none") + path).status, 404) << path;
  }
}

TEST_F(AdminFunctionsTest, TheAccountsConcurrencyIsShownAndSet) {
  const json account = Get("/kless/v1/functions");
  EXPECT_EQ(account["account_concurrency"], 10);
  EXPECT_EQ(account["keep_alive_policy"], "ttl");
  EXPECT_EQ(account["keep_alive_memory_mb"], 10'240);
  EXPECT_EQ(account["memory_mb"], 0);
  const Answer set = Send("PATCH", "/kless/v1/functions", R"({"account_concurrency":3})");
  EXPECT_EQ(set.status, 200);
  EXPECT_EQ(set.Json()["account_concurrency"], 3);
  EXPECT_EQ(set.Json()["functions"][0]["name"], "worker");
  EXPECT_EQ(Send("PATCH", "/kless/v1/functions", R"({"account_concurrency":0})").status, 400);
  EXPECT_EQ(Send("PATCH", "/kless/v1/functions", R"({"concurrency":5})").Message(),
            "unknown field 'concurrency'");
}

TEST_F(AdminFunctionsTest, ASynchronousInvocationAnswersWithThePayload) {
  Send("PATCH", kWorker, R"({"init":450})");
  const Answer answer = Send("POST", std::string(kWorker) + "/invocations", R"({"sleep_ms":50})");
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.Json()["payload"], json::parse(R"({"echo":{"sleep_ms":50}})"));
  EXPECT_EQ(event_loop.Now(), TimePoint(milliseconds(500)));

  const json page = Get("/kless/v1/invocations?function=worker");
  ASSERT_EQ(page["items"].size(), 1u);
  const json& row = page["items"][0];
  EXPECT_EQ(row["request_id"], answer.Json()["request_id"]);
  EXPECT_EQ(row["start"], "cold");
  EXPECT_EQ(row["trigger"], "sync");
  EXPECT_EQ(row["requested"], "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(row["queued_ms"], 0.0);
  EXPECT_EQ(row["init_ms"], 450.0);
  EXPECT_EQ(row["run_ms"], 50.0);
  EXPECT_EQ(row["outcome"], "ok");
  EXPECT_EQ(row["caused_by"], json::array());
  EXPECT_EQ(page["next"], row["id"]);
  EXPECT_EQ(Get("/kless/v1/invocations?after=" + row["id"].dump())["items"].size(), 0u);
}

TEST_F(AdminFunctionsTest, InvocationsAreReadForwardsBackwardsAndBetweenTwo) {
  for (int i = 0; i < 5; ++i) Send("POST", std::string(kWorker) + "/invocations", "{}");
  const auto ids = [&](const std::string& query) {
    std::vector<int> found;
    const json page = Get("/kless/v1/invocations?" + query);
    for (const json& item : page["items"]) found.push_back(item["id"]);
    found.push_back(page["next"]);
    return found;
  };
  using Ids = std::vector<int>;  // the rows', then "next"
  EXPECT_EQ(ids("limit=2"), (Ids{1, 2, 2}));
  EXPECT_EQ(ids("after=2&before=5"), (Ids{3, 4, 4}));
  EXPECT_EQ(ids("descending=true&limit=2"), (Ids{5, 4, 4}));
  EXPECT_EQ(ids("descending=true&limit=2&before=4"), (Ids{3, 2, 2}));
  EXPECT_EQ(ids("descending=true&after=3"), (Ids{5, 4, 4}));
  EXPECT_EQ(ids("function=worker&descending=true&limit=1"), (Ids{5, 5}));
  EXPECT_EQ(ids("after=9"), (Ids{9}));
}

TEST_F(AdminFunctionsTest, AFollowerGetsEachInvocationUntilItsLimit) {
  Send("POST", std::string(kWorker) + "/invocations", "{}");
  const Answer follower = Send("GET", "/kless/v1/invocations?follow=true&function=worker&limit=3");
  EXPECT_EQ(follower.content_type, "application/x-ndjson");
  EXPECT_EQ(follower.stream->Lines().size(), 1u);
  Send("POST", std::string(kWorker) + "/invocations", R"({"fail":"no luck"})");
  ASSERT_EQ(follower.stream->Lines().size(), 2u);
  EXPECT_EQ(follower.stream->Lines()[1]["outcome"], "error");
  // An invocation that is finally refused has a row, too.
  Send("PATCH", kWorker, R"({"reserved_concurrency":0})");
  Send("POST", std::string(kWorker) + "/invocations", "{}");
  ASSERT_EQ(follower.stream->Lines().size(), 3u);
  EXPECT_EQ(follower.stream->Lines()[2]["outcome"], "throttled");
  EXPECT_EQ(Send("GET", "/kless/v1/invocations?follow=true&before=3").status, 400);
  EXPECT_EQ(Send("GET", "/kless/v1/invocations?follow=true&descending=true").status, 400);
}

TEST_F(AdminFunctionsTest, AFunctionsOwnErrorIsNotAnErrorOfThePath) {
  const Answer answer =
      Send("POST", std::string(kWorker) + "/invocations", R"({"fail":"no luck"})");
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.Code(), "FunctionError");
  EXPECT_EQ(answer.Message(), "no luck");
  EXPECT_EQ(Send("POST", std::string(kWorker) + "/invocations", "{").status, 400);
}

TEST_F(AdminFunctionsTest, AboveTheAccountsCapTheAnswerIsThrottled) {
  Send("PATCH", "/kless/v1/functions", R"({"account_concurrency":1})");
  const auto running = Start("POST", std::string(kWorker) + "/invocations", R"({"sleep_ms":1000})");
  event_loop.Run(event_loop.Now());
  const Answer throttled = Send("POST", std::string(kWorker) + "/invocations", "{}");
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.Code(), "Throttled");
  event_loop.RunUntil([&] { return running->status != 0; }, TimePoint::max());
  EXPECT_EQ(running->status, 200);
}

TEST_F(AdminFunctionsTest, AnAsynchronousInvocationIsQueuedAndRuns) {
  const Answer queued = Send("POST", std::string(kWorker) + "/invocations", R"({"sleep_ms":10})",
                             {{"x-kless-invocation-type", "async"}});
  EXPECT_EQ(queued.status, 202);
  event_loop.Run(event_loop.Now() + milliseconds(20));
  const json items = Get("/kless/v1/invocations")["items"];
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0]["request_id"], queued.Json()["request_id"]);
  EXPECT_EQ(items[0]["trigger"], "async");
  EXPECT_EQ(Send("POST", std::string(kWorker) + "/invocations", "{}",
                 {{"x-kless-invocation-type", "later"}})
                .Message(),
            "X-Kless-Invocation-Type must be sync or async, not 'later'");
}

TEST_F(AdminFunctionsTest, ResetMakesTheNextStartColdAndWarmMakesItWarm) {
  const auto start = [&] {
    Send("POST", std::string(kWorker) + "/invocations", "{}");
    const json items = Get("/kless/v1/invocations")["items"];
    return items[items.size() - 1]["start"].get<std::string>();
  };
  EXPECT_EQ(start(), "cold");
  EXPECT_EQ(start(), "warm");
  const Answer reset = Send("POST", std::string(kWorker) + "/reset");
  EXPECT_EQ(reset.Json(), json({{"reclaimed", 1}}));
  EXPECT_EQ(start(), "cold");
  Send("POST", std::string(kWorker) + "/reset");
  const Answer warm = Send("POST", std::string(kWorker) + "/warm?count=3");
  EXPECT_EQ(warm.Json(), json({{"started", 3}, {"limit", nullptr}}));
  event_loop.Run(event_loop.Now());
  EXPECT_EQ(Get(kWorker)["stats"]["idle"], 3);
  EXPECT_EQ(start(), "warm");
  EXPECT_EQ(Send("POST", std::string(kWorker) + "/warm?count=0").status, 400);
}

TEST_F(AdminFunctionsTest, WarmNamesTheCapThatAllowsNoMore) {
  Send("PATCH", kWorker, R"({"reserved_concurrency": 2})");
  EXPECT_EQ(Send("POST", std::string(kWorker) + "/warm?count=5").Json(),
            json({{"started", 2}, {"limit", "reserved_concurrency of 2"}}));
  Send("PATCH", kWorker, R"({"reserved_concurrency": null, "scale_up_per_10s": 1})");
  Send("POST", std::string(kWorker) + "/reset");
  EXPECT_EQ(Send("POST", std::string(kWorker) + "/warm?count=5").Json(),
            json({{"started", 1}, {"limit", "scale_up_per_10s of 1"}}));
}

TEST_F(AdminFunctionsTest, APayloadAboveTheLimitIsRefusedWithIt) {
  const std::string payload = '"' + std::string(kMaxPayloadBytes, 'x') + '"';
  for (const char* type : {"sync", "async"}) {
    const Answer answer = Send("POST", std::string(kWorker) + "/invocations", payload,
                               {{"x-kless-invocation-type", type}});
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.Json()["error"]["code"], "PayloadTooLarge");
    EXPECT_EQ(answer.Message(), "the payload has 6291558 bytes; the limit is 6291556 (6 MB)");
  }
}

TEST_F(AdminFunctionsTest, AThrottleNamesItsReasonOnce) {
  Send("PATCH", kWorker, R"({"reserved_concurrency": 0})");
  const Answer answer = Send("POST", std::string(kWorker) + "/invocations", "{}");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Message(),
            "function 'worker' is throttled: ReservedFunctionConcurrentInvocationLimitExceeded");
}

TEST_F(AdminFunctionsTest, InvocationsOfAnUnknownFunctionAreNotFound) {
  const Answer answer = Send("GET", "/kless/v1/invocations?function=workers");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Message(),
            "there is no function 'workers', nor an invocation of one that was deleted; did you "
            "mean 'worker'?");
  EXPECT_EQ(Send("GET", "/kless/v1/invocations?function=worker").status, 200);
}

}  // namespace
}  // namespace kless::doors
