#include "tests/emulator/doors/admin/admin_test_world.h"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <utility>

namespace kless::doors {
namespace {

Task<Result<std::string>> Work(std::shared_ptr<const FunctionEvent> event,
                               std::shared_ptr<InvocationContext> context) {
  if (event->payload.empty()) co_return std::string(R"({"done":true})");
  const json payload = json::parse(event->payload);
  const Duration sleep = FromMilliseconds(payload.value("sleep_ms", 0.0));
  if (sleep > Duration::zero()) co_await context->event_loop.SleepFor(sleep);
  if (payload.contains("fail")) {
    co_return MakeError(ErrorCode::kNotFound, payload["fail"].get<std::string>());
  }
  const json echo = {{"echo", payload}};
  co_return echo.dump();
}

}  // namespace

Task<Result<void>> CollectingWriter::Write(std::string chunk) {
  text += chunk;
  co_return Result<void>();
}

std::vector<json> CollectingWriter::Lines() const {
  std::vector<json> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

json Answer::Json() const {
  return text.empty() ? json() : json::parse(text, nullptr, /*allow_exceptions=*/false);
}
std::string Answer::Code() const { return Json().value("error", json::object()).value("code", ""); }
std::string Answer::Message() const {
  return Json().value("error", json::object()).value("message", "");
}

AdminTestWorld::AdminTestWorld() {
  StoreOptions options;
  options.durability = Durability::kMemory;
  store = std::move(Store::Open(event_loop, options).value());
  pool =
      std::make_unique<FunctionPool>(event_loop, *store, profile, faults, PoolOptions{10, 1, 1000});
  FunctionConfig config;
  config.name = "worker";
  EXPECT_TRUE(pool->Register(config, Work).has_value());
  door = std::make_unique<AdminDoor>(event_loop, nullptr, *store, *pool, mappings, faults);
  door->Register(router);
  metrics = std::make_unique<Metrics>(event_loop, *store, *pool, mappings);
  metrics->Register(router);
}

AdminTestWorld::~AdminTestWorld() { event_loop.DropAll(); }

void AdminTestWorld::Map(const std::string& table) {
  EventSourceMappingConfig config;
  config.name = "mapped";
  config.function = "worker";
  config.table = table;
  auto made = EventSourceMapping::Create(event_loop, *store, *pool, faults, profile, config, 1);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  made.value()->Start();
  mappings.emplace("mapped", std::move(made.value()));
}

std::shared_ptr<Answer> AdminTestWorld::Start(std::string method, const std::string& target,
                                              std::string body,
                                              std::map<std::string, std::string> headers) {
  HttpRequest request;
  EXPECT_TRUE(ParseTarget(target, &request).has_value()) << target;
  request.method = std::move(method);
  request.body = std::move(body);
  request.headers = std::move(headers);
  auto answer = std::make_shared<Answer>();
  asio::co_spawn(event_loop.executor(), router.Dispatch(std::move(request)),
                 [this, answer](std::exception_ptr, HttpResponse response) {
                   answer->text = response.body;
                   answer->content_type = response.content_type;
                   if (response.stream) {
                     answer->stream = std::make_shared<CollectingWriter>();
                     Spawn(event_loop, "stream", response.stream(answer->stream));
                   }
                   answer->status = response.status;
                 });
  return answer;
}

Answer AdminTestWorld::Send(std::string method, const std::string& target, std::string body,
                            std::map<std::string, std::string> headers) {
  const auto answer = Start(std::move(method), target, std::move(body), std::move(headers));
  event_loop.RunUntil([&] { return answer->status != 0; }, TimePoint::max());
  event_loop.Run(event_loop.Now());
  return *answer;
}

json AdminTestWorld::Get(const std::string& target) {
  const Answer answer = Send("GET", target);
  EXPECT_EQ(answer.status, 200) << target << ": " << answer.text;
  return answer.Json();
}

void AdminTestWorld::MakeNotes() {
  const Answer made =
      Send("PUT", "/kless/v1/tables/notes",
           R"({"partition_key":{"name":"id","type":"S"},"sort_key":{"name":"at","type":"N"}})");
  ASSERT_EQ(made.status, 201) << made.text;
}

std::uint64_t AdminTestWorld::PutNote(const std::string& id, int at, const std::string& text) {
  const json item = {
      {"id", {{"S", id}}}, {"at", {{"N", std::to_string(at)}}}, {"text", {{"S", text}}}};
  const Answer answer = Send("PUT", "/kless/v1/tables/notes/items", item.dump());
  EXPECT_EQ(answer.status, 200) << answer.text;
  return answer.Json().value("version", std::uint64_t{0});
}

}  // namespace kless::doors
