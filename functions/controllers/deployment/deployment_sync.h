// One reconcile of one Deployment: its decisions about its ReplicaSets, as writes in order.
//
// It works on copies: a decision changes the copy at once, and the resulting write holds the copy's
// final state, so that each ReplicaSet is written once.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/loop/plan.h"
#include "functions/controllers/loop/world.h"

namespace kless::controllers {

class DeploymentSync {
 public:
  // `item` holds the Deployment `id`.
  DeploymentSync(ResourceId id, const ItemPtr& item, World& world);
  ~DeploymentSync();

  // Returns an empty plan while the world has unanswered questions.
  Plan Run();

 private:
  struct Set;
  using SetPtr = std::shared_ptr<Set>;
  using Sets = std::vector<SetPtr>;

  // Collects what the Deployment owns; false if that is not known yet.
  bool Claim();
  bool CheckPaused();

  // Finds the new ReplicaSet, or creates it if `create` is set; false if nothing more can be done
  // now.
  bool SyncRevision(bool create);
  bool CreateNewSet();
  void AdoptRevision();
  Sets OldSets() const;
  Sets AllSets() const;  // old ones, then the new one

  // These return whether they changed a size.
  bool ScaleTo(const SetPtr& set, std::int64_t replicas);
  bool ScaleDownUnhealthy(Sets& old, std::int64_t most);
  bool ScaleDownOld(Sets& old);
  bool ReconcileOld();
  bool ReconcileNew();
  std::int64_t NewSetSize() const;

  // Sets the sizes after spec.replicas has changed, or while the rollout is paused.
  void SyncScale();
  void Scale();
  void ScaleProportionally();
  bool IsScaling() const;

  void RollOut();
  bool Recreate();
  // nullopt if not known yet.
  std::optional<bool> OldPodsRun() const;
  void RollBack();
  void CleanUp();

  void Dirty(const SetPtr& set);
  void Note(const char* type, const char* reason, std::string message);
  void WriteDeployment();
  void WriteStatus(nlohmann::json status);
  void FinishRollout();
  // The status by what was observed, not by what this plan is about to do (CM2).  `rollout` adds
  // the conditions of its progress.
  nlohmann::json Status(bool rollout) const;

  const ResourceId id_;
  const std::string namespace_name_;
  World& world_;
  std::shared_ptr<nlohmann::json> deployment_;
  Sets sets_;
  SetPtr new_;
  Plan plan_;
};

}  // namespace kless::controllers
