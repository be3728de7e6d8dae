// JobWorld: a table in a map, and the smallest driver that carries plans out: it keeps the set of
// pods in the Job's care as the control plane's drivers do, and reconciles until the plan is empty.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/kubernetes/kind.h"
#include "functions/kubernetes/object.h"
#include "store/resource_fields.h"

namespace kless::controllers {

using nlohmann::json;

constexpr std::int64_t kStart = 1767225600'000000000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kSecond = 1'000'000'000;

class JobWorld {
 public:
  // The Job as the API server would have stored it.
  explicit JobWorld(const json& spec, const std::string& name = "j") : job_("default/" + name) {
    json body = json::parse(R"({"spec":{"template":{"spec":{"restartPolicy":"Never",
        "containers":[{"name":"c","image":"b"}]}}}})");
    body["metadata"]["name"] = name;
    body["spec"].merge_patch(spec);
    const kubernetes::Kind& kind = *kubernetes::FindKindByType("job");
    kind.apply_defaults(body);
    const kubernetes::WriteContext context{now, &random_, nullptr};
    kubernetes::PrepareMetadataForCreate(kind, body, "default", context);
    kind.prepare_create(body, context);
    Put({"job", job_}, body.dump());
  }
  // A document put straight into the table.
  struct Raw {};
  JobWorld(Raw, std::string document, const std::string& name = "j") : job_("default/" + name) {
    Put({"job", job_}, std::move(document));
  }

  std::int64_t now = kStart;
  std::vector<std::string> events;  // "Normal SuccessfulCreate Created pod: x"
  std::vector<json> statuses;       // of every write of the Job, in order
  std::vector<std::string> log;     // "create", "edit", "update", "delete" of every write
  std::size_t most_active = 0;      // pods that were not terminal, at any instant
  // Asked before each write; a message makes it fail.
  std::function<std::optional<std::string>(const Write&)> fault;
  // Writes left before the driver dies; -1: it lives.
  int writes_left = -1;

  Plan NextPlan() {
    JobObservation observed;
    observed.job = Get({"job", job_});
    observed.pods = Observe(JobUid(*observed.job));
    observed.unix_nanos = now;
    observed.random = &random_;
    return ReconcileJob(observed);
  }
  // One reconcile.  False: the plan was empty.
  bool Step() {
    if (!JobExists()) return false;
    const Plan plan = NextPlan();
    requeued = plan.requeue_after.has_value();
    if (plan.batches.empty() && plan.events.empty()) return false;
    Execute(plan);
    return true;
  }
  // Until nothing is left to do.
  void Settle() {
    for (int i = 0; i < 200; ++i) {
      if (!Step()) return;
    }
    FAIL() << "the Job never falls silent";
  }
  bool requeued = false;

  json Job() const { return json::parse(items_.at({"job", job_})->document); }
  json Status() const { return Job()["status"]; }
  bool JobExists() const { return items_.count({"job", job_}) > 0; }
  void PatchJob(const json& patch) {
    json job = Job();
    job.merge_patch(patch);
    Put({"job", job_}, job.dump());
  }
  void DeleteJob(bool orphan) {
    const auto rest = kubernetes::DeleteObject(*kubernetes::FindKindByType("job"), Job(),
                                               {.grace_seconds = {}, .orphan = orphan}, now);
    last_ = items_.at({"job", job_});
    if (rest) {
      Put({"job", job_}, rest->dump());
    } else {
      Erase({"job", job_});
    }
  }
  // What the driver does once the Job is gone.
  void CleanUp() { Execute(ReconcileDeletedJob(*last_, Observe(JobUid(*last_)))); }

  std::vector<std::string> PodNames() const {
    std::vector<std::string> names;
    for (const auto& [id, item] : items_) {
      if (id.type == "pod") names.push_back(id.name);
    }
    return names;
  }
  std::vector<std::string> ActivePods() const { return {active_.begin(), active_.end()}; }
  json Pod(const std::string& name) const {
    return json::parse(items_.at({"pod", name})->document);
  }
  const std::string& PodText(const std::string& name) const {
    return items_.at({"pod", name})->document;
  }
  // The pod with a completion index that is active; "" if there is none.
  std::string PodWithIndex(int index) const {
    for (const std::string& name : ActivePods()) {
      if (items_.at({"pod", name})->fields->completion_index == index) return name;
    }
    return "";
  }
  void PatchPod(const std::string& name, const json& patch) {
    json pod = Pod(name);
    pod.merge_patch(patch);
    Put({"pod", name}, pod.dump());
  }
  void SetPhase(const std::string& name, const char* phase) {
    PatchPod(name, {{"status", {{"phase", phase}}}});
  }
  void Run(const std::string& name, bool ready) {
    json patch = {{"spec", {{"nodeName", "n"}}}, {"status", {{"phase", "Running"}}}};
    if (ready) patch["status"]["conditions"] = {{{"type", "Ready"}, {"status", "True"}}};
    PatchPod(name, patch);
  }
  // A user's or kubelet's deletion.
  void DeletePod(const std::string& name, std::optional<std::int64_t> grace = {}) {
    const auto rest = kubernetes::DeleteObject(*kubernetes::FindKindByType("pod"), Pod(name),
                                               {.grace_seconds = grace, .orphan = false}, now);
    if (rest) {
      Put({"pod", name}, rest->dump());
    } else {
      Erase({"pod", name});
    }
  }
  // A pod as another writer might leave it.
  void AddPod(const std::string& name, const json& pod) { Put({"pod", name}, pod.dump()); }
  void Care(const std::string& name) { care_.insert(name); }
  const std::set<std::string>& care() const { return care_; }
  std::size_t Count(const std::string& kind) const {
    return static_cast<std::size_t>(std::count(log.begin(), log.end(), kind));
  }

  std::vector<Dependent> Observe(const std::string& uid) const {
    std::map<std::string, Dependent> pods;
    for (const std::string& name : care_) {
      Dependent promised;
      promised.resource.name = name;
      promised.resource.completion_index = promised_index_.at(name);
      promised.created = false;
      pods[name] = promised;
    }
    for (const auto& [id, item] : items_) {
      if (id.type != "pod" || item->fields->owner_uid != uid) continue;
      const ResourceFields& fields = *item->fields;
      const bool terminal =
          fields.phase == PodPhase::kSucceeded || fields.phase == PodPhase::kFailed;
      if (care_.count(id.name) == 0 && !fields.tracked && !fields.deleting && terminal) continue;
      pods[id.name] = {OwnedResource{id.name, fields.uid, item->version, fields.phase, fields.ready,
                                     fields.deleting, fields.tracked, !fields.node_name.empty(),
                                     fields.completion_index},
                       true};
    }
    std::vector<Dependent> observed;
    for (auto& [name, pod] : pods) observed.push_back(std::move(pod));
    return observed;
  }

  void Execute(Plan plan) {
    // Promises first, as one write.
    for (Batch& batch : plan.batches) {
      for (Write& write : batch.writes) {
        if (write.kind != Write::Kind::kCreate || !write.id.name.ends_with('/')) continue;
        EXPECT_LE(write.generate_name.size(), 58U);
        write.id.name += write.generate_name + random_.NameSuffix();
        promised_index_[write.id.name] = write.completion_index;
        care_.insert(write.id.name);
      }
    }
    FailureReport report;
    for (std::size_t i = 0; i < plan.batches.size(); ++i) {
      for (const Write& write : plan.batches[i].writes) {
        if (writes_left == 0) return;
        if (writes_left > 0) --writes_left;
        const auto message = fault ? fault(write) : std::nullopt;
        if (message) {
          report.batch = i;
          report.kind = write.kind;
          report.resource = write.id.name;
          report.message = *message;
          if (plan.on_failure) Execute(plan.on_failure(report));
          return;
        }
        Do(write);
        if (write.kind == Write::Kind::kCreate) ++report.created;
        for (const std::string& name : write.settles) care_.erase(name);
        if (write.on_success) Say(*write.on_success, write.id.name);
        most_active = std::max(most_active, active_.size());
      }
    }
    for (const EventNote& note : plan.events) Say(note, "");
  }

 private:
  ItemPtr Get(const ResourceId& id) const {
    const auto found = items_.find(id);
    return found == items_.end() ? nullptr : found->second;
  }

  void Put(const ResourceId& id, std::string document) {
    auto item = std::make_shared<Item>();
    item->key = {id.type, id.name};
    item->document = std::move(document);
    item->version = ++sequence_;
    item->fields = ExtractResourceFields(item->document, id.name);
    if (id.type == "pod") {
      const PodPhase phase = item->fields->phase;
      const bool terminal = phase == PodPhase::kSucceeded || phase == PodPhase::kFailed;
      if (terminal || item->fields->deleting) {
        active_.erase(id.name);
      } else {
        active_.insert(id.name);
      }
    }
    items_[id] = item;
  }

  void Erase(const ResourceId& id) {
    if (id.type == "pod") active_.erase(id.name);
    items_.erase(id);
  }

  void PutOrVanish(const ResourceId& id, std::string document) {
    if (kubernetes::ReadyToVanish(*kubernetes::FindKindByType(id.type), json::parse(document))) {
      Erase(id);
    } else {
      Put(id, std::move(document));
    }
  }

  void Do(const Write& write) {
    switch (write.kind) {
      case Write::Kind::kCreate: {
        log.push_back("create");
        ASSERT_EQ(Get(write.id), nullptr);
        const std::string name = write.id.name.substr(write.id.name.find('/') + 1);
        Put(write.id, write.render(name, random_.Uuid()));
        break;
      }
      case Write::Kind::kEdit: {
        log.push_back("edit");
        const ItemPtr item = Get(write.id);
        if (item == nullptr) break;
        if (auto edited = write.edit(item->document)) PutOrVanish(write.id, std::move(*edited));
        break;
      }
      case Write::Kind::kUpdate: {
        log.push_back("update");
        const ItemPtr item = Get(write.id);
        ASSERT_NE(item, nullptr);
        ASSERT_EQ(write.version == 0 ? item->version : write.version, item->version);
        ASSERT_NE(write.document, item->document) << "a write without a change";
        Put(write.id, write.document);
        statuses.push_back(Status());
        break;
      }
      case Write::Kind::kDelete:
        log.push_back("delete");
        if (Get(write.id) != nullptr) DeletePod(write.id.name);
        break;
    }
  }

  void Say(const EventNote& note, const std::string& resource) {
    std::string text = note.type + " " + note.reason + " " + note.message;
    if (note.append_name) text += resource.substr(resource.find('/') + 1);
    events.push_back(std::move(text));
  }

  Random random_{7, "job-world"};
  std::string job_;
  std::map<ResourceId, ItemPtr> items_;
  std::set<std::string> active_;  // pods
  std::uint64_t sequence_ = 0;
  std::set<std::string> care_;
  std::map<std::string, int> promised_index_;
  ItemPtr last_;
};

// "type=status(reason)" of each condition.
inline std::vector<std::string> Conditions(const json& status) {
  std::vector<std::string> texts;
  if (!status.contains("conditions")) return texts;
  for (const json& condition : status["conditions"]) {
    texts.push_back(condition["type"].get<std::string>() + "=" +
                    condition["status"].get<std::string>() + "(" +
                    condition["reason"].get<std::string>() + ")");
  }
  return texts;
}

}  // namespace kless::controllers
