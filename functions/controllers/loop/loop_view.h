// LoopView: the capability of a loop that decides from a view of many objects, which it keeps in
// memory: the scheduler.
//
// A driver fills the view from a list and then from the feed, in order; asks for steps while there
// are any; carries each out; and reports those that failed.  All of a view may be lost and rebuilt
// from a list.  `unix_nanos` must not decrease between calls.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

// The key of a loop with a view: it has only one.
constexpr const char* kViewKey = "queue";

// One thing to do about one object.
struct ViewStep {
  ResourceId id;
  EventTarget target;  // the object as observed, with its uid and version
  // The resource of which the step takes a share, such as the node of a binding; "": none.  In the
  // serverless control plane the write is a transaction with the claim of that name
  // (emulator/control_planes/DESIGN.md, "No node twice").
  std::string claim;
  // With a claim: returns the object's new document, or nullopt if it can no longer be written.
  std::function<std::optional<std::string>(const std::string& document, std::int64_t unix_nanos)>
      take;
  // With a claim, what follows that write: only events.  Otherwise all that there is to do.
  Plan plan;
  // Whether the view counts on the step's success, so that it must learn of a failure.
  bool assumed = false;
};

class LoopView {
 public:
  virtual ~LoopView() = default;
  // Observes one object of a list (old_image null) or one change, in feed order.
  virtual void Observe(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                       std::int64_t unix_nanos) = 0;
  // Whether Next would return a step.
  virtual bool HasActive(std::int64_t unix_nanos) const = 0;
  // When HasActive becomes true if nothing happens.  nullopt: never.
  virtual std::optional<std::int64_t> NextWake() const = 0;
  virtual std::optional<ViewStep> Next(std::int64_t unix_nanos) = 0;
  // A step with `assumed` was not carried out.
  virtual void Undo(const ViewStep& step, std::int64_t unix_nanos) = 0;
};

}  // namespace kless::controllers
