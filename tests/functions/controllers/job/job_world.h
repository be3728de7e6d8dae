// JobWorld: a table in a map, and the smallest driver that carries plans out: like the control
// planes' drivers it keeps the set of pods in the Job's care, and it reconciles until the plan is
// empty.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "functions/controllers/job/job_controller.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using nlohmann::json;

constexpr std::int64_t kStart = 1767225600'000000000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kSecond = 1'000'000'000;

class JobWorld {
 public:
  // The Job as the API server would have stored it.
  explicit JobWorld(const json& spec, const std::string& name = "j");
  // A document put straight into the table.
  struct Raw {};
  JobWorld(Raw, std::string document, const std::string& name = "j");
  ~JobWorld();

  std::int64_t now = kStart;
  std::vector<std::string> events;  // "Normal SuccessfulCreate Created pod: x"
  std::vector<std::string> log;     // "create", "edit", "update", "delete" of every write
  std::size_t most_active = 0;      // pods that were not terminal, at any instant
  // Called before each write; a returned message makes it fail.
  std::function<std::optional<std::string>(const Write&)> fault;
  FailureReport::Reason fault_reason = FailureReport::Reason::kOther;
  // Writes left before the driver dies; -1: it does not die.
  int writes_left = -1;
  // Kept as by the drivers: from the last plan that had one and was carried out to its end.
  std::string memo;
  std::optional<std::int64_t> requeue_at;  // Unix nanoseconds
  bool reads_pods = true;                  // whether the driver shows requested pods

  Plan NextPlan();
  // Performs one reconcile.  Returns false if the plan was empty.
  bool Step();
  // Reconciles until nothing is left to do.
  void Settle();
  // Advances to the time that the last plan requested, then settles.
  void Wait();
  void Execute(Plan plan);

  bool JobExists() const;
  json Job() const;
  json Status() const;
  // The status of every write of the Job, in order.
  const std::vector<json>& statuses() const;
  void ForgetStatuses();
  void PatchJob(const json& patch);
  void DeleteJob(bool orphan);
  // The driver's work once the Job is gone.
  void CleanUp();

  std::vector<std::string> PodNames() const;
  std::vector<std::string> ActivePods() const;
  json Pod(const std::string& name) const;
  const std::string& PodText(const std::string& name) const;
  // The active pod with a completion index; "" if there is none.
  std::string PodWithIndex(int index) const;
  void PatchPod(const std::string& name, const json& patch);
  void SetPhase(const std::string& name, const char* phase);
  // Ends its container now with this code: Succeeded or Failed.
  void Exit(const std::string& name, int exit_code);
  // Binds it to a node and runs it.
  void Run(const std::string& name, bool ready);
  // Deletes it as a user or kubelet does.
  void DeletePod(const std::string& name, std::optional<std::int64_t> grace = {});
  // A pod as another writer might leave it.
  void AddPod(const std::string& name, const json& pod);

  const std::set<std::string>& care() const { return care_; }
  std::size_t Count(const std::string& kind) const;
  std::vector<Dependent> Observe(const std::string& uid) const;

 private:
  ItemPtr Get(const ResourceId& id) const;
  void Put(const ResourceId& id, std::string document);
  void PutOrVanish(const ResourceId& id, std::string document);
  void Erase(const ResourceId& id);
  void Do(const Write& write);
  void Say(const EventNote& note, const std::string& resource);

  Random random_{7, "job-world"};
  std::string job_;
  std::map<ResourceId, ItemPtr> items_;
  std::set<std::string> active_;  // pods
  std::uint64_t sequence_ = 0;
  std::set<std::string> care_;
  std::map<std::string, int> promised_index_;
  ItemPtr last_;
  std::vector<json> statuses_;
};

// "type=status(reason)" of each condition.
std::vector<std::string> Conditions(const json& status);

}  // namespace kless::controllers
