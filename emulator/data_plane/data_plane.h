// DataPlane: simulates nodes and their kubelets.  Pods that are bound to one of its nodes run, end,
// restart and are deleted as by real kubelets; pods of other nodes are left alone.
//
// It follows the change feed itself, sees committed records without delay, and writes each status
// in one step.  A simulated pod is an entry in a queue of timers; all waiting uses the EventLoop,
// so that pausing the clock stops it.  A virtual run can end unless heartbeats are on or a pod
// restarts forever.  DESIGN.md has the rules.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/data_plane/data_plane_config.h"
#include "emulator/data_plane/nodes.h"
#include "emulator/data_plane/pod.h"
#include "emulator/data_plane/pod_document.h"
#include "emulator/data_plane/pod_life.h"
#include "store/store.h"

namespace kless::data_plane {

struct NodeState {
  std::string name;
  std::string zone;
  bool alive = true;             // false: the node has failed
  bool registered = false;       // whether its Node object exists
  int pods = 0;                  // pods that have not ended
  std::uint64_t heartbeats = 0;  // writes of its lease and of its status
};

struct DataPlaneStats {
  // Current numbers on simulated nodes.
  std::uint64_t pending = 0;
  std::uint64_t running = 0;
  // Numbers since the start.
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t status_writes = 0;  // of pods
  std::uint64_t deletions = 0;      // confirmed ones
  std::uint64_t conflicts = 0;      // another writer was first
  HeartbeatStats heartbeats;
};

class DataPlane {
 public:
  // Requires config.nodes > 0.  All references must outlive it.
  DataPlane(EventLoop& event_loop, Store& store, DataPlaneConfig config, std::uint64_t seed);
  ~DataPlane();
  DataPlane(const DataPlane&) = delete;
  DataPlane& operator=(const DataPlane&) = delete;

  // Registers the nodes, takes over existing pods, then follows the feed.  Call it once.
  void Start();
  // Stops writing; requests fail with kUnavailable.
  void Stop();

  // Whether everything committed has been seen and nothing is due now; later timers do not count.
  bool Idle() const;
  // Idle, and no pod waits for its time (heartbeats excepted).
  bool AtRest() const { return Idle() && timers_.size() == 0; }
  // Notified whenever Idle() may have become true.
  Event& changed() { return changed_; }
  DataPlaneStats Stats() const;
  std::vector<NodeState> Nodes() const;  // in order of name

  // Stops the node's kubelet: its pods neither progress nor end until it returns.  With heartbeats
  // off, its lease is renewed for the last time, and the annotation that exempts the node is
  // removed. kNotFound; kConflict: it has failed already.
  Result<void> FailNode(const std::string& name);
  // The kubelet posts Ready again, confirms the deletions that it missed, and continues what ran,
  // as if no time had passed.  Recreates a Node object that a user deleted. kNotFound; kConflict:
  // it has not failed.
  Result<void> ReturnNode(const std::string& name);

  // Faults of one pod, "namespace/name". kNotFound: no such pod on a simulated node. kConflict:
  // none of its containers is running, or its node has failed.
  Result<void> FailPod(const std::string& name, int exit_code);  // its main containers end now
  Result<void> OomPod(const std::string& name);                  // with 137, OOMKilled
  // Sets phase Failed and reason Evicted, as the kubelet does.
  Result<void> EvictPod(const std::string& name, const std::string& message);

 private:
  using Entry = std::pair<const std::string, Pod>;

  Task<> Follow();
  // Returns false if the store could not be read or written: call it again; or if it was stopped
  // meanwhile.
  Task<bool> List();
  void OnRecord(const ChangeRecord& record);
  void OnPod(const std::string& name, const ChangeRecord& record);
  // Takes over the pod in its current state.  `resuming`: its kubelet was away.
  void Adopt(const std::string& name, bool resuming);
  // Handles another writer's change of the pod.  Returns false if the pod is no longer the
  // kubelet's.
  bool Absorb(Pod& pod, const Item& item);
  void BeginDeletion(Pod& pod, const PodDocument& document, bool resuming);
  // Advances the pod, writes its status if it changed, and sets its timer.
  void Drive(Entry& entry, bool write);
  // Returns false if the pod is no longer managed.
  bool Write(Entry& entry);
  bool WriteOnce(Entry& entry, bool* written);
  void ConfirmDeletion(const std::string& name, const std::string& uid);
  void SetTimer(Entry& entry);
  void Forget(const std::string& name);
  Node* NodeOf(const Item& item);
  std::string Render(const Entry& entry, const PodDocument& document) const;
  static Error Stopped();
  Result<Entry*> RunningPod(const std::string& name);
  Result<void> KillPod(const std::string& name, int exit_code, bool oom);

  EventLoop& event_loop_;
  Store& store_;
  const DataPlaneConfig config_;
  PodLife life_;
  PodManifests manifests_;
  kless::data_plane::Nodes nodes_;
  Event changed_;
  std::map<std::string, Pod> pods_;  // that have not ended, by resource name
  TimerQueue<Entry*> timers_;
  bool stopped_ = false;
  bool listed_ = false;
  int registered_ = 0;          // number of registered nodes in the first list
  std::uint64_t position_ = 0;  // in the feed
  std::uint64_t written_ = 0;   // own last write
  DataPlaneStats stats_;
};

}  // namespace kless::data_plane
