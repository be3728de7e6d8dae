// Plan: what a controller wants written, in order.  Controllers are plain code without I/O:
// observed state in, a plan out.  Each control plane's driver executes the plan.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::controllers {

// One object that the reconciled owner controls, as the owner index shows it.
struct Dependent {
  OwnedResource resource;
  // False: the driver has promised this object (its name is in the owner's intent) but the write
  // has not been made; it counts as an active pod that was never scheduled.  The plan holds for
  // each of them either a kCreate with its full name in `id` (before any new creation) or a
  // kDelete.
  bool created = true;
  ItemPtr item;  // whole, where the controller asked for it
};

// The object that an event is about.
struct EventTarget {
  std::string api_version, kind, namespace_name, name, uid;
  std::uint64_t resource_version = 0;
};

// What to say about an object; the EventRecorder turns it into an Event write, or drops it.
struct EventNote {
  std::string type;     // "Normal", "Warning"
  std::string reason;   // "SuccessfulCreate"
  std::string message;  // for a generated name: "Created pod: " and the driver appends the name
  bool append_name = false;
  std::optional<EventTarget> about = std::nullopt;  // none: the plan's owner
  // Not empty: an event of events.k8s.io/v1, which the scheduler says ("Binding"): it has eventTime
  // instead of count and timestamps, and its own aggregation (reference scheduler.md, section 3).
  std::string action = {};
};

// How a kDelete deletes.
struct Deletion {
  enum class Propagation { kBackground, kForeground, kOrphan };
  Propagation propagation = Propagation::kBackground;
  std::optional<std::int64_t> grace_seconds;  // none: the object's own
  bool dependents_only = true;                // only what names the plan's owner as its controller
  std::string uid;                            // only the object with this uid; "": whoever it is
};

struct Write {
  enum class Kind {
    kCreate,  // a new object; the driver chooses its name from generate_name
    kEdit,    // read, edit, conditional write; repeated when another writer was faster
    kUpdate,  // whole document, only over `version`
    kDelete,  // gracefully, as the API server deletes: at once, or deletionTimestamp first
  };
  Kind kind = Kind::kCreate;
  ResourceId id;  // kCreate: name is "namespace/", or the whole name of a promised object
  // kCreate.
  std::string generate_name;  // "pi-", "pi-3-": at most 58 characters
  int completion_index = -1;
  // `name` is the object's own, without its namespace.
  std::function<std::string(const std::string& name, const std::string& uid)> render;
  // kEdit: the new document from the current one; nullopt: nothing to do.  A document that is ready
  // to vanish (kubernetes::ReadyToVanish) is removed instead of written; an object that is gone is
  // done.
  std::function<std::optional<std::string>(const std::string& document)> edit;
  Deletion deletion;  // kDelete
  // kUpdate.  0: the version that the plan's last write of this resource produced, or the observed
  // one if there was none.
  std::uint64_t version = 0;
  std::string document;
  // Dependents (resource names) that this write takes out of the owner's care: counted in its
  // status or deleted.  They leave the intent in the same transaction.
  std::vector<std::string> settles;
  std::optional<EventNote> on_success;
};

// Writes of one batch do not depend on each other.
struct Batch {
  std::vector<Write> writes;
};

// What the driver reports when a write failed: the batches behind it were not tried.
struct FailureReport {
  std::size_t batch = 0;    // index of the failed batch
  std::size_t created = 0;  // kCreate writes of the plan that succeeded
  Write::Kind kind{};       // of the failed write
  std::string resource;     // its resource name
  std::string message;      // the error's sentence
};

struct Plan {
  std::vector<Batch> batches;
  std::vector<EventNote> events;  // after all batches succeeded
  // Reconcile the owner again after this long although nothing changed; it replaces what an earlier
  // plan of the same owner asked for, and none takes that back.
  std::optional<Duration> requeue_after;
  // What the controller wants to be told when it reconciles this owner again: what Kubernetes'
  // controllers keep in memory.  Kept from the last plan that had one; "" forgets it.
  std::optional<std::string> memo;
  // Asked after a failed batch (a lost condition excepted: then the owner is simply observed
  // again): what to write instead of the rest.  May be null.
  std::function<Plan(const FailureReport&)> on_failure;
};

// Slow start: how many creations to try in each batch, 1, 2, 4, ... in sum `count`.
// Kubernetes v1.36 SlowStartInitialBatchSize 1, doubling after each all-success batch.
std::vector<std::size_t> SlowStartBatches(std::size_t count);

}  // namespace kless::controllers
