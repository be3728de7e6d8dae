// Runs every case of tests/reference/esm_cases.json, which were recorded on AWS, in virtual time:
// the mapping has the recorded settings, the table gets the writes of the case, and the function
// must see the recorded records as often as on AWS.  Cases that only show replies of the API are
// checked as far as a mapping knows them: its state, its last result and its filter.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "functions/pool/mapping/failed_batch.h"
#include "functions/pool/mapping/filter_pattern.h"
#include "functions/pool/mapping/stream_event.h"
#include "store/item_json.h"
#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

using nlohmann::json;

// What the recording leaves out: the writes, and what the function does.
struct Scenario {
  const char* key = "id";
  std::vector<json> first, second;  // items put before the first and the second look
  std::function<Result<std::string>(const FunctionEvent&)> respond;
};

Result<std::string> Succeed(const FunctionEvent&) { return std::string("null"); }
Result<std::string> Throw(const FunctionEvent&) { return MakeError(ErrorCode::kInternal, "boom"); }
std::function<Result<std::string>(const FunctionEvent&)> Return(const std::string& payload) {
  return [payload](const FunctionEvent&) { return payload; };
}

json Text(const std::string& text) { return {{"S", text}}; }

const std::vector<json> kHello = {
    {{"my_partition_key", Text("hello world")}, {"binary_key", {{"B", "Zm9vYmFy"}}}}};

Scenario Greeting(std::function<Result<std::string>(const FunctionEvent&)> respond) {
  return {"my_partition_key", kHello, {}, std::move(respond)};
}

std::optional<Scenario> ResponseScenario(const std::string& name) {
  const std::map<std::string, std::string> payloads = {
      {"empty_string_item_identifier_failure", R"({"batchItemFailures":[{"itemIdentifier":""}]})"},
      {"invalid_key_foo_failure", R"({"batchItemFailures":[{"foo":"bar"}]})"},
      {"invalid_key_foo_null_value_failure", R"({"batchItemFailures":[{"foo":null}]})"},
      {"item_identifier_not_present_failure",
       R"({"batchItemFailures":[{"itemIdentifier":"123"}]})"},
      {"empty_list_success", "[]"},
      {"empty_dict_success", "{}"},
      {"null_batch_item_failure_success", R"({"batchItemFailures":null})"}};
  for (const auto& [part, payload] : payloads) {
    if (name.find("[" + part + "]") != std::string::npos) return Greeting(Return(payload));
  }
  return std::nullopt;
}

std::optional<Scenario> FilterScenario(const std::string& name) {
  const json plain = {{"id", Text("id_value")}};
  const json one = {{"id", Text("id_value_1")}, {"presentKey", Text("presentValue")}};
  const json other = {{"id", Text("id_value_2")}, {"otherKey", Text("x")}};
  if (name.find("insert_same_entry_twice") != std::string::npos) {
    const json item = {{"id", Text("id_value")}, {"id2", Text("id2_value")}};
    return Scenario{"id", {item}, {item}, Succeed};
  }
  if (name.find("content_or_filter") != std::string::npos) {
    const json changed = {{"id", Text("id_value")}, {"id2", Text("id2_new_value")}};
    return Scenario{"id", {plain}, {changed}, Succeed};
  }
  if (name.find("content_filter_type") != std::string::npos ||
      name.find("exists_filter_type") != std::string::npos) {
    return Scenario{"id", {one}, {other}, Succeed};
  }
  if (name.find("prefix_filter") != std::string::npos) {
    const json first = {{"id", Text("id_value_1")}, {"prefix", Text("us-1-other-suffix")}};
    const json second = {{"id", Text("id_value_2")}, {"prefix", Text("other-suffix")}};
    return Scenario{"id", {first}, {second}, Succeed};
  }
  return std::nullopt;
}

// Reports the last item of every batch that has it.
Result<std::string> FailLastItem(const FunctionEvent& event) {
  const ChangeRecord& last = *event.records.back();
  if (last.key.partition != "testId5") return std::string("{}");
  return R"({"batchItemFailures":[{"itemIdentifier":")" + StreamSequenceNumber(last.sequence) +
         R"("}]})";
}

Scenario ScenarioOf(const std::string& name) {
  if (auto scenario = ResponseScenario(name)) return *scenario;
  if (auto scenario = FilterScenario(name)) return *scenario;
  if (name == "test_dynamodb_report_batch_item_failures") {
    Scenario scenario{"id", {}, {}, FailLastItem};
    for (int i = 0; i < 6; ++i)
      scenario.first.push_back({{"id", Text("testId" + std::to_string(i))}});
    return scenario;
  }
  if (name.find("on_failure_destination") != std::string::npos) return Greeting(Throw);
  return Greeting(Succeed);
}

// The settings of a recorded mapping, or those of the cases that were recorded without them.
EventSourceMappingConfig ConfigOf(const json& recorded) {
  EventSourceMappingConfig config;
  config.name = "m";
  config.function = "f";
  config.table = "records";
  if (!recorded.contains("esm")) {
    config.batch_size = 3;
    config.maximum_batching_window = seconds(1);
    config.maximum_retry_attempts = 3;
    config.report_batch_item_failures = true;
    return config;
  }
  const json& esm = recorded["esm"];
  const auto set = [&](const char* field, const json& value) {
    const auto patched = PatchMappingConfig(field, value, &config);
    EXPECT_FALSE(patched.has_error()) << patched.error().message;
  };
  set("batch_size", esm["BatchSize"]);
  set("maximum_batching_window_ms", esm["MaximumBatchingWindowInSeconds"].get<int>() * 1000);
  set("parallelization_factor", esm["ParallelizationFactor"]);
  set("starting_position", esm["StartingPosition"]);
  set("maximum_retry_attempts", esm["MaximumRetryAttempts"]);
  set("maximum_record_age_ms", esm["MaximumRecordAgeInSeconds"]);
  set("bisect_batch_on_function_error", esm["BisectBatchOnFunctionError"]);
  set("report_batch_item_failures", !esm["FunctionResponseTypes"].empty());
  set("tumbling_window_ms", esm["TumblingWindowInSeconds"].get<int>() * 1000);
  return config;
}

class CaseWorld : public FunctionWorld {
 public:
  CaseWorld(const json& recorded, Scenario given) : recorded(recorded), scenario(std::move(given)) {
    TableDescription description;
    description.name = "records";
    description.partition_key = scenario.key;
    table = store->CreateTable(description).value();
    Register("f", [events = events, respond = scenario.respond](auto event, auto) {
      return Note(events, respond, event);
    });
    config = ConfigOf(recorded);
    config.on_failure = [this](const FailedBatch& batch) { failures.push_back(batch); };
    if (!recorded.contains("esm") || !recorded["esm"].contains("FilterCriteria")) return;
    patterns = recorded["esm"]["FilterCriteria"]["Filters"];
    for (const json& filter : patterns) {
      EXPECT_FALSE(CheckFilterPattern(filter["Pattern"]).has_error());
    }
    config.filter = [this](const ChangeRecord& record) {
      const json event = StreamRecordToJson(table->description(), record);
      return std::any_of(patterns.begin(), patterns.end(), [&](const json& filter) {
        return MatchesFilterPattern(filter["Pattern"], event);
      });
    };
  }
  ~CaseWorld() {
    event_loop.DropAll();
    mapping.reset();
  }

  void Create() {
    auto made =
        EventSourceMapping::Create(event_loop, *store, *pool, faults, profile, config, seed);
    ASSERT_FALSE(made.has_error()) << made.error().message;
    mapping = std::move(made.value());
  }
  void Put(const std::vector<json>& items) {
    for (const json& item : items) {
      (void)table->Put(ItemFromJson(table->description(), item).value(), Condition::None());
    }
    store->EndTurn();
    RunUntil(until += hours(1));
  }
  // As in the file: {"invocations", "records": [[{"eventName", "SizeBytes", ...}]]}.
  json Seen() const {
    json all = json::array();
    for (const auto& event : *events) {
      json records = json::array();
      for (const RecordPtr& record : event->records) {
        const json shown = StreamRecordToJson(table->description(), *record);
        const json& change = shown["dynamodb"];
        records.push_back({{"eventName", shown["eventName"]},
                           {"SizeBytes", change["SizeBytes"]},
                           {"NewImage", change.value("NewImage", json())},
                           {"OldImage", change.value("OldImage", json())}});
      }
      all.push_back(std::move(records));
    }
    return {{"invocations", events->size()}, {"records", std::move(all)}};
  }

  const json recorded;
  const Scenario scenario;
  EventSourceMappingConfig config;
  json patterns;
  Table* table = nullptr;
  Duration until{};
  std::shared_ptr<std::vector<std::shared_ptr<const FunctionEvent>>> events =
      std::make_shared<std::vector<std::shared_ptr<const FunctionEvent>>>();
  std::vector<FailedBatch> failures;
  std::unique_ptr<EventSourceMapping> mapping;

 private:
  static Task<Result<std::string>> Note(
      std::shared_ptr<std::vector<std::shared_ptr<const FunctionEvent>>> events,
      std::function<Result<std::string>(const FunctionEvent&)> respond,
      std::shared_ptr<const FunctionEvent> event) {
    events->push_back(event);
    co_return respond(*event);
  }
};

// Fixed values instead of what differs from run to run: ids, ARNs, times.
void HideVariables(json& record) {
  record["timestamp"] = "T";
  record["requestContext"]["requestId"] = "R";
  record["requestContext"]["functionArn"] = "F";
  json& batch = record["DDBStreamBatchInfo"];
  for (const char* member : {"shardId", "startSequenceNumber", "endSequenceNumber", "streamArn",
                             "approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"}) {
    EXPECT_TRUE(batch.contains(member)) << member;
    batch[member] = "V";
  }
}

void CheckFailures(const CaseWorld& world) {
  if (!world.recorded.contains("failure_record")) return;
  ASSERT_EQ(world.failures.size(), 1u);
  json expected = world.recorded["failure_record"];
  json actual = FailureRecord(world.failures[0], world.table->description(), nullptr, {"arn"}, 0);
  HideVariables(expected);
  HideVariables(actual);
  EXPECT_EQ(actual, expected);
}

void CheckDeliveries(const CaseWorld& world) {
  if (!world.recorded.contains("deliveries_per_item")) return;
  std::map<std::string, int> deliveries;
  for (const auto& event : *world.events) {
    for (const RecordPtr& record : event->records) ++deliveries[record->key.partition];
  }
  EXPECT_EQ(json(deliveries), world.recorded["deliveries_per_item"]);
}

void RunCase(const std::string& name, const json& recorded) {
  if (recorded.contains("error")) return;  // the API refused it: AFilterOrStreamThatIsWrong...
  CaseWorld world(recorded, ScenarioOf(name));
  world.Create();
  ASSERT_NE(world.mapping, nullptr);
  if (recorded.contains("esm")) {
    EXPECT_EQ(world.mapping->Status().state, recorded["esm"]["State"]);
    EXPECT_EQ(world.mapping->Status().last_processing_result,
              recorded["esm"]["LastProcessingResult"]);
  }
  world.mapping->Start();
  EXPECT_EQ(world.mapping->Status().state, "Enabled");
  world.Put(world.scenario.first);
  for (const char* look : {"event_logs", "lambda-log-events", "dynamodb_events"}) {
    if (!recorded.contains(look)) continue;
    EXPECT_EQ(world.Seen(), recorded[look]) << look;
  }
  world.Put(world.scenario.second);
  if (recorded.contains("lambda-multiple-log-events")) {
    EXPECT_EQ(world.Seen(), recorded["lambda-multiple-log-events"]);
  }
  CheckFailures(world);
  CheckDeliveries(world);
  const bool fails = !world.failures.empty();
  EXPECT_EQ(world.mapping->Status().last_processing_result,
            fails ? "PROBLEM: Function call failed" : "OK");
}

TEST(EsmCasesTest, g2_g8_g14_g16_g17_g18_g20_EveryCaseOfTheRecordingRunsAsOnAws) {
  std::ifstream file(KLESS_SOURCE_DIR "/tests/reference/esm_cases.json");
  const json document = json::parse(file);
  ASSERT_GE(document["cases"].size(), 18u);
  for (const auto& [name, recorded] : document["cases"].items()) {
    SCOPED_TRACE(name);
    RunCase(name, recorded);
  }
}

}  // namespace
}  // namespace kless
