// PlanExecutor: carries out a controller's plan against the datastore from an execution
// environment, exactly once, whatever other environments do concurrently and wherever this one
// dies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/loop/task.h"
#include "emulator/control_planes/intent.h"
#include "functions/controllers/loop/event_recorder.h"
#include "functions/controllers/loop/plan.h"
#include "functions/pool/function.h"

namespace kless::control_planes {

// A fence serialises the writes of concurrent reconciles of one key: it is an item that each of
// their creations, deletions and updates writes over the version that was read before anything was
// observed.
constexpr const char* kFenceType = "fence";
struct Fence {
  ResourceId id;              // type "fence"; empty: none
  std::uint64_t version = 0;  // 0: not written yet
};

// The owner as it was observed, from which the plan was made.
struct Owner {
  ResourceId id;
  std::string namespace_name;
  std::uint64_t version = 0;
  controllers::EventTarget event_target;
  Intent intent;
  // If false, objects that it creates have complete names and are created if absent, without an
  // intent.
  bool promises = true;
  Fence fence;  // used if it does not promise, but generates names
  bool fenced() const { return !fence.id.type.empty(); }
};

// Not a bool: a coroutine that passes a local Result<bool> on with co_return returns whether it has
// a value (boost::system::result converts to bool, and asio makes the returned result from it).
enum class Outcome {
  kDone,
  kOvertaken,  // another writer was faster: observe again and make a new plan
};

// The write of the owner's intent over the version that was read.
StoreClient::Action PutIntent(const Owner& owner, const Intent& intent);
// Whether a write failed because its condition no longer held.
bool IsOvertaken(const Error& error);

class PlanExecutor {
 public:
  // All references must outlive the executor.
  PlanExecutor(InvocationContext& context, controllers::EventRecorder& recorder)
      : context_(context), recorder_(recorder) {}

  // Writes batch after batch and stops at the first failure; then runs the plan's on_failure and
  // returns the error. kCancelled: the environment is gone; return at once.  `owner` is updated
  // with the versions of these writes.
  Task<Result<Outcome>> Execute(Owner& owner, controllers::Plan plan);

 private:
  using Write = controllers::Write;

  // How a batch ended, and the write with which it did.
  struct BatchEnd {
    Result<Outcome> outcome;
    const Write* write = nullptr;
  };

  Task<Result<Outcome>> Promise(Owner& owner, std::vector<Write*> creations);
  Task<Result<Outcome>> Create(Owner& owner, Write& write);
  // Creates under the owner's fence, provided that the owner is unchanged.
  Task<Result<Outcome>> CreateFenced(Owner& owner, Write& write);
  Task<Result<Outcome>> CreateIfAbsent(const Write& write);
  Task<Result<Outcome>> Edit(Owner& owner, const Write& write);
  Task<Result<Outcome>> Update(Owner& owner, const Write& write);
  // Deletes one batch, with one transaction per kDeletionsPerTransaction objects.
  Task<Result<Outcome>> Delete(Owner& owner, std::vector<const Write*> writes);
  Task<BatchEnd> RunBatch(Owner& owner, controllers::Batch& batch);
  // Carries out a write other than a deletion.
  Task<Result<Outcome>> Run(Owner& owner, Write& write);
  Task<Result<void>> Say(Owner& owner, controllers::EventNote note, std::string name);

  InvocationContext& context_;
  controllers::EventRecorder& recorder_;
  std::size_t created_ = 0;
};

}  // namespace kless::control_planes
