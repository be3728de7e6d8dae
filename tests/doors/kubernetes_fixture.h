// A Kubernetes door over a store in memory, in virtual time, without sockets.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/router.h"
#include "emulator/base/scheduler.h"
#include "emulator/doors/kubernetes_door.h"
#include "store/store.h"

namespace kless::doors {

constexpr const char* kJobs = "/apis/batch/v1/namespaces/default/jobs";
constexpr const char* kPods = "/api/v1/namespaces/default/pods";
constexpr const char* kEvents = "/api/v1/namespaces/default/events";

inline nlohmann::json MakeJob(const std::string& name) {
  return {
      {"apiVersion", "batch/v1"},
      {"kind", "Job"},
      {"metadata", {{"name", name}}},
      {"spec",
       {{"template",
         {{"spec",
           {{"restartPolicy", "Never"},
            {"containers", nlohmann::json::array({{{"name", "c"}, {"image", "busybox"}}})}}}}}}}};
}

inline nlohmann::json MakePod(const std::string& name, const std::string& app = "") {
  nlohmann::json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", name}}},
      {"spec", {{"containers", nlohmann::json::array({{{"name", "c"}, {"image", "busybox"}}})}}}};
  if (!app.empty()) pod["metadata"]["labels"] = {{"app", app}};
  return pod;
}

struct Reply {
  int status = 0;
  nlohmann::json body;
  HttpResponse response;

  std::string message() const { return body.value("message", ""); }
  std::string reason() const { return body.value("reason", ""); }
  std::string version() const { return body.at("metadata").at("resourceVersion"); }
  std::vector<std::string> warnings() const {
    std::vector<std::string> found;
    for (const auto& [name, value] : response.headers) {
      if (name == "Warning") found.push_back(value);
    }
    return found;
  }
};

// A watch under way: what its client has received.
class WatchClient : public BodyWriter {
 public:
  Task<Result<void>> Write(std::string chunk) override {
    ++writes;
    std::size_t at;
    pending_ += chunk;
    while ((at = pending_.find('\n')) != std::string::npos) {
      events.push_back(ParseJson(std::string_view(pending_).substr(0, at)).value());
      pending_.erase(0, at + 1);
    }
    if (gone) co_return MakeError(ErrorCode::kCancelled, "gone");
    co_return Result<void>();
  }
  // "ADDED a", "BOOKMARK 7", "ERROR 410", ...
  std::vector<std::string> Summary() const {
    std::vector<std::string> lines;
    for (const auto& event : events) {
      const auto& object = event.at("object");
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

  std::vector<nlohmann::json> events;
  int writes = 0;
  bool gone = false;   // the next write says so
  bool ended = false;  // the stream has ended
  asio::cancellation_signal cancel;

 private:
  std::string pending_;
};

class KubernetesDoorTest : public testing::Test {
 protected:
  explicit KubernetesDoorTest(KeyLayout layout = KeyLayout::kTypeName) { Open(layout); }
  ~KubernetesDoorTest() override { scheduler_.DropAll(); }

  void Open(KeyLayout layout) {
    StoreOptions options;
    options.durability = Durability::kMemory;
    options.key_layout = layout;
    auto opened = Store::Open(scheduler_, options);
    EXPECT_FALSE(opened.has_error());
    store_ = std::move(opened.value());
    door_ = std::make_unique<KubernetesDoor>(scheduler_, *store_, 1);
    EXPECT_FALSE(door_->Bootstrap().has_error());
    store_->EndTurn();
    door_->Register(router_);
  }

  static Task<> Dispatch(const Router* router, HttpRequest request,
                         std::shared_ptr<std::optional<HttpResponse>> response) {
    *response = co_await router->Dispatch(std::move(request));
  }

  static HttpRequest MakeRequest(const std::string& method, const std::string& target,
                                 std::string body = "") {
    HttpRequest request;
    request.method = method;
    EXPECT_FALSE(ParseTarget(target, &request).has_error());
    request.body = std::move(body);
    return request;
  }

  Reply Send(HttpRequest request) {
    const auto response = std::make_shared<std::optional<HttpResponse>>();
    Spawn(scheduler_, "request", Dispatch(&router_, std::move(request), response));
    scheduler_.RunUntil([&] { return response->has_value(); },
                        scheduler_.Now() + std::chrono::hours(1));
    Reply reply;
    EXPECT_TRUE(response->has_value());
    if (!response->has_value()) return reply;
    reply.response = std::move(**response);
    reply.status = reply.response.status;
    auto parsed = ParseJson(reply.response.body);
    if (parsed.has_value()) reply.body = std::move(parsed.value());
    return reply;
  }
  // body: text, or an object.
  template <class Body = std::string>
  Reply Send(const std::string& method, const std::string& target, const Body& body = {}) {
    if constexpr (std::is_same_v<Body, nlohmann::json>) {
      return Send(MakeRequest(method, target, DumpJson(body)));
    } else {
      return Send(MakeRequest(method, target, body));
    }
  }
  Reply Get(const std::string& target) { return Send("GET", target); }
  // Creates; the object as it was answered.
  nlohmann::json Create(const std::string& collection, const nlohmann::json& object) {
    const Reply reply = Send("POST", collection, object);
    EXPECT_EQ(reply.status, 201) << reply.response.body;
    return reply.body;
  }
  std::vector<std::string> Names(const std::string& target) {
    const Reply reply = Get(target);
    EXPECT_EQ(reply.status, 200) << reply.response.body;
    std::vector<std::string> names;
    if (!reply.body.contains("items")) return names;
    for (const auto& item : reply.body["items"]) names.push_back(item["metadata"]["name"]);
    return names;
  }

  std::shared_ptr<WatchClient> Watch(const std::string& target) {
    const Reply reply = Get(target);
    EXPECT_EQ(reply.status, 200) << reply.response.body;
    auto client = std::make_shared<WatchClient>();
    if (!reply.response.stream) {
      ADD_FAILURE() << target << " is no watch: " << reply.response.body;
      return client;
    }
    asio::co_spawn(
        scheduler_.executor(), Stream(reply.response.stream, client),
        asio::bind_cancellation_slot(client->cancel.slot(),
                                     [client](std::exception_ptr) { client->ended = true; }));
    Settle();
    return client;
  }
  static Task<> Stream(std::function<Task<>(std::shared_ptr<BodyWriter>)> stream,
                       std::shared_ptr<WatchClient> client) {
    co_await stream(client);
  }

  // Lets everything happen that is due now.
  void Settle() { scheduler_.Run(scheduler_.Now()); }
  void Advance(Duration by) { scheduler_.Run(scheduler_.Now() + by); }

  asio::io_context context_;
  VirtualScheduler scheduler_{context_};
  std::unique_ptr<Store> store_;
  std::unique_ptr<KubernetesDoor> door_;
  Router router_;
};

}  // namespace kless::doors
