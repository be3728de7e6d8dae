#include "tests/emulator/doors/kubernetes/fixture.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <optional>

namespace kless::doors {

using nlohmann::json;

namespace {

json Containers() { return json::array({{{"name", "c"}, {"image", "busybox"}}}); }

Task<> Dispatch(const Router* router, HttpRequest request,
                std::shared_ptr<std::optional<HttpResponse>> response) {
  *response = co_await router->Dispatch(std::move(request));
}

Task<> Stream(std::function<Task<>(std::shared_ptr<BodyWriter>)> stream,
              std::shared_ptr<WatchClient> client) {
  co_await stream(client);
}

}  // namespace

json MakeJob(const std::string& name) {
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"template", {{"spec", {{"restartPolicy", "Never"}, {"containers", Containers()}}}}}}}};
}

json MakePod(const std::string& name, const std::string& app) {
  json pod = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata", {{"name", name}}},
              {"spec", {{"containers", Containers()}}}};
  if (!app.empty()) pod["metadata"]["labels"] = {{"app", app}};
  return pod;
}

json Reply::body() const {
  auto parsed = ParseJson(response.body);
  return parsed.has_value() ? std::move(parsed.value()) : json();
}
std::string Reply::message() const { return body().value("message", ""); }
std::string Reply::reason() const { return body().value("reason", ""); }
std::string Reply::version() const { return body().at("metadata").at("resourceVersion"); }
std::vector<std::string> Reply::warnings() const {
  std::vector<std::string> found;
  for (const auto& [name, value] : response.headers) {
    if (name == "Warning") found.push_back(value);
  }
  return found;
}

Task<Result<void>> WatchClient::Write(std::string chunk) {
  ++writes;
  std::size_t at;
  pending_ += chunk;
  while ((at = pending_.find('\n')) != std::string::npos) {
    events.push_back(pending_.substr(0, at));
    pending_.erase(0, at + 1);
  }
  if (gone) co_return MakeError(ErrorCode::kCancelled, "gone");
  co_return Result<void>();
}

json WatchClient::Event(std::size_t index) const {
  return index < events.size() ? ParseJson(events[index]).value() : json();
}

std::vector<std::string> WatchClient::Summary() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const json event = Event(i);
    const json& object = event.at("object");
    std::string line = event.at("type");
    if (line == "ERROR") {
      line += " " + std::to_string(object.at("code").get<int>());
    } else if (line == "BOOKMARK") {
      line += " " + object.at("metadata").at("resourceVersion").get<std::string>();
    } else {
      line += " " + object.at("metadata").at("name").get<std::string>();
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

KubernetesDoorTest::KubernetesDoorTest(KeyLayout layout) {
  StoreOptions options;
  options.durability = Durability::kMemory;
  options.key_layout = layout;
  auto opened = Store::Open(event_loop_, options);
  EXPECT_FALSE(opened.has_error());
  store_ = std::move(opened.value());
  door_ = std::make_unique<KubernetesDoor>(event_loop_, *store_, 1);
  EXPECT_FALSE(door_->Bootstrap().has_error());
  store_->EndTurn();
  door_->Register(router_);
  door_->Start();
}

KubernetesDoorTest::~KubernetesDoorTest() { event_loop_.DropAll(); }

HttpRequest KubernetesDoorTest::MakeRequest(const std::string& method, const std::string& target,
                                            std::string body) {
  HttpRequest request;
  request.method = method;
  EXPECT_FALSE(ParseTarget(target, &request).has_error());
  request.body = std::move(body);
  return request;
}

Reply KubernetesDoorTest::Send(HttpRequest request) {
  const auto response = std::make_shared<std::optional<HttpResponse>>();
  Spawn(event_loop_, "request", Dispatch(&router_, std::move(request), response));
  event_loop_.RunUntil([&] { return response->has_value(); },
                       event_loop_.Now() + std::chrono::hours(1));
  EXPECT_TRUE(response->has_value());
  Reply reply;
  reply.response = std::move(*response).value_or(HttpResponse{});
  reply.status = reply.response.status;
  return reply;
}

json KubernetesDoorTest::Create(const std::string& collection, const json& object) {
  const Reply reply = Send("POST", collection, object);
  EXPECT_EQ(reply.status, 201) << reply.response.body;
  return reply.body();
}

std::vector<std::string> KubernetesDoorTest::Names(const std::string& target) {
  const Reply reply = Get(target);
  EXPECT_EQ(reply.status, 200) << reply.response.body;
  std::vector<std::string> names;
  const json body = reply.body();
  if (!body.contains("items")) return names;
  for (const json& item : body["items"]) names.push_back(item["metadata"]["name"]);
  return names;
}

std::shared_ptr<WatchClient> KubernetesDoorTest::Watch(const std::string& target,
                                                       const std::string& accept) {
  HttpRequest request = MakeRequest("GET", target);
  if (!accept.empty()) request.headers["accept"] = accept;
  const Reply reply = Send(std::move(request));
  EXPECT_EQ(reply.status, 200) << reply.response.body;
  auto client = std::make_shared<WatchClient>();
  if (!reply.response.stream) {
    ADD_FAILURE() << target << " is not a watch: " << reply.response.body;
    return client;
  }
  auto on_end = [client](std::exception_ptr) { client->ended = true; };
  asio::co_spawn(event_loop_.executor(), Stream(reply.response.stream, client),
                 asio::bind_cancellation_slot(client->cancel.slot(), std::move(on_end)));
  Settle();
  return client;
}

}  // namespace kless::doors
