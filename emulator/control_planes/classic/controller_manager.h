// ControllerManager: the classic control plane.  An API server with latency, a watch that fills an
// informer cache, a rate-limited work queue, and N workers that run the same reconcile code as the
// serverless control plane, behind one client-side token bucket.
//
// What queues a Job, and when, follows the release's own rules (reference kubernetes.md, I1 to I6):
// a Job that came, went or got a new generation at once; its pods, and (1.36) its own status, after
// the batch period; a failed sync after the queue's back-off.  A sync is put off while the cache
// does not show all pods that the last one created or deleted (expectations, 5 min at most).
// When a Job is gone, its pods are deleted here, too: that is the garbage collector's work in
// Kubernetes, and costs this controller's tokens.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emulator/control_planes/classic/classic_scheduler.h"
#include "emulator/control_planes/classic/informer.h"
#include "emulator/control_planes/classic/loop_controller.h"
#include "emulator/control_planes/classic/plan_runner.h"
#include "emulator/control_planes/classic/work_queue.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class ControllerManager {
 public:
  // All references outlive it; telemetry may be null.  `loops`: the control loops that run, by
  // their settings' names.
  ControllerManager(Scheduler& scheduler, Store& store, const LatencyProfile& profile,
                    Telemetry* telemetry, std::uint64_t seed,
                    const std::vector<std::string>& loops = {"job"});

  // Starts the stages of the profile's start-up, one after the other; then it works.  Once.
  void Start();
  // The work queue is not read any more; syncs in hand end.
  void Stop();

  // Operational, everything committed has arrived, and nothing is queued for the next batch period,
  // in hand or being said.
  bool Idle() const;
  // And nothing waits for its time.
  bool AtRest() const;
  // No sync in hand, no event being written.
  bool Quiet() const;
  bool operational() const { return operational_; }
  std::size_t queue_depth() const { return queue_.depth(); }
  // The feed's records up to here have arrived everywhere.
  std::uint64_t position() const;
  std::uint64_t syncs() const { return syncs_; }
  // Where requests from outside are served, too: submitters share its cores.
  ApiServer& api_server() { return server_; }
  Event& changed() { return changed_; }

 private:
  // What the cache does not show yet of the last sync's pod writes.
  struct Expectations {
    std::int64_t creations = 0;
    std::int64_t deletions = 0;
    std::string uid;  // of the Job
    TimePoint set_at{};
  };

  Task<> Run();
  Task<> Work(int worker);
  Task<> Handle(WorkQueue::Taken taken, int worker);
  Task<Result<void>> Reconcile(Sync* sync, ItemPtr job);
  Task<Result<void>> CleanUp(Sync* sync, ItemPtr last);
  void OnChange(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image);
  void OnJob(const std::string& name, const ItemPtr& old_image, const ItemPtr& new_image);
  void OnPod(const std::string& name, const ItemPtr& old_image, const ItemPtr& new_image);
  void OnOrphan(const std::string& name);
  void ShowPods(const std::string& space, controllers::JobObservation* observed);
  bool Satisfied(const std::string& key) const;
  // Before a plan is carried out; returns what is expected of it.
  Expectations Expect(const std::string& key, const std::string& uid,
                      const controllers::Plan& plan);
  // The writes of a plan that were not made will never be seen.
  void LowerExpectations(const std::string& key, const Expectations& planned, const Sync& sync);
  void Resync(Duration period);
  // The Job with this uid is gone; its pods have to go, too.
  void Bury(const std::string& key, const std::string& uid, ItemPtr last);

  Scheduler& scheduler_;
  Store& store_;
  const ClassicProfile& profile_;
  Telemetry* const telemetry_;
  const bool release_1_27_;
  const bool runs_jobs_;
  Random random_;
  Event changed_;
  ApiServer server_;
  ApiClient client_;
  EventSink events_;
  PlanRunner runner_;
  WorkQueue queue_;
  Informer informer_;
  std::map<std::string, Expectations> expectations_;  // by resource name of the Job
  // Last images of Jobs that are gone, by resource name and uid.
  std::map<std::string, std::map<std::string, ItemPtr>> deleted_;
  std::map<std::string, std::string> memos_;     // of plans, by uid of the Job
  std::map<std::string, std::uint64_t> newest_;  // own last write about a Job, until it is seen
  std::vector<std::unique_ptr<LoopController>> loops_;
  std::unique_ptr<ClassicScheduler> kube_scheduler_;  // null: the loop does not run
  bool operational_ = false;
  bool stopping_ = false;
  int in_hand_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace kless::control_planes
