// PromiseController: a loop with promises (functions/controllers/loop/promises.h), such as the Job
// controller, as a controller of the classic control plane: a watch that fills an informer cache, a
// rate-limited work queue, and N workers with one client-side token bucket.
//
// When an owner is queued follows the release's own rules (reference kubernetes.md, I1 to I6): at
// once if it was created, deleted or got a new generation; after the batch period if its
// dependents, or (1.36) its own status, changed; after the queue's back-off if a sync failed.  A
// sync is postponed while the cache does not show all dependents that the last one created or
// deleted (expectations, at most 5 min).  This controller also deletes the dependents of a deleted
// owner, which costs its tokens; in Kubernetes the garbage collector does that.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/classic/controller.h"
#include "emulator/control_planes/classic/event_sink.h"
#include "emulator/control_planes/classic/informer.h"
#include "emulator/control_planes/classic/plan_runner.h"
#include "emulator/control_planes/classic/work_queue.h"
#include "functions/controllers/loop/control_loop.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class PromiseController : public Controller {
 public:
  // All references must outlive it; telemetry may be null.  The loop must have promises.
  PromiseController(EventLoop& event_loop, Store& store, ApiServer& server,
                    const ClassicProfile& profile, const controllers::ControlLoop& loop,
                    Telemetry* telemetry, Event& changed, Random& random, std::uint64_t seed);

  void Start() override;
  void Stop() override { stopping_ = true; }
  // Keys that wait for the next batch period count as work for now.
  bool Idle() const override {
    return informer_.Idle() && queue_.Quiet(profile_.sync_batch_period) && Quiet();
  }
  bool AtRest() const override { return Idle() && queue_.Idle(); }
  bool Quiet() const override { return in_hand_ == 0 && events_.Idle(); }
  std::uint64_t position() const override { return informer_.position(); }
  std::size_t queue_depth() const { return queue_.depth(); }
  std::uint64_t syncs() const { return syncs_; }

 private:
  // The writes of the last sync that the cache does not show yet.
  struct Expectations {
    std::int64_t creations = 0;
    std::int64_t deletions = 0;
    std::string uid;  // of the owner
    TimePoint set_at{};
  };

  Task<> Work(int worker);
  Task<> Handle(WorkQueue::Taken taken, int worker);
  Task<Result<void>> Reconcile(Sync* sync, ItemPtr owner);
  Task<Result<void>> CleanUp(Sync* sync, ItemPtr last);
  void OnChange(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image);
  void OnOwner(const std::string& name, const ItemPtr& old_image, const ItemPtr& new_image);
  void OnDependent(const std::string& name, const ItemPtr& old_image, const ItemPtr& new_image);
  void OnOrphan(const std::string& name);
  bool IsOwned(const ItemPtr& image) const;
  // Adds whole dependents if the controller needs them.  The cache has those that have failed and
  // are not counted yet; all others are read from the table.
  void ShowWhole(const std::string& space, controllers::OwnerObservation* observed);
  bool Satisfied(const std::string& key) const;
  // Called before a plan is carried out; returns what the plan adds to the expectations.
  Expectations Expect(const std::string& key, const std::string& uid,
                      const controllers::Plan& plan);
  // Deducts the writes of a plan that were not made, since they will never be seen.
  void LowerExpectations(const std::string& key, const Expectations& planned, const Sync& sync);
  // Delivers an update without a change for every owner.
  void Resync(Duration period);
  // The owner with this uid is gone; its dependents must be deleted, too.
  void Bury(const std::string& key, const std::string& uid, ItemPtr last);

  EventLoop& event_loop_;
  Store& store_;
  const ClassicProfile& profile_;
  const controllers::ControlLoop& loop_;
  const controllers::Promises& promises_;
  const std::string owner_kind_;
  Telemetry* const telemetry_;
  Event& changed_;
  const bool release_1_27_;
  Random& random_;
  ApiClient client_;
  EventSink events_;
  PlanRunner runner_;
  WorkQueue queue_;
  Informer informer_;
  std::map<std::string, Expectations> expectations_;  // by resource name of the owner
  // Last images of owners that are gone, by resource name and uid.
  std::map<std::string, std::map<std::string, ItemPtr>> deleted_;
  std::map<std::string, std::string> memos_;     // of plans, by uid of the owner
  std::map<std::string, std::uint64_t> newest_;  // own last write for an owner, until it is seen
  bool stopping_ = false;
  int in_hand_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace kless::control_planes
