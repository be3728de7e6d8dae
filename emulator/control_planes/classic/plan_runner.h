// PlanRunner: carries out a controller's plan like a classic controller: the writes of one batch
// run concurrently, each a request to the API server, which chooses the names.  Only one worker
// handles the owner, so no intent is needed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "emulator/base/loop/event.h"
#include "emulator/base/random.h"
#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/classic/event_sink.h"
#include "functions/controllers/loop/event_recorder.h"
#include "functions/controllers/loop/plan.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

// The unit of work that a plan belongs to; must outlive the execution.
struct Sync {
  std::string work;  // "sync-17"
  ResourceId owner;
  std::uint64_t version = 0;  // the owner's, updated by each write
  controllers::EventTarget event_target;
  TimePoint began_at{};
  WorkTime spent;            // on the writes that the sync had to wait for
  std::int64_t created = 0;  // writes that succeeded
  std::int64_t deleted = 0;
  std::uint64_t newest = 0;  // sequence number of its last write
};

class PlanRunner {
 public:
  // All references must outlive it; telemetry may be null.
  PlanRunner(EventLoop& event_loop, Store& store, ApiClient& client, EventSink& events,
             Telemetry* telemetry, std::uint64_t seed);

  // Stops at the first batch with a failure, then carries out the plan's on_failure. kConflict:
  // another writer was faster.
  Task<Result<void>> Execute(Sync* sync, controllers::Plan plan);

 private:
  using Write = controllers::Write;
  struct BatchRun;

  Task<> RunWrite(std::shared_ptr<BatchRun> run, std::size_t index);
  // Applies the write to the store in one step; returns the sequence number of its record, or 0 if
  // nothing changed.  Never throws.
  Result<std::uint64_t> Effect(Sync& sync, Write& write);
  Result<std::uint64_t> Create(Write& write, const controllers::Creation& creation);
  Result<std::uint64_t> Update(Sync& sync, Write& write, controllers::Update& update);
  Result<std::uint64_t> Edit(Sync& sync, Write& write, const controllers::Edit& edit);
  Result<std::uint64_t> Delete(Sync& sync, Write& write, const controllers::Deletion& deletion);
  // Writes the document over the item, or removes it if there is none.
  Result<std::uint64_t> Replace(Sync& sync, const Write& write, const Item& item,
                                std::optional<std::string> document);

  EventLoop& event_loop_;
  Store& store_;
  ApiClient& client_;
  EventSink& events_;
  Telemetry* const telemetry_;
  Random random_;
  Event write_ended_;
};

}  // namespace kless::control_planes
