// ControllerManager: the classic control plane.  An API server with latency, a watch that fills an
// informer cache, a rate-limited work queue, and N workers that run the same reconcile code as the
// serverless control plane, with one client-side token bucket.
//
// When a Job is queued follows the release's own rules (reference kubernetes.md, I1 to I6): at once
// if it was created, deleted or got a new generation; after the batch period if its pods, or (1.36)
// its own status, changed; after the queue's back-off if a sync failed.  A sync is postponed while
// the cache does not show all pods that the last one created or deleted (expectations, at most 5
// min).  This controller also deletes the pods of a deleted Job, which costs its tokens; in
// Kubernetes the garbage collector does that.
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
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class ControllerManager {
 public:
  // All references must outlive it; telemetry may be null.  `loops` are the control loops that run,
  // by the names of their settings.
  ControllerManager(EventLoop& event_loop, Store& store, const LatencyProfile& profile,
                    Telemetry* telemetry, std::uint64_t seed,
                    const std::vector<std::string>& loops = {"job"});

  // Runs the stages of the profile's start-up, one after another; then the controller works.  Call
  // it once.
  void Start();
  // Stops reading the work queue; running syncs finish.
  void Stop();

  // Whether it is operational, everything committed has arrived, and no key is queued for the next
  // batch period, being synced, or having its event written.
  bool Idle() const;
  // Idle, and no key waits for its time.
  bool AtRest() const;
  // No sync is running, and no event is being written.
  bool Quiet() const;
  bool operational() const { return operational_; }
  std::size_t queue_depth() const { return queue_.depth(); }
  // The feed's records up to here have arrived in all caches.
  std::uint64_t position() const;
  std::uint64_t syncs() const { return syncs_; }
  // Also serves requests from outside: submitters share its cores.
  ApiServer& api_server() { return server_; }
  Event& changed() { return changed_; }

 private:
  // The pod writes of the last sync that the cache does not show yet.
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
  // Called before a plan is carried out; returns what the plan adds to the expectations.
  Expectations Expect(const std::string& key, const std::string& uid,
                      const controllers::Plan& plan);
  // Deducts the writes of a plan that were not made, since they will never be seen.
  void LowerExpectations(const std::string& key, const Expectations& planned, const Sync& sync);
  void Resync(Duration period);
  // The Job with this uid is gone; its pods must be deleted, too.
  void Bury(const std::string& key, const std::string& uid, ItemPtr last);

  EventLoop& event_loop_;
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
  std::map<std::string, std::uint64_t> newest_;  // own last write for a Job, until it is seen
  std::vector<std::unique_ptr<LoopController>> loops_;
  std::unique_ptr<ClassicScheduler> kube_scheduler_;  // null if the loop does not run
  bool operational_ = false;
  bool stopping_ = false;
  int in_hand_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace kless::control_planes
