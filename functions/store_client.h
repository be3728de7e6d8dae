// StoreClient: how a function reaches the datastore, and what each call costs in emulated time.
//
// A call costs profile network time + profile CPU / CPU share; the first call of an environment
// costs profile first_request_cpu / share on top.  Every call yields the loop, even at zero cost,
// so that a long handler never fills a turn.  The call takes effect at its end, in one step. After
// the environment has crashed, or was given up after its timeout, every call is kCancelled and has
// no effect: the handler must return.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/random.h"
#include "emulator/base/scheduler.h"
#include "emulator/base/task.h"
#include "functions/faults.h"
#include "functions/latency_profile.h"
#include "store/store.h"

namespace kless {

class StoreClient {
 public:
  // Everything outlives the client.  `seed` and `environment` name its random stream.
  StoreClient(Scheduler& scheduler, Store& store, const LatencyProfile& profile, Faults& faults,
              std::string function, std::string environment, double cpu_share, std::uint64_t seed);

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
  // Spends CPU of the function: `full_vcpu` is the time on a full vCPU.
  Task<Result<void>> Compute(Duration full_vcpu);

  // The environment is gone: calls from now on, also those under way, have no effect.
  void Revoke() { revoked_ = true; }
  bool crashed() const { return crashed_; }
  // Emulated time spent in calls and their count, since the last Reset.
  Duration store_time() const { return store_time_; }
  std::uint64_t calls() const { return calls_; }
  void ResetCounters();
  double cpu_share() const { return cpu_share_; }
  void set_cpu_share(double share) { cpu_share_ = share; }

 private:
  enum class Access { kRead, kWrite };
  Task<Result<void>> Begin(Access access);  // cost, faults before the effect
  Task<> Pass(Duration cost);               // sleeps, or yields the loop if there is no cost
  // After the effect of a write: its version, and the faults that follow it.
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
  bool first_ = true;
  bool revoked_ = false;
  bool crashed_ = false;
  Duration store_time_{};
  std::uint64_t calls_ = 0;
  std::uint64_t last_write_ = 0;  // the newest version that a write of this client made
};

}  // namespace kless
