// A Kubernetes door with an in-memory store, in virtual time, without sockets.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/door.h"
#include "store/store.h"

namespace kless::doors {

constexpr const char* kJobs = "/apis/batch/v1/namespaces/default/jobs";
constexpr const char* kPods = "/api/v1/namespaces/default/pods";
constexpr const char* kEvents = "/api/v1/namespaces/default/events";

nlohmann::json MakeJob(const std::string& name);
// app: the value of the label "app"; "": no labels.
nlohmann::json MakePod(const std::string& name, const std::string& app = "");

struct Reply {
  int status = 0;
  HttpResponse response;

  nlohmann::json body() const;  // null if it is not JSON
  std::string message() const;  // of a Status
  std::string reason() const;   // of a Status
  std::string version() const;  // metadata.resourceVersion
  std::vector<std::string> warnings() const;
};

// A watch in progress: the events that its client has received.
class WatchClient : public BodyWriter {
 public:
  Task<Result<void>> Write(std::string chunk) override;
  nlohmann::json Event(std::size_t index) const;
  // "ADDED a", "BOOKMARK 7", "ERROR 410", ...
  std::vector<std::string> Summary() const;

  std::vector<std::string> events;  // lines
  int writes = 0;
  bool gone = false;   // the next write fails
  bool ended = false;  // the stream has ended
  asio::cancellation_signal cancel;

 private:
  std::string pending_;
};

class KubernetesDoorTest : public testing::Test {
 protected:
  explicit KubernetesDoorTest(KeyLayout layout = KeyLayout::kTypeName);
  ~KubernetesDoorTest() override;

  static HttpRequest MakeRequest(const std::string& method, const std::string& target,
                                 std::string body = "");
  Reply Send(HttpRequest request);
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
  // Creates the object and returns the reply.
  nlohmann::json Create(const std::string& collection, const nlohmann::json& object);
  // metadata.name of the items of a list.
  std::vector<std::string> Names(const std::string& target);
  // accept: the header; "": none.
  std::shared_ptr<WatchClient> Watch(const std::string& target, const std::string& accept = "");

  // Runs everything that is due now.
  void Settle() { event_loop_.Run(event_loop_.Now()); }
  void Advance(Duration by) { event_loop_.Run(event_loop_.Now() + by); }

  asio::io_context context_;
  VirtualEventLoop event_loop_{context_};
  std::unique_ptr<Store> store_;
  std::unique_ptr<KubernetesDoor> door_;
  Router router_;
};

}  // namespace kless::doors
