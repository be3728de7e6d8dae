// Plan: the writes that a controller wants, in order.  Controllers are plain code without I/O: they
// turn observed state into a plan.  The driver of each control plane executes the plan.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "emulator/base/clock.h"
#include "store/item/item.h"
#include "store/item/owned_resource.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

// One object that the reconciled owner controls, as in the owner index.
struct Dependent {
  OwnedResource resource;
  // False if the driver has promised this object (its name is in the owner's intent) but has not
  // written it yet; it counts as an active pod that was never scheduled.  The plan holds for each
  // of them either a Creation with its full name in `id` (before any new one) or a Deletion.
  bool created = true;
  ItemPtr item;  // whole, if the controller asked for it
};

// The object that an event refers to.
struct EventTarget {
  std::string api_version, kind, namespace_name, name, uid;
  std::uint64_t resource_version = 0;
};

// An event about an object; the EventRecorder turns it into a write, or drops it.
struct EventNote {
  std::string type;     // "Normal", "Warning"
  std::string reason;   // "SuccessfulCreate"
  std::string message;  // for a generated name: "Created pod: " and the driver appends the name
  bool append_name = false;
  std::optional<EventTarget> about = std::nullopt;  // nullopt: the plan's owner
  // If not empty, the event is one of events.k8s.io/v1, such as the scheduler's "Binding": it has
  // eventTime instead of count and timestamps, and its own aggregation (reference scheduler.md,
  // section 3).
  std::string action = {};
};

EventNote NormalNote(std::string reason, std::string message);
EventNote WarningNote(std::string reason, std::string message);

// A new object.
struct Creation {
  std::string generate_name;  // "pi-", "pi-3-": at most 58 characters
  int completion_index = -1;
  // `name` is the object's own, without its namespace.
  std::function<std::string(const std::string& name, const std::string& uid)> render;
};

// A read, an edit and a conditional write; repeated on conflict.
struct Edit {
  // Returns the new document, or nullopt if there is nothing to do.  A document that is ready to
  // vanish (kubernetes::ReadyToVanish) is removed instead of written; if the object is gone, the
  // edit is done.
  std::function<std::optional<std::string>(const std::string& document)> apply;
};

// A whole document, which replaces only `version`.
struct Update {
  // 0: the version that the plan's last write of this resource produced, or else the observed one.
  std::uint64_t version = 0;
  std::string document = {};
};

// A deletion as the API server does it: at once, or deletionTimestamp first.
struct Deletion {
  enum class Propagation { kBackground, kForeground, kOrphan };
  Propagation propagation = Propagation::kBackground;
  std::optional<std::int64_t> grace_seconds;  // nullopt: the object's own
  bool dependents_only = true;                // only if the plan's owner is the object's controller
  std::string uid;                            // only the object with this uid; "": any
};

struct Write {
  // A Creation may have only "namespace/" here: the driver then chooses a name from generate_name.
  ResourceId id;
  std::variant<Creation, Edit, Update, Deletion> change;
  // The dependents (resource names) that this write takes out of the owner's care: counted in its
  // status or deleted.  They are removed from the intent in the same transaction.
  std::vector<std::string> settles = {};
  std::optional<EventNote> on_success = std::nullopt;

  template <class Change>
  bool Is() const {
    return std::holds_alternative<Change>(change);
  }
};

// Writes of one batch do not depend on each other.
struct Batch {
  std::vector<Write> writes;
};

// The driver's report of a failed write: later batches were not tried.
struct FailureReport {
  enum class Reason {
    kOther,
    // The object's namespace is being deleted, and refuses creations.  No event is emitted for that
    // (reference C9, CM10), and nothing is retried.
    kNamespaceTerminating,
  };
  std::size_t created = 0;       // creations of the plan that succeeded
  const Write* write = nullptr;  // that failed; valid during the call
  Reason reason = Reason::kOther;
  std::string message;  // the error's
};

struct Plan {
  std::vector<Batch> batches;
  std::vector<EventNote> events;  // after all batches succeeded
  // Reconcile the owner again after this time even if nothing changes.  It replaces the request of
  // an earlier plan of the same owner; a plan without it does not cancel that request.
  std::optional<Duration> requeue_after;
  // State for the next reconcile of this owner, which Kubernetes' controllers keep in memory.  It
  // is kept from the last plan that had one; "" clears it.
  std::optional<std::string> memo;
  // Called after a failed batch to get a replacement for the rest of the plan (except after a lost
  // condition: then the owner is observed again).  May be null.
  std::function<Plan(const FailureReport&)> on_failure;
};

// Slow start: the number of creations in each batch, 1, 2, 4, ..., whose sum is `count`.
// Kubernetes v1.36 SlowStartInitialBatchSize 1, doubling after each batch without errors.
std::vector<std::size_t> SlowStartBatches(std::size_t count);

}  // namespace kless::controllers
