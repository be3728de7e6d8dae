// StoreClient: a function's access to the datastore, with the emulated cost of each call.
//
// A call costs profile network time + profile CPU / CPU share; the first call of an environment
// additionally costs profile first_request_cpu / share.  Every call yields the loop, even at zero
// cost, so that a long handler never fills a turn.  The call takes effect at its end, in one step.
// After the environment has crashed, or was given up after its timeout, every call returns
// kCancelled and has no effect: the handler must return.
//
// It reports to the observer, if there is one, what each write did and how the time since the start
// of the reconcile was spent.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"
#include "emulator/base/random.h"
#include "functions/pool/faults.h"
#include "functions/pool/latency_profile.h"
#include "functions/pool/telemetry.h"
#include "functions/pool/writer_log.h"
#include "store/store.h"

namespace kless {

// Returns the current objects of a type whose controller is `uid`, whole, in order of name.
Result<std::vector<std::pair<ResourceId, ItemPtr>>> OwnedItems(const ResourceTable& resources,
                                                               const std::string& type,
                                                               const std::string& uid);

class StoreClient {
 public:
  // All references must outlive the client.  `seed` and `environment` determine its random stream.
  // `telemetry` may be null.
  StoreClient(EventLoop& event_loop, Store& store, const LatencyProfile& profile, Faults& faults,
              std::string function, std::string environment, double cpu_share, std::uint64_t seed,
              Telemetry* telemetry = nullptr);

  // Notes each record that it writes; the log must outlive the client.
  void SetWriterLog(WriterLog& log);
  // Called when an invocation starts: resets counters and times.  `work` identifies it to the
  // observer.
  void BeginInvocation(std::string work);
  // Called when the handler begins with the next resource of its batch: later time is attributed to
  // that one.
  void BeginReconcile();

  // Errors as in ResourceTable and Store; kUnavailable: injected store error; kCancelled: see
  // above.
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
  // Reads the owner index, which lags by profile.index_lag.  `*as_of` is the feed position of the
  // result, which reflects every record up to there; UINT64_MAX without lag, when it also reflects
  // the writes of this turn, which have no record yet.
  Task<Result<std::vector<OwnedResource>>> OwnedBy(std::string type, std::string owner_uid,
                                                   std::uint64_t* as_of = nullptr);
  // Returns resources of a type whose name begins with `prefix`, in order of name: a query, with
  // one request per page of 1,000.
  Task<Result<std::vector<std::pair<ResourceId, ItemPtr>>>> List(std::string type,
                                                                 std::string prefix);
  // Returns resources of a type whose controller is `uid`, whole, through the owner index without
  // lag.
  Task<Result<std::vector<std::pair<ResourceId, ItemPtr>>>> Owned(std::string type,
                                                                  std::string uid);
  // Index reads without lag: the resources that name `uid` as an owner; the pods that are bound to
  // a node.
  Task<Result<std::vector<ResourceId>>> DependentsOf(std::string uid);
  Task<Result<std::vector<std::string>>> PodsOn(std::string node);
  // Reads the change feed itself, as a function may read a stream: committed records after `after`.
  // kGone: they have been trimmed.
  Task<Result<std::vector<RecordPtr>>> ReadFeed(std::uint64_t after, int limit);
  Task<Result<std::uint64_t>> FeedPosition();  // position of its newest record
  // Returns the current state of a resource that the next write of this client has as a condition.
  // Costs nothing.  Errors: kNotFound.
  Result<ItemPtr> Peek(const ResourceId& id) const { return store_.resources().Get(id); }
  // Spends CPU time of the function: `full_vcpu` is the time on a full vCPU.
  Task<Result<void>> Compute(Duration full_vcpu);

  // Called when the environment is gone: calls from now on, and those in progress, have no effect.
  void Revoke() { revoked_ = true; }
  bool crashed() const { return crashed_; }
  // Emulated time spent in calls during this invocation, and their number.
  Duration store_time() const { return store_time_; }
  std::uint64_t calls() const { return calls_; }
  // How the time since the last BeginReconcile or BeginInvocation was spent.
  const WorkTime& spent() const { return spent_; }
  double cpu_share() const { return cpu_share_; }
  void set_cpu_share(double share) { cpu_share_ = share; }

 private:
  enum class Access { kRead, kWrite };
  Task<Result<void>> Begin(Access access);  // the cost, and faults that precede the effect
  Task<> Pass(Duration cost);               // sleeps, or yields the loop if there is no cost
  // Whether a write to `id` is lost although it is reported as done: the fault lose_write, which
  // affects pods only.
  bool Loses(const ResourceId& id);
  // The result reported for a lost write.
  WriteResult Lost() const { return {store_.feed().Latest(), true, false, nullptr}; }
  // Called after the effect of a write: notes its record and reports what it did to `id`.
  void Observe(const ResourceId& id, const WriteResult& written);
  void CountCall(Access access, std::size_t items);
  // Called after that; applies the faults that follow a write.
  Result<void> EndWrite();
  Duration CpuTime(Duration full_vcpu) const;
  Error Gone() const;

  EventLoop& event_loop_;
  Store& store_;
  const LatencyProfile& profile_;
  Faults& faults_;
  const std::string function_;
  const std::string environment_;
  double cpu_share_;
  Random random_;
  Telemetry* const telemetry_;
  WriterLog* writers_ = nullptr;
  int writer_ = WriterLog::kUnknown;
  std::string work_;  // request id of the invocation
  TimePoint reconcile_began_at_{};
  WorkTime spent_;
  bool first_ = true;
  bool revoked_ = false;
  bool crashed_ = false;
  Duration store_time_{};
  std::uint64_t calls_ = 0;
};

}  // namespace kless
