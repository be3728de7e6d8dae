// Nodes: the simulated machines, with their Node objects, heartbeats, failures and returns.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/data_plane/data_plane_config.h"
#include "emulator/data_plane/node_object.h"
#include "emulator/data_plane/pod_ip.h"
#include "emulator/data_plane/timer_queue.h"
#include "store/store.h"

namespace kless::data_plane {

struct Node {
  NodeIdentity identity;
  int index = 0;
  bool alive = true;             // whether its kubelet works
  bool registered = false;       // the Node object exists
  std::string uid;               // of the Node object
  std::int64_t failed_at = 0;    // nanoseconds since 1970
  int pods = 0;                  // that its kubelet manages
  std::uint64_t heartbeats = 0;  // writes of its lease and status
  int life = 0;                  // number of failures: timers of an earlier life are void
  PodIpSlots ip_slots;           // of its pods
};

// Writes that are caused only by the passing of time.
struct HeartbeatStats {
  std::uint64_t lease_writes = 0;
  std::uint64_t status_writes = 0;
  std::uint64_t bytes = 0;  // of the written documents
};

class Nodes {
 public:
  // All references must outlive it.
  Nodes(EventLoop& event_loop, Store& store, const DataPlaneConfig& config, std::uint64_t seed);

  // Creates the Node object of node `index`, or adopts an existing one; renews its lease if
  // heartbeats are on.  On an error of the store, call it again.
  Result<void> Register(int index);
  void StartHeartbeats();
  void StopHeartbeats() { timers_.Clear(); }

  Node* Find(const std::string& name);  // null: not a simulated node
  std::vector<Node>& all() { return nodes_; }
  const std::vector<Node>& all() const { return nodes_; }
  // A Node object was written (uid) or removed ("").
  void OnObject(const std::string& name, const std::string& uid);

  // kNotFound: no such simulated node (the message suggests the nearest). kConflict: it has failed
  // already.
  Result<Node*> Fail(const std::string& name);
  // kConflict: it has not failed, and its Node object exists.
  Result<Node*> Return(const std::string& name);

  const HeartbeatStats& heartbeats() const { return stats_; }
  bool Idle() const { return !timers_.AnyDue(); }

 private:
  struct Beat {
    int node = 0;
    bool lease = true;  // else the status
    int life = 0;       // of the node
  };
  void OnBeat(Beat beat);
  void AddBeat(Beat beat, Duration delay);
  Result<Node*> FindOrExplain(const std::string& name);
  Result<void> Put(const ResourceId& id, std::string document, std::uint64_t version);
  Result<void> RenewLease(Node& node);
  // Posts the status; creates the object if `create` is set and it does not exist.
  Result<void> Post(Node& node, bool create);

  EventLoop& event_loop_;
  Store& store_;
  const DataPlaneConfig& config_;
  Random random_;
  std::vector<Node> nodes_;
  std::map<std::string, int> by_name_;
  TimerQueue<Beat> timers_;
  HeartbeatStats stats_;
};

}  // namespace kless::data_plane
