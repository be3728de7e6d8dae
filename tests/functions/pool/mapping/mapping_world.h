// MappingWorld: a table of its own, a function that records its calls, and a mapping between them.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/functions/pool/function_world.h"

namespace kless {

// One invocation of the function.
struct Call {
  TimePoint at{};
  std::vector<std::string> keys;  // sort keys, in the order given
  std::vector<std::uint64_t> sequences;
};

constexpr const char* kTable = "records";

// The function's behaviour in a call: how long it runs, then its result.
struct Answer {
  Duration run{};
  Result<std::string> payload = std::string("{}");
};
using Responder = std::function<Answer(const Call&)>;

class MappingWorld : public FunctionWorld {
 public:
  explicit MappingWorld(EventSourceMappingConfig config = {}, int shards = 1,
                        int account_concurrency = 1000, LatencyProfile latency = {},
                        StoreOptions options = InMemory(), std::uint64_t seed = 1,
                        Telemetry* telemetry = nullptr)
      : FunctionWorld(account_concurrency, std::move(latency), seed, std::move(options), telemetry),
        telemetry(telemetry),
        calls(std::make_shared<std::vector<Call>>()),
        respond(std::make_shared<Responder>([](const Call&) { return Answer{}; })) {
    config.name = "m";
    config.function = "f";
    config.table = kTable;
    mapping_config = config;
    table = store->FindTable(kTable);
    if (table == nullptr) {
      TableDescription description;
      description.name = kTable;
      description.partition_key = "p";
      description.sort_key = "s";
      description.document_attribute = "d";
      description.shards = shards;
      table = store->CreateTable(description).value();
    }
    Register("f", [calls = calls, respond = respond](auto event, auto context) {
      return Note(calls, respond, event, context);
    });
  }
  // The mapping is destroyed before the pool and the store, and coroutines before all of them.
  ~MappingWorld() {
    event_loop.DropAll();
    mapping.reset();
  }

  void Create() {
    auto made = EventSourceMapping::Create(event_loop, *store, *pool, faults, profile,
                                           mapping_config, seed, telemetry);
    ASSERT_FALSE(made.has_error()) << made.error().message;
    mapping = std::move(made.value());
  }
  void Start() {
    Create();
    if (mapping) mapping->Start();
  }

  // One write; committed at the end of the turn.
  void Put(const std::string& sort, const std::string& document,
           const std::string& partition = "p") {
    Item item;
    item.key = {partition, sort};
    item.document = document;
    const auto written = table->Put(item, Condition::None());
    ASSERT_FALSE(written.has_error()) << written.error().message;
  }
  // Items "0" .. "n-1", in one commit.
  void PutMany(int n) {
    for (int i = 0; i < n; ++i) Put(std::to_string(i), "{}");
    store->EndTurn();
  }
  void PutAt(Duration at, const std::string& sort, const std::string& document = "{}") {
    event_loop.CallAt(TimePoint(at), [this, sort, document] { Put(sort, document); });
  }

  std::vector<std::vector<std::string>> Keys() const {
    std::vector<std::vector<std::string>> keys;
    for (const Call& call : *calls) keys.push_back(call.keys);
    return keys;
  }
  std::vector<TimePoint> Times() const {
    std::vector<TimePoint> times;
    for (const Call& call : *calls) times.push_back(call.at);
    return times;
  }
  std::map<std::string, int> DeliveriesPerKey() const {
    std::map<std::string, int> counts;
    for (const Call& call : *calls) {
      for (const std::string& key : call.keys) ++counts[key];
    }
    return counts;
  }

  Telemetry* telemetry;  // may be null
  std::shared_ptr<std::vector<Call>> calls;
  std::shared_ptr<Responder> respond;
  EventSourceMappingConfig mapping_config;
  Table* table = nullptr;
  std::unique_ptr<EventSourceMapping> mapping;

 private:
  static Task<Result<std::string>> Note(std::shared_ptr<std::vector<Call>> calls,
                                        std::shared_ptr<Responder> respond,
                                        std::shared_ptr<const FunctionEvent> event,
                                        std::shared_ptr<InvocationContext> context) {
    Call call;
    call.at = context->event_loop.Now();
    for (const RecordPtr& record : event->records) {
      call.keys.push_back(record->key.sort);
      call.sequences.push_back(record->sequence);
    }
    calls->push_back(call);
    const Answer answer = (*respond)(call);
    if (answer.run > Duration::zero()) co_await context->event_loop.SleepFor(answer.run);
    co_return answer.payload;
  }
};

inline Answer Failure() { return {Duration::zero(), MakeError(ErrorCode::kInternal, "boom")}; }
inline std::vector<TimePoint> At(const std::vector<int>& times_ms) {
  std::vector<TimePoint> times;
  for (const int time : times_ms) times.push_back(TimePoint(milliseconds(time)));
  return times;
}

}  // namespace kless
