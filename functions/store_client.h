// StoreClient: how a function reaches the datastore, and what each call costs in emulated time.
//
// A call costs profile network time + profile CPU / CPU share; the first call of an environment
// costs profile first_request_cpu / share on top.  Every call yields the loop, even at zero cost,
// so that a long handler never fills a turn.  The call takes effect at its end, in one step. After
// the environment has crashed, or was given up after its timeout, every call is kCancelled and has
// no effect: the handler must return.
//
// With an observer it says what each write did, and where the time went since the reconcile began.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/base/scheduler.h"
#include "emulator/base/task.h"
#include "functions/faults.h"
#include "functions/latency_profile.h"
#include "functions/telemetry.h"
#include "store/store.h"

namespace kless {

// Whole objects of a type whose controller is `uid`, now, in name order.
Result<std::vector<std::pair<ResourceId, ItemPtr>>> OwnedItems(const ResourceTable& resources,
                                                               const std::string& type,
                                                               const std::string& uid);

class StoreClient {
 public:
  // Everything outlives the client.  `seed` and `environment` name its random stream.  `telemetry`
  // may be null.
  StoreClient(Scheduler& scheduler, Store& store, const LatencyProfile& profile, Faults& faults,
              std::string function, std::string environment, double cpu_share, std::uint64_t seed,
              Telemetry* telemetry = nullptr);

  // An invocation starts: counters and times begin anew.  `work` names it in what is observed.
  void BeginInvocation(std::string work);
  // The handler turns to the next resource of its batch: what it spends from now on is spent on it.
  void BeginReconcile();

  // Errors as ResourceTable / Store; kUnavailable: injected store error; kCancelled: see above.
  Task<Result<ItemPtr>> Get(ResourceId id);
  Task<Result<WriteResult>> Put(ResourceId id, std::string document, Condition condition);
  Task<Result<WriteResult>> Remove(ResourceId id, Condition condition);
  // One action of a resource transaction; documents replace the value and keep other attributes.
  struct Action {
    TransactItem::Kind kind = TransactItem::Kind::kPut;
    ResourceId id;
    std::string document;
    Condition condition;
  };
  // 1..100 actions on different resources; costs one write.
  Task<Result<std::vector<WriteResult>>> Transact(std::vector<Action> actions);
  // The owner index; lags by profile.index_lag.  `*as_of` is the feed position it showed: it holds
  // every record up to there, and without lag also this client's own writes that are not yet
  // committed.
  Task<Result<std::vector<OwnedResource>>> OwnedBy(std::string type, std::string owner_uid,
                                                   std::uint64_t* as_of = nullptr);
  // Resources of a type whose name begins with `prefix`, by name: a query, a request a page of
  // 1,000.
  Task<Result<std::vector<std::pair<ResourceId, ItemPtr>>>> List(std::string type,
                                                                 std::string prefix);
  // Those of a type that name `uid` as their controller, whole, through the owner index without
  // lag.
  Task<Result<std::vector<std::pair<ResourceId, ItemPtr>>>> Owned(std::string type,
                                                                  std::string uid);
  // Index reads without lag: who names `uid` as an owner; which pods are bound to a node.
  Task<Result<std::vector<ResourceId>>> DependentsOf(std::string uid);
  Task<Result<std::vector<std::string>>> PodsOn(std::string node);
  // The change feed itself, as a function may read a stream: what is committed behind `after`.
  // kGone: trimmed.
  Task<Result<std::vector<RecordPtr>>> ReadFeed(std::uint64_t after, int limit);
  Task<Result<std::uint64_t>> FeedPosition();  // of its newest record
  // A resource that the next write of this client depends on, as a condition of it: free, and as it
  // is now.  kNotFound.
  Result<ItemPtr> Peek(const ResourceId& id) const { return store_.resources().Get(id); }
  // Spends CPU of the function: `full_vcpu` is the time on a full vCPU.
  Task<Result<void>> Compute(Duration full_vcpu);

  // The environment is gone: calls from now on, also those under way, have no effect.
  void Revoke() { revoked_ = true; }
  bool crashed() const { return crashed_; }
  // Emulated time spent in calls and their count, in this invocation.
  Duration store_time() const { return store_time_; }
  std::uint64_t calls() const { return calls_; }
  // Where the time went since the last BeginReconcile or BeginInvocation.
  const WorkTime& spent() const { return spent_; }
  double cpu_share() const { return cpu_share_; }
  void set_cpu_share(double share) { cpu_share_ = share; }

 private:
  enum class Access { kRead, kWrite };
  Task<Result<void>> Begin(Access access);  // cost, faults before the effect
  Task<> Pass(Duration cost);               // sleeps, or yields the loop if there is no cost
  // Whether a write to `id` is lost although it is answered: the fault lose_write, which concerns
  // pods only.
  bool Loses(const ResourceId& id);
  // What a write that is lost is answered with.
  WriteResult Lost() const { return {store_.feed().Latest(), true, false}; }
  // After the effect of a write: what it did to `id`.
  void Observe(const ResourceId& id, const WriteResult& written);
  void CountCall(Access access, std::size_t items);
  // Then its version, and the faults that follow it.
  Result<void> EndWrite(std::uint64_t version);
  Duration CpuTime(Duration full_vcpu) const;
  Error Gone() const;

  Scheduler& scheduler_;
  Store& store_;
  const LatencyProfile& profile_;
  Faults& faults_;
  const std::string function_;
  const std::string environment_;
  double cpu_share_;
  Random random_;
  Telemetry* const telemetry_;
  std::string work_;  // request id of the invocation
  TimePoint reconcile_began_at_{};
  WorkTime spent_;
  bool first_ = true;
  bool revoked_ = false;
  bool crashed_ = false;
  Duration store_time_{};
  std::uint64_t calls_ = 0;
  std::uint64_t last_write_ = 0;  // the newest version that a write of this client made
};

}  // namespace kless
