// AdminTestWorld: the admin door with a real store, pool and mapping, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/doors/admin/door.h"
#include "emulator/doors/admin/metrics.h"
#include "functions/pool/mapping/event_source_mapping.h"

namespace kless::doors {

using nlohmann::json;

// Collects the chunks of a streamed response.
class CollectingWriter final : public BodyWriter {
 public:
  Task<Result<void>> Write(std::string chunk) override;
  std::vector<json> Lines() const;
  std::string text;
};

struct Answer {
  int status = 0;  // 0: no reply yet
  std::string text;
  std::string content_type;
  std::shared_ptr<CollectingWriter> stream;  // null for a plain body

  json Json() const;
  std::string Code() const;  // of an error
  std::string Message() const;
};

// One function, "worker": it sleeps for the payload's "sleep_ms", fails with "fail" if the payload
// says so, and echoes its payload.  The account's concurrency is 10.
class AdminTestWorld : public testing::Test {
 protected:
  AdminTestWorld();
  ~AdminTestWorld() override;

  // A mapping "mapped" from `table` to the worker.
  void Map(const std::string& table);
  // Starts a request without running the world.
  std::shared_ptr<Answer> Start(std::string method, const std::string& target,
                                std::string body = "",
                                std::map<std::string, std::string> headers = {});
  // Runs the world until there is a reply, then runs everything that is ready; time passes only if
  // the request waits.
  Answer Send(std::string method, const std::string& target, std::string body = "",
              std::map<std::string, std::string> headers = {});
  // The body of a 200.
  json Get(const std::string& target);
  // Makes table "notes" with partition key "id" and sort key "at" (a number).
  void MakeNotes();
  // The version of the write.
  std::uint64_t PutNote(const std::string& id, int at, const std::string& text);

  asio::io_context context{1};
  VirtualEventLoop event_loop{context};
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
