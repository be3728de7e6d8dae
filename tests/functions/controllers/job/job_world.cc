#include "tests/functions/controllers/job/job_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/controllers/job/adoption.h"
#include "functions/controllers/job/job_deletion.h"
#include "functions/controllers/job/pod_facts.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/objects/metadata.h"

namespace kless::controllers {

namespace {

const kubernetes::Kind& KindOf(const char* type) { return *kubernetes::FindKindByType(type); }

}  // namespace

JobWorld::JobWorld(const json& spec, const std::string& name) : job_("default/" + name) {
  json body = json::parse(R"({"spec":{"template":{"spec":{"restartPolicy":"Never",
      "containers":[{"name":"c","image":"b"}]}}}})");
  body["metadata"]["name"] = name;
  body["spec"].merge_patch(spec);
  const kubernetes::Kind& kind = KindOf("job");
  kind.apply_defaults(body);
  const kubernetes::WriteContext context{now, &random_, nullptr};
  kubernetes::PrepareMetadataForCreate(kind, body, "default", context);
  kind.prepare_create(body, context);
  Put({"job", job_}, body.dump());
}

JobWorld::JobWorld(Raw, std::string document, const std::string& name) : job_("default/" + name) {
  Put({"job", job_}, std::move(document));
}

JobWorld::~JobWorld() = default;

Plan JobWorld::NextPlan() {
  OwnerObservation observed;
  observed.owner = Get({"job", job_});
  observed.dependents = Observe(OwnerUid(*observed.owner));
  observed.unix_nanos = now;
  observed.random = &random_;
  observed.memo = memo;
  if (MayAdopt(*observed.owner)) {
    for (const auto& [id, item] : items_) {
      if (id.type != "pod" || !item->fields->owner_uid.empty()) continue;
      observed.orphans.push_back({MakeOwnedResource(id.name, *item), true, item});
    }
  }
  if (reads_pods) {
    std::size_t at = 0;
    for (const std::string& name : PodsToRead(*observed.owner, observed.dependents)) {
      while (observed.dependents[at].resource.name != name) ++at;
      observed.dependents[at].item = Get({"pod", name});
    }
  }
  return ReconcileJob(observed);
}

bool JobWorld::Step() {
  if (!JobExists()) return false;
  Plan plan = NextPlan();
  const bool empty = plan.batches.empty() && plan.events.empty();
  Execute(std::move(plan));
  return !empty;
}

void JobWorld::Wait() {
  ASSERT_TRUE(requeue_at.has_value()) << "the Job waits for nothing";
  now = std::max(now, *requeue_at);
  requeue_at.reset();
  Settle();
}

void JobWorld::Settle() {
  for (int i = 0; i < 200; ++i) {
    if (!Step()) return;
  }
  FAIL() << "the Job never falls silent";
}

void JobWorld::Execute(Plan plan) {
  // Adds promises first, as one write.
  for (Batch& batch : plan.batches) {
    for (Write& write : batch.writes) {
      const Creation* creation = std::get_if<Creation>(&write.change);
      if (creation == nullptr || !write.id.name.ends_with('/')) continue;
      EXPECT_LE(creation->generate_name.size(), 58U);
      write.id.name += creation->generate_name + random_.NameSuffix();
      promised_index_[write.id.name] = creation->completion_index;
      care_.insert(write.id.name);
    }
  }
  FailureReport report;
  for (const Batch& batch : plan.batches) {
    for (const Write& write : batch.writes) {
      if (writes_left == 0) return;
      if (writes_left > 0) --writes_left;
      const auto message = fault ? fault(write) : std::nullopt;
      if (message) {
        report.write = &write;
        report.reason = fault_reason;
        report.message = *message;
        if (plan.on_failure) Execute(plan.on_failure(report));
        return;
      }
      Do(write);
      if (write.Is<Creation>()) ++report.created;
      for (const std::string& name : write.settles) care_.erase(name);
      if (write.on_success) Say(*write.on_success, write.id.name);
      most_active = std::max(most_active, active_.size());
    }
  }
  for (const EventNote& note : plan.events) Say(note, "");
  if (plan.memo) memo = *plan.memo;
  if (plan.requeue_after > Duration::zero()) requeue_at = now + plan.requeue_after->count();
}

bool JobWorld::JobExists() const { return items_.count({"job", job_}) > 0; }
json JobWorld::Job() const { return json::parse(items_.at({"job", job_})->document); }
json JobWorld::Status() const { return Job()["status"]; }
const std::vector<json>& JobWorld::statuses() const { return statuses_; }
void JobWorld::ForgetStatuses() { statuses_.clear(); }

void JobWorld::PatchJob(const json& patch) {
  json job = Job();
  job.merge_patch(patch);
  Put({"job", job_}, job.dump());
}

void JobWorld::DeleteJob(bool orphan) {
  const auto rest =
      kubernetes::DeleteObject(KindOf("job"), Job(), {.grace_seconds = {}, .orphan = orphan}, now);
  last_ = items_.at({"job", job_});
  if (rest) {
    Put({"job", job_}, rest->dump());
  } else {
    Erase({"job", job_});
  }
}

void JobWorld::CleanUp() { Execute(ReconcileDeletedJob(*last_, Observe(OwnerUid(*last_)))); }

std::vector<std::string> JobWorld::PodNames() const {
  std::vector<std::string> names;
  for (const auto& [id, item] : items_) {
    if (id.type == "pod") names.push_back(id.name);
  }
  return names;
}

std::vector<std::string> JobWorld::ActivePods() const { return {active_.begin(), active_.end()}; }
json JobWorld::Pod(const std::string& name) const { return json::parse(PodText(name)); }
const std::string& JobWorld::PodText(const std::string& name) const {
  return items_.at({"pod", name})->document;
}

std::string JobWorld::PodWithIndex(int index) const {
  for (const std::string& name : active_) {
    if (items_.at({"pod", name})->fields->completion_index == index) return name;
  }
  return "";
}

void JobWorld::PatchPod(const std::string& name, const json& patch) {
  json pod = Pod(name);
  pod.merge_patch(patch);
  Put({"pod", name}, pod.dump());
}

void JobWorld::SetPhase(const std::string& name, const char* phase) {
  PatchPod(name, {{"status", {{"phase", phase}}}});
}

void JobWorld::Exit(const std::string& name, int exit_code) {
  json terminated = {{"exitCode", exit_code}, {"finishedAt", FormatTime(now)}};
  json status = {{"name", "c"}, {"restartCount", 0}};
  status["state"]["terminated"] = std::move(terminated);
  json patch;
  patch["status"]["phase"] = exit_code == 0 ? "Succeeded" : "Failed";
  patch["status"]["containerStatuses"] = json::array({std::move(status)});
  PatchPod(name, patch);
}

void JobWorld::Run(const std::string& name, bool ready) {
  json patch = {{"spec", {{"nodeName", "n"}}}, {"status", {{"phase", "Running"}}}};
  if (ready) patch["status"]["conditions"] = {{{"type", "Ready"}, {"status", "True"}}};
  PatchPod(name, patch);
}

void JobWorld::DeletePod(const std::string& name, std::optional<std::int64_t> grace) {
  const auto rest = kubernetes::DeleteObject(KindOf("pod"), Pod(name),
                                             {.grace_seconds = grace, .orphan = false}, now);
  if (rest) {
    Put({"pod", name}, rest->dump());
  } else {
    Erase({"pod", name});
  }
}

void JobWorld::AddPod(const std::string& name, const json& pod) { Put({"pod", name}, pod.dump()); }

std::size_t JobWorld::Count(const std::string& kind) const {
  return static_cast<std::size_t>(std::count(log.begin(), log.end(), kind));
}

std::vector<Dependent> JobWorld::Observe(const std::string& uid) const {
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
    pods[id.name] = {MakeOwnedResource(id.name, *item), true, nullptr};
  }
  std::vector<Dependent> observed;
  for (auto& [name, pod] : pods) observed.push_back(std::move(pod));
  return observed;
}

ItemPtr JobWorld::Get(const ResourceId& id) const {
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : found->second;
}

void JobWorld::Put(const ResourceId& id, std::string document) {
  auto item = std::make_shared<Item>();
  item->key = {id.type, id.name};
  item->document = std::move(document);
  item->version = ++sequence_;
  item->fields = ExtractResourceFields(item->document, id.name);
  if (id.type == "pod") {
    if (IsTerminal(item->fields->phase) || item->fields->deleting) {
      active_.erase(id.name);
    } else {
      active_.insert(id.name);
    }
  }
  items_[id] = item;
}

void JobWorld::PutOrVanish(const ResourceId& id, std::string document) {
  if (kubernetes::ReadyToVanish(KindOf(id.type.c_str()), json::parse(document))) {
    Erase(id);
  } else {
    Put(id, std::move(document));
  }
}

void JobWorld::Erase(const ResourceId& id) {
  if (id.type == "pod") active_.erase(id.name);
  items_.erase(id);
}

void JobWorld::Do(const Write& write) {
  const ItemPtr item = Get(write.id);
  if (const auto* creation = std::get_if<Creation>(&write.change)) {
    log.push_back("create");
    ASSERT_EQ(item, nullptr);
    const std::string name = write.id.name.substr(write.id.name.find('/') + 1);
    Put(write.id, creation->render(name, random_.Uuid()));
  } else if (const auto* edit = std::get_if<Edit>(&write.change)) {
    log.push_back("edit");
    if (item == nullptr) return;
    if (auto edited = edit->apply(item->document)) PutOrVanish(write.id, std::move(*edited));
  } else if (const auto* update = std::get_if<Update>(&write.change)) {
    log.push_back("update");
    ASSERT_NE(item, nullptr);
    ASSERT_EQ(update->version == 0 ? item->version : update->version, item->version);
    ASSERT_NE(update->document, item->document) << "a write without a change";
    Put(write.id, update->document);
    statuses_.push_back(Status());
  } else {
    log.push_back("delete");
    if (item != nullptr) DeletePod(write.id.name);
  }
}

void JobWorld::Say(const EventNote& note, const std::string& resource) {
  std::string text = note.type + " " + note.reason + " " + note.message;
  if (note.append_name) text += resource.substr(resource.find('/') + 1);
  events.push_back(std::move(text));
}

std::vector<std::string> Conditions(const json& status) {
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
