// DataPlane: stands in for nodes and their kubelets.  Pods that are bound to one of its nodes run,
// end, restart and go as real kubelets make them; pods of other nodes are left alone.
//
// It follows the change feed by itself, sees what is committed without delay, and writes each
// status in one step.  A simulated pod is an entry in a queue of timers; all waiting goes through
// the Scheduler, so that a paused clock stops it.  A virtual run comes to its end with it unless
// heartbeats are on or a pod restarts for ever.  DESIGN.md has the rules.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/event.h"
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
  bool alive = true;             // false: it has failed
  bool registered = false;       // its Node object exists
  int pods = 0;                  // that have not ended
  std::uint64_t heartbeats = 0;  // writes of its lease and of its status
};

struct DataPlaneStats {
  // Now, on nodes that are ours.
  std::uint64_t pending = 0;
  std::uint64_t running = 0;
  // Since the start.
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t status_writes = 0;  // of pods
  std::uint64_t deletions = 0;      // confirmed ones
  std::uint64_t conflicts = 0;      // another writer was there first
  HeartbeatStats heartbeats;
};

class DataPlane {
 public:
  // config.nodes > 0.  All references outlive it.
  DataPlane(Scheduler& scheduler, Store& store, DataPlaneConfig config, std::uint64_t seed);
  ~DataPlane();
  DataPlane(const DataPlane&) = delete;
  DataPlane& operator=(const DataPlane&) = delete;

  // Registers the nodes, takes over the pods that are there, then follows the feed.  Once.
  void Start();
  // Nothing is written any more; requests are answered with kUnavailable.
  void Stop();

  // Everything committed has been seen and nothing is due now; what is due later does not count.
  bool Idle() const;
  // And no pod waits for its time (heartbeats aside).
  bool AtRest() const { return Idle() && timers_.size() == 0; }
  // Notified whenever Idle() may have become true.
  Event& changed() { return changed_; }
  DataPlaneStats Stats() const;
  std::vector<NodeState> Nodes() const;  // by name

  // The node's kubelet stops: its pods neither run nor go until it returns.  With heartbeats off
  // its lease is renewed for the last time, and the annotation that it need not be is taken away.
  // kNotFound; kConflict: it has failed already.
  Result<void> FailNode(const std::string& name);
  // The kubelet posts Ready again, confirms the deletions that it missed, and runs what ran, as if
  // no time had passed.  Makes a Node object that a user deleted anew.
  // kNotFound; kConflict: it has not failed.
  Result<void> ReturnNode(const std::string& name);

  // Faults of one pod, "namespace/name".  kNotFound: no such pod on a simulated node.  kConflict:
  // none of its containers runs, or its node has failed.
  Result<void> FailPod(const std::string& name, int exit_code);  // its main containers end now
  Result<void> OomPod(const std::string& name);                  // with 137, OOMKilled
  // Phase Failed, reason Evicted, by the kubelet.
  Result<void> EvictPod(const std::string& name, const std::string& message);

 private:
  using Entry = std::pair<const std::string, Pod>;

  Task<> Follow();
  // False: the store could not be read or written; call again.
  Task<bool> List();
  void OnRecord(const ChangeRecord& record);
  void OnPod(const std::string& name, const ChangeRecord& record);
  // Takes the pod in hand as it is in the store now.  resuming: its kubelet was away.
  void Adopt(const std::string& name, bool resuming);
  // Somebody else wrote the pod.  False: the kubelet has nothing to do with it any more.
  bool Absorb(Pod& pod, const Item& item);
  void BeginDeletion(Pod& pod, const PodDocument& document, bool resuming);
  // Advances the pod, writes its status if it changed, and sets its timer.
  void Drive(Entry& entry, bool write);
  // False: the pod is not in hand any more.
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

  Scheduler& scheduler_;
  Store& store_;
  const DataPlaneConfig config_;
  PodLife life_;
  PodShapes shapes_;
  kless::data_plane::Nodes nodes_;
  Event changed_;
  std::map<std::string, Pod> pods_;  // not ended, by resource name
  TimerQueue<Entry*> timers_;
  bool stopped_ = false;
  bool listed_ = false;
  int registered_ = 0;          // nodes of the first list that are
  std::uint64_t position_ = 0;  // of the feed
  std::uint64_t written_ = 0;   // own last write
  DataPlaneStats stats_;
};

}  // namespace kless::data_plane
