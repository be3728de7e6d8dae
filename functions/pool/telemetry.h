// Telemetry: notifies an observer of measurements, in addition to the rows that a world stores
// anyway.
//
// There is one observer per world.  It is called on the loop, in the order in which things happen,
// outlives the world, and must not touch it.  A null observer costs one comparison.  Both control
// planes report alike: a unit of work is an invocation of the serverless control plane, or one sync
// of a classic worker.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "store/invocation_log.h"
#include "store/item/item.h"
#include "store/resources.h"

namespace kless {

// A unit of work that starts to run.
struct WorkTrace {
  std::string work;          // request id of the invocation; "sync-17" of a classic worker
  std::string place;         // the environment, "worker-3"
  TimePoint requested_at{};  // when its batch was cut, or its key was due in the work queue
  TimePoint admitted_at{};  // when it got its concurrency; equal to started_at for a classic worker
  TimePoint started_at{};
  StartKind start = StartKind::kWarm;
  int throttles = 0;                     // refusals before it was admitted
  std::vector<std::uint64_t> caused_by;  // sequence numbers of change records
};

// How the time of a reconcile was spent, from its start (StoreClient::BeginReconcile, or the start
// of its invocation) until now.  Time that belongs to none of the members (faults, waits for an
// index) is the rest of the elapsed time.
struct WorkTime {
  Duration store{};          // network and server side of datastore calls
  Duration compute{};        // CPU of calls and of the reconcile, at the function's share
  Duration first_request{};  // CPU of the environment's first request
  Duration throttle{};       // client-side token bucket
};

// A write of a unit of work that has taken effect.  A transaction makes one for each item that it
// puts or removes.
struct WriteTrace {
  std::string work;
  ResourceId id;
  std::uint64_t sequence = 0;  // of its change record; 0 if it changed nothing
  bool created = false;        // the item did not exist before
  TimePoint at{};
  TimePoint reconcile_began_at{};  // of the current resource
  WorkTime spent;                  // since then
};

struct EnvironmentCounts {
  int initializing = 0;
  int busy = 0;
  int idle = 0;
};

class Telemetry {
 public:
  virtual ~Telemetry() = default;
  // The change record has reached the lane that will deliver it (serverless), or the informer cache
  // (classic). visible_at may be in the future.
  virtual void OnVisible(const ChangeRecord& /*record*/, TimePoint /*visible_at*/) {}
  virtual void OnWorkStarted(const WorkTrace& /*work*/) {}
  virtual void OnWrite(const WriteTrace& /*write*/) {}
  // Called after every change of a function's environments, with the counts of that function alone.
  virtual void OnEnvironments(TimePoint /*at*/, const std::string& /*function*/,
                              const EnvironmentCounts& /*counts*/) {}
  // An invocation was refused: at a cap, by the scale-up rate, or by the throttle fault.
  virtual void OnThrottle(TimePoint /*at*/, const std::string& /*function*/) {}
  // A stage of the classic control plane's start-up has ended.
  virtual void OnStartupStage(TimePoint /*ended_at*/, const std::string& /*name*/,
                              Duration /*took*/) {}
  // A datastore call of a function or a controller has reached the datastore; it is billed even if
  // its condition did not hold.  A transaction counts its actions, including checks; a query counts
  // the rows it found, at least 1.
  virtual void OnStoreCall(bool /*write*/, std::uint64_t /*items*/) {}
};

}  // namespace kless
