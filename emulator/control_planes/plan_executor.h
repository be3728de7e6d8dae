// PlanExecutor: carries out a controller's plan against the datastore from an execution
// environment, exactly once whatever other environments do at the same time and wherever this one
// dies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/task.h"
#include "emulator/control_planes/intent.h"
#include "functions/controllers/event_recorder.h"
#include "functions/controllers/plan.h"
#include "functions/function.h"

namespace kless::control_planes {

// What serialises the writes of those who reconcile one key: an item that each of their creations,
// deletions and updates writes over the version that was read before anything was observed.
constexpr const char* kFenceType = "fence";
struct Fence {
  ResourceId id;              // type "fence"; empty: none
  std::uint64_t version = 0;  // 0: not written yet
};

// The owner as it was observed; the plan was made from it.
struct Owner {
  ResourceId id;
  std::string namespace_name;
  std::uint64_t version = 0;
  controllers::EventTarget event_target;
  Intent intent;
  // False: what it creates has whole names and is created if absent, without an intent.
  bool promises = true;
  Fence fence;  // where it does not promise, and yet generates names
  bool fenced() const { return !fence.id.type.empty(); }
};

enum class Outcome {
  kDone,
  kOvertaken,  // another writer was faster: observe again and plan anew
};

// The write of the owner's intent over the version that was read.
StoreClient::Action PutIntent(const Owner& owner, const Intent& intent);
// The error of a write whose condition no longer held.
bool IsOvertaken(const Error& error);

class PlanExecutor {
 public:
  // All outlive the executor.
  PlanExecutor(InvocationContext& context, controllers::EventRecorder& recorder)
      : context_(context), recorder_(recorder) {}

  // Writes batch after batch and stops at the first failure; then runs the plan's on_failure and
  // returns the error.  kCancelled: the environment is gone, return at once.
  // `owner` is kept up to date with the versions this writes.
  Task<Result<Outcome>> Execute(Owner& owner, controllers::Plan plan);

 private:
  using Write = controllers::Write;

  Task<Result<Outcome>> Promise(Owner& owner, std::vector<Write*> creations);
  Task<Result<Outcome>> Create(Owner& owner, Write& write);
  // Under the owner's fence, as long as the owner is as it was observed.
  Task<Result<Outcome>> CreateFenced(Owner& owner, Write& write);
  Task<Result<Outcome>> CreateIfAbsent(const Write& write);
  Task<Result<Outcome>> Edit(Owner& owner, const Write& write);
  Task<Result<Outcome>> Update(Owner& owner, const Write& write);
  // Deletions of one batch, a transaction for up to kDeletionsPerTransaction of them.
  Task<Result<Outcome>> Delete(Owner& owner, std::vector<const Write*> writes);
  Task<Result<Outcome>> RunBatch(Owner& owner, controllers::Batch& batch, std::string* resource,
                                 Write::Kind* kind);
  Task<Result<void>> Say(Owner& owner, controllers::EventNote note, std::string name);

  InvocationContext& context_;
  controllers::EventRecorder& recorder_;
  std::size_t created_ = 0;
};

}  // namespace kless::control_planes
