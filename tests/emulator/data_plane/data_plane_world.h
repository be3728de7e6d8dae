// DataPlaneWorld: a data plane with an in-memory store in virtual time, with helpers for the life
// of a pod.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/data_plane/data_plane.h"

namespace kless::data_plane {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

DataPlaneConfig NodesConfig(int nodes);
Distribution Delay(Duration delay);

// A pod as an API server stores it, bound to `node`: one container "main" of image busybox, restart
// policy Never, with `command`.
json PodObject(const std::string& name, const std::string& node, const json& command);

class DataPlaneWorld {
 public:
  explicit DataPlaneWorld(DataPlaneConfig config = NodesConfig(1), bool start = true);
  ~DataPlaneWorld();

  VirtualEventLoop& event_loop() { return *event_loop_; }
  Store& store() { return *store_; }
  DataPlane& plane() { return *plane_; }
  // Destroys the data plane and creates another one on the same store.
  void Restart();
  void RunFor(Duration duration);
  // Milliseconds since the start of the run.
  std::int64_t NowMs() const;

  // Writes the object as it is, whatever its owner.
  void Put(const std::string& type, const json& object);
  void PutText(const std::string& type, const std::string& name, const std::string& text);
  // Creates the pod and runs everything that is due at once.
  void Bind(const json& pod);
  // Deletes as the API server does, with the pod's own grace or this one.
  void Delete(const std::string& pod, std::optional<std::int64_t> grace = std::nullopt);

  bool Exists(const std::string& type, const std::string& name);
  json Object(const std::string& type, const std::string& name);  // null: none
  json Pod(const std::string& name);
  json Status(const std::string& pod);
  std::string Phase(const std::string& pod);
  // The state of the container at `index` of containerStatuses.
  json State(const std::string& pod, int index = 0);
  json Condition(const std::string& pod, const std::string& type);

  // Records of the pod in order: "12500 Running" = milliseconds and phase; "12500 gone".
  std::vector<std::string> History(const std::string& pod);

 private:
  DataPlaneConfig config_;
  std::unique_ptr<asio::io_context> context_;
  std::unique_ptr<VirtualEventLoop> event_loop_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<DataPlane> plane_;
};

}  // namespace kless::data_plane
