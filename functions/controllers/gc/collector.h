// One pass of the garbage collector over an owner, as far as the world has been observed.
#pragma once

#include <string>
#include <vector>

#include "functions/controllers/gc/owner_references.h"
#include "functions/controllers/loop/plan.h"
#include "functions/controllers/loop/world.h"

namespace kless::controllers {

class Collector {
 public:
  explicit Collector(World& world) : world_(world) {}

  // The owner waits for its dependents: they are deleted, then its finalizer is removed (GC3 to
  // GC6, GC18).
  void Foreground(const ResourceId& owner, const std::string& uid);
  // Its dependents lose the owner reference, then it is deleted (GC9).
  void Orphan(const ResourceId& owner, const std::string& uid);
  // The owner does not exist at these coordinates: each dependent is judged by all of its owners.
  // `report` emits an event if the owner lives in another namespace (GC15, GC16).
  void Absent(const ResourceId& owner, const std::string& uid, bool report);

  // Returns an empty plan while the world has unanswered questions.
  Plan TakePlan();

 private:
  struct Dependents {
    bool known = false;
    std::vector<ResourceId> ids;
    std::vector<ItemPtr> items;  // parallel to ids; never null
  };
  enum class OwnerState { kSolid, kWaiting, kDangling, kUnresolvable };

  const ItemPtr* Get(const ResourceId& id);
  // The object's owners, with custom kinds resolved.
  std::vector<OwnerReference> OwnersOf(const ItemPtr& item, const ResourceId& id);
  Dependents DependentsOf(const std::string& uid);
  OwnerState StateOf(const OwnerReference& reference, const ResourceId& dependent);
  // Deletes the object, removes dangling references, or leaves it.
  void Attempt(const ResourceId& id, const ItemPtr& item);
  void Delete(const ResourceId& id, const ItemPtr& item, bool foreground);
  void ReportForeignOwner(const ResourceId& id, const ItemPtr& item, const OwnerReference& owner);

  World& world_;
  bool pending_ = false;
  // The owner that is known to be missing; its kind may be missing, too.
  ResourceId absent_;
  std::string absent_uid_;
  Batch edits_, deletions_, last_;
  std::vector<EventNote> events_;
};

// Whether the object is being deleted and carries the finalizer.
bool WaitsWith(const ItemPtr& item, const std::string& finalizer);

}  // namespace kless::controllers
