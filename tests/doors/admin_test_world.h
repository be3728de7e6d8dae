// AdminTestWorld: the admin door before a real store, pool and mapping, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emulator/doors/admin_door.h"
#include "emulator/doors/metrics.h"
#include "functions/event_source_mapping.h"

namespace kless::doors {

using nlohmann::json;

// Collects what a streamed response writes.
class CollectingWriter final : public BodyWriter {
 public:
  Task<Result<void>> Write(std::string chunk) override {
    text += chunk;
    co_return Result<void>();
  }
  std::vector<json> Lines() const {
    std::vector<json> lines;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      lines.push_back(json::parse(text.substr(at, end - at)));
      at = end + 1;
    }
    return lines;
  }
  std::string text;
};

// The handler of every function here: sleeps for the payload's "sleep_ms", fails if it says "fail".
inline Task<Result<std::string>> Behave(std::shared_ptr<const FunctionEvent> event,
                                        std::shared_ptr<InvocationContext> context) {
  if (event->payload.empty()) co_return std::string(R"({"done":true})");
  const json payload = json::parse(event->payload);
  const Duration sleep = FromMilliseconds(payload.value("sleep_ms", 0.0));
  if (sleep > Duration::zero()) co_await context->scheduler.SleepFor(sleep);
  if (payload.contains("fail")) {
    co_return MakeError(ErrorCode::kNotFound, payload["fail"].get<std::string>());
  }
  co_return json{{"echo", payload}}.dump();
}

struct Answer {
  int status = 0;
  std::string text;
  std::string content_type;
  std::shared_ptr<CollectingWriter> stream;  // null for a plain body

  json Json() const {
    return text.empty() ? json() : json::parse(text, nullptr, /*allow_exceptions=*/false);
  }
  std::string Code() const { return Json().value("error", json::object()).value("code", ""); }
  std::string Message() const { return Json().value("error", json::object()).value("message", ""); }
};

class AdminTestWorld : public testing::Test {
 protected:
  AdminTestWorld() {
    StoreOptions options;
    options.durability = Durability::kMemory;
    store = std::move(Store::Open(scheduler, options).value());
    pool = std::make_unique<FunctionPool>(scheduler, *store, profile, faults,
                                          PoolOptions{10, 1, 1000});
    FunctionConfig config;
    config.name = "worker";
    EXPECT_TRUE(pool->Register(config, Behave).has_value());
    door = std::make_unique<AdminDoor>(scheduler, nullptr, *store, *pool, mappings, faults);
    door->Register(router);
    metrics = std::make_unique<Metrics>(scheduler, *store, *pool, mappings);
    metrics->Register(router);
  }
  ~AdminTestWorld() override { scheduler.DropAll(); }

  // A mapping from `table` to the worker.
  void Map(const std::string& table) {
    EventSourceMappingConfig config;
    config.name = "mapped";
    config.function = "worker";
    config.table = table;
    auto made = EventSourceMapping::Create(scheduler, *store, *pool, faults, profile, config, 1);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    made.value()->Start();
    mappings.emplace("mapped", std::move(made.value()));
  }

  // Starts a request without running the world.
  std::shared_ptr<Answer> Start(std::string method, const std::string& target,
                                std::string body = "",
                                std::map<std::string, std::string> headers = {}) {
    HttpRequest request;
    EXPECT_TRUE(ParseTarget(target, &request).has_value()) << target;
    request.method = std::move(method);
    request.body = std::move(body);
    request.headers = std::move(headers);
    auto answer = std::make_shared<Answer>();
    asio::co_spawn(scheduler.executor(), router.Dispatch(std::move(request)),
                   [this, answer](std::exception_ptr, HttpResponse response) {
                     answer->text = response.body;
                     answer->content_type = response.content_type;
                     if (response.stream) {
                       answer->stream = std::make_shared<CollectingWriter>();
                       Spawn(scheduler, "stream", response.stream(answer->stream));
                     }
                     answer->status = response.status;
                   });
    return answer;
  }
  // Runs the world until the request is answered, then what is ready; time passes only if it waits.
  Answer Send(std::string method, const std::string& target, std::string body = "",
              std::map<std::string, std::string> headers = {}) {
    const auto answer = Start(std::move(method), target, std::move(body), std::move(headers));
    scheduler.RunUntil([&] { return answer->status != 0; }, TimePoint::max());
    scheduler.Run(scheduler.Now());
    return *answer;
  }
  json Get(const std::string& target) {
    const Answer answer = Send("GET", target);
    EXPECT_EQ(answer.status, 200) << target << ": " << answer.text;
    return answer.Json();
  }
  // Makes table "notes" with partition key "id" and sort key "at" (a number).
  void MakeNotes() {
    ASSERT_EQ(
        Send("PUT", "/kless/v1/tables/notes",
             R"({"partition_key":{"name":"id","type":"S"},"sort_key":{"name":"at","type":"N"}})")
            .status,
        201);
  }
  // The version of the write.
  std::uint64_t PutNote(const std::string& id, int at, const std::string& text) {
    const json item = {
        {"id", {{"S", id}}}, {"at", {{"N", std::to_string(at)}}}, {"text", {{"S", text}}}};
    const Answer answer = Send("PUT", "/kless/v1/tables/notes/items", item.dump());
    EXPECT_EQ(answer.status, 200) << answer.text;
    return answer.Json().value("version", std::uint64_t{0});
  }

  asio::io_context context{1};
  VirtualScheduler scheduler{context};
  LatencyProfile profile;
  Faults faults{1};
  std::unique_ptr<Store> store;
  std::unique_ptr<FunctionPool> pool;
  EventSourceMappings mappings;
  std::unique_ptr<AdminDoor> door;
  std::unique_ptr<Metrics> metrics;
  Router router;
};

}  // namespace kless::doors
