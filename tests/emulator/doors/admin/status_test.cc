#include <nlohmann/json.hpp>

#include "store/item_json.h"
#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

using AdminStatusTest = AdminTestWorld;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(AdminStatusTest, HealthAndStatsAnswer) {
  EXPECT_EQ(Get("/kless/v1/health")["status"], "ok");
  MakeNotes();
  const std::uint64_t version = PutNote("a", 1, "x");
  const json stats = Get("/kless/v1/stats");
  EXPECT_EQ(stats["store"]["writes"], 1);
  EXPECT_EQ(stats["feed"], json({{"latest", version}, {"low_water", 0}}));
  EXPECT_EQ(stats["pool"]["account_concurrency"], 10);
  EXPECT_EQ(stats["tasks"]["failed"], 0);
  EXPECT_EQ(stats["mappings"], json::object());
  EXPECT_EQ(Send("GET", "/kless/v1/health?x=1").status, 400);
}

TEST_F(AdminStatusTest, StatusSaysWhatTheDaemonIsAndWhatWaits) {
  DaemonFacts facts;
  facts.control_plane = "serverless";
  facts.loops = {"job"};
  facts.seed = 18446744073709551615ull;
  facts.boots = 2;
  facts.durability = "memory";
  door->SetFacts(facts);
  MakeNotes();
  Map("notes");
  Send("PATCH", "/kless/v1/functions/worker", R"({"init":5000})");
  PutNote("a", 1, "x");
  event_loop.Run(event_loop.Now() + seconds(2));
  json status = Get("/kless/v1/status");
  EXPECT_EQ(status["seed"], "18446744073709551615");
  EXPECT_EQ(status["starts"], 2);
  EXPECT_EQ(status["loops"], json::array({"job"}));
  EXPECT_EQ(status["data"]["file"], nullptr);
  EXPECT_EQ(status["uptime_ms"], nullptr);  // virtual time
  EXPECT_EQ(status["oldest_unprocessed"], json({{"mapping", "mapped"}, {"age_ms", 2000.0}}));
  EXPECT_EQ(status["idle"], false);
  EXPECT_EQ(status["nodes"], json({{"count", 0}, {"alive", 0}}));
  EXPECT_EQ(Send("GET", "/kless/v1/idle?timeout=30s").status, 200);
  status = Get("/kless/v1/status");
  EXPECT_EQ(status["oldest_unprocessed"], nullptr);
  EXPECT_EQ(status["functions"][0]["cold_starts"], 1);
  EXPECT_EQ(status["feed"], json({{"latest", 1}, {"low_water", 0}}));
  EXPECT_EQ(status["objects"], json::object());
  ASSERT_TRUE(store->resources().Put({"job", "default/a"}, "{}", {}).has_value());
  ASSERT_TRUE(store->resources().Put({"job", "default/b"}, "{}", {}).has_value());
  EXPECT_EQ(Get("/kless/v1/status")["objects"], json({{"job", 2}}));
}

TEST_F(AdminStatusTest, MappingsShowWhatTheyDid) {
  MakeNotes();
  Map("notes");
  PutNote("a", 1, "x");
  const Answer idle = Send("GET", "/kless/v1/idle");
  EXPECT_EQ(idle.status, 200) << idle.text;
  EXPECT_EQ(idle.Json(), json({{"idle", true}}));
  const json mapping = Get("/kless/v1/mappings/mapped");
  EXPECT_EQ(mapping["last_processing_result"], "OK");
  EXPECT_EQ(Get("/kless/v1/mappings")["mappings"][0], mapping);
  EXPECT_EQ(Get("/kless/v1/invocations")["items"][0]["caused_by"], json::array({1}));
  const Answer none = Send("GET", "/kless/v1/mappings/none");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.Message(), "event source mapping 'none' does not exist");
}

TEST_F(AdminStatusTest, IdleWaitsForColdStartsAndGivesUpAtItsTimeout) {
  MakeNotes();
  Map("notes");
  Send("PATCH", "/kless/v1/functions/worker", R"({"init":5000})");
  PutNote("a", 1, "x");
  const TimePoint start = event_loop.Now();
  const Answer late = Send("GET", "/kless/v1/idle?timeout=1500ms");
  EXPECT_EQ(late.status, 408);
  EXPECT_EQ(late.Json()["idle"], false);
  EXPECT_EQ(late.Code(), "TimedOut");
  EXPECT_EQ(late.Message(),
            "not idle after 1.5s: mapping mapped is at record 0 of 1 with 1 in flight (No records "
            "processed); 1 invocations run, or some are queued");
  EXPECT_EQ(event_loop.Now() - start, milliseconds(1500));
  EXPECT_EQ(Send("GET", "/kless/v1/idle?timeout=30s").status, 200);
  EXPECT_LT(event_loop.Now() - start, milliseconds(5050));
  EXPECT_GE(event_loop.Now() - start, seconds(5));
  EXPECT_EQ(Send("GET", "/kless/v1/idle?timeout=soon").status, 400);
}

// The writer's invocation ends in the turn of its write: the pool is idle then, and the record is
// not committed yet.
TEST_F(AdminStatusTest, IdleWaitsForWhatAFunctionWroteInItsLastTurn) {
  MakeNotes();
  Map("notes");
  Send("PATCH", "/kless/v1/functions/worker", R"({"init":5000})");
  FunctionConfig config;
  config.name = "writer";
  Store* const kept = store.get();
  VirtualEventLoop* const clock = &event_loop;
  const auto handler = [kept, clock](
                           std::shared_ptr<const FunctionEvent>,
                           std::shared_ptr<InvocationContext>) -> Task<Result<std::string>> {
    co_await clock->SleepFor(milliseconds(10));
    Table* const notes = kept->FindTable("notes");
    auto read =
        ItemFromJson(notes->description(), json::parse(R"({"id":{"S":"a"},"at":{"N":"1"}})"));
    notes->Put(std::move(read.value()), Condition::None()).value();
    co_return std::string("{}");
  };
  ASSERT_TRUE(pool->Register(config, handler).has_value());
  const auto written = Start("POST", "/kless/v1/functions/writer/invocations", "{}");
  EXPECT_EQ(Send("GET", "/kless/v1/idle").status, 200);
  EXPECT_EQ(written->status, 200);
  EXPECT_EQ(Get("/kless/v1/mappings/mapped")["delivered"], 1)
      << written->text << Get("/kless/v1/mappings/mapped") << Get("/kless/v1/clock");
}

TEST_F(AdminStatusTest, TheClockOfAVirtualRunCanBeReadAndNotSet) {
  event_loop.CallAt(TimePoint(seconds(90)), [] {});
  const json clock = Get("/kless/v1/clock");
  EXPECT_EQ(clock["mode"], "virtual");
  EXPECT_EQ(clock["now"], "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(clock["next_timer_ms"], 90'000.0);
  EXPECT_EQ(Send("POST", "/kless/v1/clock", R"({"speed":10})").status, 409);
  EXPECT_EQ(Send("POST", "/kless/v1/clock", R"({"sped":10})").Message(),
            "unknown field 'sped'; did you mean 'speed'?");
  EXPECT_EQ(Send("POST", "/kless/v1/clock", "{}").status, 400);
  EXPECT_EQ(Send("POST", "/kless/v1/clock", R"({"speed":-1})").status, 400);
}

TEST_F(AdminStatusTest, FaultsAreArmedListedAndCleared) {
  const Answer added = Send("POST", "/kless/v1/faults", R"({"kind":"throttle","at":1})");
  EXPECT_EQ(added.status, 200) << added.text;
  EXPECT_EQ(Get("/kless/v1/faults")["faults"].size(), 1u);
  EXPECT_EQ(Send("POST", "/kless/v1/functions/worker/invocations", "{}").status, 429);
  EXPECT_EQ(Send("POST", "/kless/v1/functions/worker/invocations", "{}").status, 200);
  EXPECT_EQ(Send("DELETE", "/kless/v1/faults").Json()["faults"], json::array());
  EXPECT_EQ(Send("POST", "/kless/v1/faults", R"({"kind":"flood"})").status, 400);
  EXPECT_EQ(Send("POST", "/kless/v1/faults", "").status, 400);
}

TEST_F(AdminStatusTest, MetricsAreInPrometheusTextForm) {
  MakeNotes();
  Map("notes");
  PutNote("a", 1, "x");
  Send("GET", "/kless/v1/idle");
  const Answer scrape = Send("GET", "/metrics");
  EXPECT_EQ(scrape.content_type, "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"# TYPE kless_store_writes_total counter\nkless_store_writes_total 1\n",
        "kless_table_items{table=\"notes\"} 1\n", "kless_feed_latest_sequence 1\n",
        "kless_function_starts_total{function=\"worker\",start=\"cold\"} 1\n",
        "kless_mapping_delivered_records_total{mapping=\"mapped\"} 1\n",
        "kless_failed_tasks_total 0\n"}) {
    EXPECT_NE(scrape.text.find(line), std::string::npos) << line << "\n" << scrape.text;
  }
}

}  // namespace
}  // namespace kless::doors
