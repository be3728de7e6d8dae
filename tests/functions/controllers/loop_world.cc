#include "tests/functions/controllers/loop_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/kind.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

LoopWorld::LoopWorld(std::vector<ControlLoop> loops, std::int64_t start)
    : start_(start), now_(start) {
  for (ControlLoop& loop : loops) {
    Running running;
    running.loop = std::move(loop);
    loops_.push_back(std::move(running));
  }
}

json LoopWorld::Change::Before() const { return before ? ObjectOf(before) : json(); }
json LoopWorld::Change::After() const { return after ? ObjectOf(after) : json(); }

void LoopWorld::Put(const std::string& type, const std::string& name) {
  Put(type, name, json::object());
}

double LoopWorld::Seconds() const { return SecondsOf(now_); }
double LoopWorld::SecondsOf(std::int64_t unix_nanos) const {
  return static_cast<double>(unix_nanos - start_) / 1e9;
}

void LoopWorld::Write(const ResourceId& id, std::optional<std::string> document) {
  const auto found = items_.find(id);
  const ItemPtr before = found == items_.end() ? nullptr : found->second;
  ItemPtr after;
  ++sequence_;
  if (document) {
    auto item = std::make_shared<Item>();
    item->key = {id.type, id.name};
    item->document = std::move(*document);
    item->version = sequence_;
    item->fields = ExtractResourceFields(item->document, id.name);
    after = std::move(item);
    items_[id] = after;
  } else {
    items_.erase(id);
  }
  Change change;
  change.at = now_;
  change.id = id;
  change.before = before;
  change.after = after;
  changes.push_back(std::move(change));
  for (Running& running : loops_) {
    const auto& types = running.loop.types;
    if (!types.empty() && std::find(types.begin(), types.end(), id.type) == types.end()) continue;
    std::vector<std::string> keys;
    running.loop.keys(id, before, after, &keys);
    for (std::string& key : keys) {
      auto& queue = running.queue;
      if (std::find(queue.begin(), queue.end(), key) == queue.end())
        queue.push_back(std::move(key));
    }
  }
}

// A custom kind's objects are deleted like those of most kinds.
static const kubernetes::Kind& KindOf(const std::string& type) {
  static const kubernetes::Kind kCustom;
  const kubernetes::Kind* kind = kubernetes::FindKindByType(type);
  return kind == nullptr ? kCustom : *kind;
}

void LoopWorld::Put(const std::string& type, const std::string& name, json object) {
  const kubernetes::Kind* kind = kubernetes::FindKindByType(type);
  json& metadata = object["metadata"];
  const std::string local = NamePart(name);
  if (kind != nullptr) {
    kubernetes::SetDefault(object, "apiVersion", kind->ApiVersion());
    kubernetes::SetDefault(object, "kind", kind->kind);
  }
  if (!metadata.is_object()) metadata = json::object();
  metadata["name"] = local;
  if (name.find('/') != std::string::npos) metadata["namespace"] = NamespacePart(name);
  kubernetes::SetDefault(metadata, "uid", "uid-" + local);
  kubernetes::SetDefault(metadata, "creationTimestamp", FormatTime(now_));
  Write({type, name}, object.dump());
}

void LoopWorld::PutRaw(const std::string& type, const std::string& name, std::string document) {
  Write({type, name}, std::move(document));
}

void LoopWorld::Patch(const std::string& type, const std::string& name, const json& patch) {
  const ResourceId id{type, name};
  ASSERT_TRUE(items_.contains(id)) << name;
  json object = ObjectOf(items_[id]);
  object.merge_patch(patch);
  if (kubernetes::ReadyToVanish(KindOf(type), object)) {
    Write(id, std::nullopt);
  } else {
    Write(id, object.dump());
  }
}

void LoopWorld::Delete(const std::string& type, const std::string& name,
                       Deletion::Propagation propagation, std::optional<std::int64_t> grace) {
  Deletion deletion;
  deletion.propagation = propagation;
  deletion.grace_seconds = grace;
  deletion.dependents_only = false;
  DeleteItem({type, name}, deletion);
}

bool LoopWorld::Exists(const std::string& type, const std::string& name) const {
  return items_.contains({type, name});
}

json LoopWorld::Get(const std::string& type, const std::string& name) const {
  const auto found = items_.find({type, name});
  return found == items_.end() ? json() : ObjectOf(found->second);
}

void LoopWorld::DeleteItem(const ResourceId& id, const Deletion& deletion) {
  const auto found = items_.find(id);
  if (found == items_.end()) return;
  const Item& item = *found->second;
  if (!deletion.uid.empty() && deletion.uid != item.fields->uid) return;
  kubernetes::DeletionOptions options;
  options.grace_seconds = deletion.grace_seconds;
  options.orphan = deletion.propagation == Deletion::Propagation::kOrphan;
  options.foreground = deletion.propagation == Deletion::Propagation::kForeground;
  const auto rest =
      kubernetes::DeleteObject(KindOf(id.type), ObjectOf(found->second), options, now_);
  Write(id, rest ? std::optional(rest->dump()) : std::nullopt);
}

void LoopWorld::Edit(const controllers::Write& write) {
  const auto found = items_.find(write.id);
  if (found == items_.end()) return;
  const bool deleting = found->second->fields->deleting;
  std::optional<std::string> document =
      std::get<controllers::Edit>(write.change).apply(found->second->document);
  if (!document) return;
  const bool vanishes =
      deleting && kubernetes::ReadyToVanish(KindOf(write.id.type), ParseJson(*document).value());
  Write(write.id, vanishes ? std::nullopt : std::move(document));
}

bool LoopWorld::Do(const ResourceId& owner, controllers::Write& write) {
  if (const auto* creation = std::get_if<Creation>(&write.change)) {
    if (write.id.type == "pod" && !refusal.empty()) return false;
    if (write.id.name.ends_with('/')) {
      write.id.name += creation->generate_name + random_.NameSuffix();
    }
    if (items_.contains(write.id)) return true;
    Write(write.id, creation->render(NamePart(write.id.name), random_.Uuid()));
  } else if (write.Is<controllers::Edit>()) {
    Edit(write);
  } else if (const auto* deletion = std::get_if<Deletion>(&write.change)) {
    DeleteItem(write.id, *deletion);
  } else {
    const auto& update = std::get<Update>(write.change);
    const auto found = items_.find(write.id);
    EXPECT_NE(found, items_.end()) << write.id.name;
    if (found == items_.end()) return true;
    if (update.version == 0) {
      EXPECT_EQ(write.id, owner);
    } else {
      EXPECT_EQ(update.version, found->second->version) << write.id.name;
    }
    Write(write.id, update.document);
  }
  return true;
}

void LoopWorld::Say(const Running& running, const ResourceId& owner, const EventNote& note,
                    const std::string& name) {
  EventTarget target;
  if (note.about) {
    target = *note.about;
  } else {
    const auto found = items_.find(owner);
    ASSERT_NE(found, items_.end()) << owner.name;
    target = TargetOf(ObjectOf(found->second), found->second->version);
  }
  Event event;
  event.at = now_;
  event.component = running.loop.component;
  event.note = note;
  if (note.append_name) event.note.message += name;
  event.object = target.kind + "/" + target.name;
  events.push_back(std::move(event));
}

bool LoopWorld::Execute(const Running& running, const ResourceId& owner, Plan plan, bool* failed) {
  std::size_t created = 0;
  for (Batch& batch : plan.batches) {
    for (controllers::Write& write : batch.writes) {
      if (writes_left == 0) return false;
      if (writes_left > 0) --writes_left;
      if (!Do(owner, write)) {
        *failed = true;
        if (!plan.on_failure) return true;
        FailureReport report;
        report.created = created;
        report.write = &write;
        report.message = refusal;
        return Execute(running, owner, plan.on_failure(report), failed);
      }
      created += write.Is<Creation>() ? 1 : 0;
      if (write.on_success) Say(running, owner, *write.on_success, NamePart(write.id.name));
    }
  }
  for (const EventNote& note : plan.events) Say(running, owner, note, "");
  return true;
}

void LoopWorld::Answer(const World::Question& question, World& world) const {
  using Kind = World::Question::Kind;
  const ResourceId& asked = question.id;
  std::vector<std::pair<ResourceId, ItemPtr>> listed;
  std::vector<std::pair<ResourceId, ItemPtr>> owned;
  std::vector<ResourceId> dependents;
  std::vector<std::string> pods;
  for (const auto& [id, item] : items_) {
    const ResourceFields& fields = *item->fields;
    if (id.type == asked.type && id.name.starts_with(asked.name)) listed.emplace_back(id, item);
    if (id.type == asked.type && fields.owner_uid == asked.name) owned.emplace_back(id, item);
    const auto& others = fields.other_owners;
    if (fields.owner_uid == asked.name ||
        std::find(others.begin(), others.end(), asked.name) != others.end()) {
      dependents.push_back(id);
    }
    if (id.type == "pod" && fields.node_name == asked.name) pods.push_back(id.name);
  }
  const auto found = items_.find(asked);
  switch (question.kind) {
    case Kind::kGet:
      world.Answer(question, found == items_.end() ? nullptr : found->second);
      return;
    case Kind::kList:
      world.Answer(question, std::move(listed));
      return;
    case Kind::kDependentsOf:
      world.Answer(question, std::move(dependents));
      return;
    case Kind::kOwned:
      world.Answer(question, std::move(owned));
      return;
    case Kind::kPodsOn:
      world.Answer(question, std::move(pods));
      return;
  }
}

bool LoopWorld::Reconcile(Running& running, const std::string& key) {
  ++reconciles;
  World world(now_, random_);
  const std::string memo = running.memos.contains(key) ? running.memos[key] : std::string();
  Reconciliation result;
  while (true) {
    result = running.loop.reconcile(key, memo, world);
    const auto questions = world.TakeQuestions();
    if (questions.empty()) break;
    // Unknown objects must not be acted on.
    for (const World::Question& question : questions) Answer(question, world);
  }
  const std::optional<Duration> requeue = result.plan.requeue_after;
  const std::optional<std::string> next = result.plan.memo;
  bool failed = false;
  const ResourceId owner = result.owner;
  if (!Execute(running, owner, std::move(result.plan), &failed)) return false;
  if (failed) {
    running.timers[key] = now_ + 5'000'000;
    return true;
  }
  if (requeue) running.timers[key] = now_ + requeue->count();
  if (next && next->empty()) running.memos.erase(key);
  if (next && !next->empty()) running.memos[key] = *next;
  return true;
}

void LoopWorld::Settle() {
  bool worked = true;
  for (int rounds = 0; worked; ++rounds) {
    ASSERT_LT(rounds, 10000) << "the loops never come to rest";
    worked = false;
    for (Running& running : loops_) {
      if (running.queue.empty()) continue;
      worked = true;
      const std::string key = running.queue.front();
      running.queue.pop_front();
      if (Reconcile(running, key)) continue;
      writes_left = -1;
      running.queue.push_front(key);
    }
  }
}

double LoopWorld::NextTimer() const {
  std::int64_t next = -1;
  for (const Running& running : loops_) {
    for (const auto& [key, at] : running.timers) next = next < 0 ? at : std::min(next, at);
  }
  return next < 0 ? -1 : static_cast<double>(next - start_) / 1e9;
}

std::size_t LoopWorld::timers() const {
  std::size_t count = 0;
  for (const Running& running : loops_) count += running.timers.size();
  return count;
}

void LoopWorld::RunUntil(double seconds) {
  const auto end = start_ + static_cast<std::int64_t>(seconds * 1e9);
  Settle();
  while (true) {
    std::int64_t next = INT64_MAX;
    for (const Running& running : loops_) {
      for (const auto& [key, at] : running.timers) next = std::min(next, at);
    }
    if (next > end) break;
    now_ = std::max(now_, next);
    for (Running& running : loops_) {
      for (auto timer = running.timers.begin(); timer != running.timers.end();) {
        if (timer->second > now_) {
          ++timer;
          continue;
        }
        running.queue.push_back(timer->first);
        timer = running.timers.erase(timer);
      }
    }
    Settle();
  }
  now_ = std::max(now_, end);
}

void LoopWorld::RunToEnd(double seconds) {
  Settle();
  while (timers() > 0 && NextTimer() <= seconds) RunUntil(NextTimer());
}

std::string LoopWorld::Memo(const std::string& key) const {
  for (const Running& running : loops_) {
    const auto found = running.memos.find(key);
    if (found != running.memos.end()) return found->second;
  }
  return {};
}

json OwnedBy(const std::string& kind, const std::string& name, const std::string& uid,
             bool blocks) {
  return {{"apiVersion", kind == "Job" ? "batch/v1" : "v1"},
          {"kind", kind},
          {"name", name},
          {"uid", uid},
          {"blockOwnerDeletion", blocks}};
}

json Owners(const std::vector<json>& references) {
  return {{"metadata", {{"ownerReferences", references}}}};
}

}  // namespace kless::controllers
