// Tumbling windows: case g25 of tests/reference/aws.md.
#include "functions/pool/mapping/tumbling_window.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "functions/pool/mapping/stream_event.h"
#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

using nlohmann::json;

// A function that counts the records of a window in its state.
class WindowWorld : public FunctionWorld {
 public:
  explicit WindowWorld(EventSourceMappingConfig config = {}, StoreOptions options = InMemory())
      : FunctionWorld(1000, {}, 1, std::move(options)), config(config) {
    table = store->FindTable("records");
    if (table == nullptr) {
      TableDescription description;
      description.name = "records";
      description.partition_key = "p";
      table = store->CreateTable(description).value();
    }
    Register("f", [events = events, respond = respond, store = store.get()](auto event, auto) {
      return Note(events, respond, store, event);
    });
  }
  ~WindowWorld() {
    event_loop.DropAll();
    mapping.reset();
  }

  void Start() {
    config.name = "m";
    config.function = "f";
    config.table = "records";
    if (config.tumbling_window == Duration::zero()) config.tumbling_window = minutes(1);
    auto made =
        EventSourceMapping::Create(event_loop, *store, *pool, faults, profile, config, seed);
    ASSERT_FALSE(made.has_error()) << made.error().message;
    mapping = std::move(made.value());
    mapping->Start();
  }
  void PutAt(Duration at, const std::string& key) {
    event_loop.CallAt(TimePoint(at), [this, key] {
      Item item;
      item.key = {key, ""};
      (void)table->Put(item, Condition::None());
    });
  }
  // "00:00 2 {"count":2}": start of the window, records, state; "*" if it is the final event.
  std::vector<std::string> Calls() const {
    std::vector<std::string> calls;
    for (const json& event : *events) {
      calls.push_back(event["window"]["start"].get<std::string>().substr(14, 5) + " " +
                      std::to_string(event["Records"].size()) + " " + event["state"].dump() +
                      (event["isFinalInvokeForWindow"] == true ? "*" : ""));
    }
    return calls;
  }

  std::shared_ptr<std::vector<json>> events = std::make_shared<std::vector<json>>();
  std::shared_ptr<std::function<Result<std::string>(const json&)>> respond =
      std::make_shared<std::function<Result<std::string>(const json&)>>(Counted);
  EventSourceMappingConfig config;
  Table* table = nullptr;
  std::unique_ptr<EventSourceMapping> mapping;

  static Result<std::string> Counted(const json& event) {
    const std::size_t count = event["state"].value("count", std::size_t{0});
    return json({{"state", {{"count", count + event["Records"].size()}}}}).dump();
  }

 private:
  static Task<Result<std::string>> Note(
      std::shared_ptr<std::vector<json>> events,
      std::shared_ptr<std::function<Result<std::string>(const json&)>> respond, Store* store,
      std::shared_ptr<const FunctionEvent> event) {
    events->push_back(json::parse(EventText(*store, *event)));
    co_return (*respond)(events->back());
  }
};

using Calls = std::vector<std::string>;

TEST(TumblingWindowTest, g25_StateIsCarriedFromBatchToBatchAndTheWindowEndsWithoutRecords) {
  WindowWorld world;
  world.Start();
  world.PutAt(seconds(10), "a");
  world.PutAt(seconds(50), "b");
  world.PutAt(seconds(70), "c");
  world.RunUntil(minutes(30));
  EXPECT_EQ(world.Calls(), (Calls{"00:00 1 {}", R"(00:00 1 {"count":1})", R"(00:00 0 {"count":2}*)",
                                  "01:00 1 {}", R"(01:00 0 {"count":1}*)"}));
  const json& last = world.events->back();
  EXPECT_EQ(last["window"]["end"], "2026-01-01T00:02:00Z");
  EXPECT_EQ(last["isWindowTerminatedEarly"], false);
  EXPECT_EQ(last["eventSourceARN"], world.events->front()["Records"][0]["eventSourceARN"]);
  EXPECT_TRUE(last["shardId"].get<std::string>().starts_with("shardId-"));
  EXPECT_TRUE(world.mapping->Idle());
}

TEST(TumblingWindowTest, WithoutLaterRecordsAWindowEndsTwoMinutesAfterItsTime) {
  WindowWorld world;
  world.Start();
  world.PutAt(seconds(10), "a");
  world.RunUntil(seconds(179));
  EXPECT_EQ(world.events->size(), 1u);
  world.RunUntil(seconds(180));
  EXPECT_EQ(world.events->size(), 2u);
}

TEST(TumblingWindowTest, ABatchHasRecordsOfOneWindow) {
  EventSourceMappingConfig config;
  config.maximum_batching_window = minutes(5);
  WindowWorld world(config);
  world.Start();
  for (const int at : {10, 20, 70, 80}) world.PutAt(seconds(at), std::to_string(at));
  world.RunUntil(minutes(30));
  EXPECT_EQ(world.Calls(), (Calls{"00:00 2 {}", R"(00:00 0 {"count":2}*)", "01:00 2 {}",
                                  R"(01:00 0 {"count":2}*)"}));
}

TEST(TumblingWindowTest, AResponseWithoutAStateIsAnErrorOfTheFunction) {
  EventSourceMappingConfig config;
  config.maximum_retry_attempts = 1;
  int given_up = 0;
  config.on_failure = [&](const FailedBatch& batch) {
    given_up += static_cast<int>(batch.records.size());
  };
  WindowWorld world(config);
  *world.respond = [](const json&) { return Result<std::string>(std::string("{}")); };
  world.Start();
  world.PutAt(seconds(10), "a");
  world.RunUntil(minutes(30));
  // Two attempts of the record, two of the end.
  EXPECT_EQ(world.Calls(), (Calls{"00:00 1 {}", "00:00 1 {}", "00:00 0 {}*", "00:00 0 {}*"}));
  EXPECT_EQ(given_up, 1);
  EXPECT_EQ(world.mapping->Status().last_processing_result, "PROBLEM: Function call failed");
  EXPECT_TRUE(world.mapping->Idle());
}

TEST(TumblingWindowTest, LaterRecordsWaitUntilTheEndOfAWindowHasSucceeded) {
  WindowWorld world;
  *world.respond = [&](const json& event) -> Result<std::string> {
    const bool early = world.event_loop.Now() < TimePoint(minutes(10));
    if (event["isFinalInvokeForWindow"] == true && early) {
      return MakeError(ErrorCode::kInternal, "boom");
    }
    return WindowWorld::Counted(event);
  };
  world.Start();
  world.PutAt(seconds(10), "a");
  world.PutAt(seconds(70), "b");
  world.RunUntil(minutes(9));
  EXPECT_EQ(world.mapping->Status().delivered, 1u);
  world.RunUntil(minutes(30));
  EXPECT_EQ(world.mapping->Status().delivered, 2u);
  EXPECT_EQ(world.Calls().back(), R"(01:00 0 {"count":1}*)");
}

TEST(TumblingWindowTest, AStateAboveOneMegabyteEndsTheWindowEarly) {
  WindowWorld world;
  *world.respond = [&](const json& event) -> Result<std::string> {
    if (event["Records"].size() != 1 || event["state"].value("count", 0) != 1) {
      return WindowWorld::Counted(event);
    }
    return json({{"state", std::string(kWindowStateBytesMax, 'x')}}).dump();
  };
  world.Start();
  for (const int at : {10, 20, 30}) world.PutAt(seconds(at), std::to_string(at));
  world.RunUntil(minutes(30));
  EXPECT_EQ(world.Calls(), (Calls{"00:00 1 {}", R"(00:00 1 {"count":1})", R"(00:00 0 {"count":1}*)",
                                  "00:00 1 {}", R"(00:00 0 {"count":1}*)"}));
  EXPECT_EQ(world.events->at(2)["isWindowTerminatedEarly"], true);
  EXPECT_EQ(world.events->at(4)["isWindowTerminatedEarly"], false);
}

TEST(TumblingWindowTest, APartialResponseKeepsTheStateOfWhatIsDone) {
  EventSourceMappingConfig config;
  config.report_batch_item_failures = true;
  config.maximum_batching_window = seconds(5);
  WindowWorld world(config);
  bool first = true;
  *world.respond = [&](const json& event) -> Result<std::string> {
    if (!std::exchange(first, false)) return WindowWorld::Counted(event);
    const json failed = {{"itemIdentifier", event["Records"][1]["dynamodb"]["SequenceNumber"]}};
    return json({{"state", {{"count", 1}}}, {"batchItemFailures", {failed}}}).dump();
  };
  world.Start();
  world.PutAt(seconds(1), "a");
  world.PutAt(seconds(2), "b");
  world.RunUntil(minutes(30));
  EXPECT_EQ(world.Calls(),
            (Calls{"00:00 2 {}", R"(00:00 1 {"count":1})", R"(00:00 0 {"count":2}*)"}));
}

TEST(TumblingWindowTest, AnOpenWindowSurvivesARestart) {
  const auto folder = std::filesystem::path(::testing::TempDir()) /
                      ("AnOpenWindowSurvivesARestart" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  StoreOptions options;
  options.path = (folder / "kless.db").string();
  options.durability = Durability::kNormal;
  {
    WindowWorld world({}, options);
    world.Start();
    world.PutAt(seconds(10), "a");
    world.RunUntil(seconds(30));
    world.store->EndTurn();
  }
  {
    WindowWorld world({}, options);
    world.Start();
    world.RunUntil(minutes(30));
    EXPECT_EQ(world.Calls(), (Calls{R"(00:00 0 {"count":1}*)"}));
    world.store->EndTurn();
  }
  WindowWorld world({}, options);
  world.Start();
  world.RunUntil(minutes(30));
  EXPECT_EQ(world.Calls(), Calls{});
  std::filesystem::remove_all(folder);
}

TEST(TumblingWindowTest, AWindowNeedsAFactorOfOneAndAtLeastASecond) {
  EventSourceMappingConfig config;
  config.name = "m";
  config.tumbling_window = minutes(1);
  config.parallelization_factor = 2;
  EXPECT_TRUE(ValidateMappingConfig(config).has_error());
  config.parallelization_factor = 1;
  EXPECT_FALSE(ValidateMappingConfig(config).has_error());
  for (const Duration wrong : {Duration(milliseconds(999)), Duration(seconds(901))}) {
    config.tumbling_window = wrong;
    EXPECT_TRUE(ValidateMappingConfig(config).has_error());
  }
}

TEST(TumblingWindowTest, AnUnreadableWindowIsAnError) {
  for (const char* text : {"", "1", "{}", R"({"start":1,"end":2,"state":3})"}) {
    EXPECT_TRUE(WindowFromText(text).has_error()) << text;
  }
}

}  // namespace
}  // namespace kless
