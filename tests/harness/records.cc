#include "tests/harness/records.h"

#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/loop/event_loop.h"

namespace kless::harness {

namespace {

using nlohmann::json;

const ResourceId kJob{"job", "default/a"};

}  // namespace

ItemPtr Records::Make(const ResourceId& id, const json& object) const {
  auto item = std::make_shared<Item>();
  item->key = {id.type, id.name};
  item->document = object.dump();
  item->version = sequence_;
  item->fields = ExtractResourceFields(item->document, id.name);
  return item;
}

void Records::Send(const ResourceId& id, const ItemPtr& before, const ItemPtr& after) {
  harness::Change change;
  change.sequence = sequence_;
  change.unix_nanos = VirtualEventLoop::kDefaultUnixEpochNanos +
                      static_cast<std::int64_t>(sequence_) * kNanosPerSecond;
  change.id = id;
  change.old_image = before;
  change.new_image = after;
  checker.OnChange(change);
}

void Records::Put(const ResourceId& id, const json& object) {
  ++sequence_;
  const ItemPtr before = items_[id];
  items_[id] = Make(id, object);
  Send(id, before, items_[id]);
}

void Records::Remove(const ResourceId& id) {
  ++sequence_;
  Send(id, items_[id], nullptr);
  items_.erase(id);
}

void Records::Change(const ResourceId& id, const json& patch) {
  json object = json::parse(items_[id]->document);
  object.merge_patch(patch);
  Put(id, object);
}

void Records::ChangePod(const std::string& name, const json& patch) {
  Change({"pod", "default/" + name}, patch);
}

void Records::Job(const json& spec) {
  if (items_.contains(kJob)) return Change(kJob, {{"spec", spec}});
  Put(kJob, {{"apiVersion", "batch/v1"},
             {"kind", "Job"},
             {"metadata", {{"name", "a"}, {"namespace", "default"}, {"uid", "job-a"}}},
             {"spec", spec}});
}

void Records::Status(const json& status) {
  json object = json::parse(items_[kJob]->document);
  object["status"] = status;
  Put(kJob, object);
}

void Records::Pod(const std::string& name) { Pod(name, nullptr); }

void Records::Pod(const std::string& name, const json& changes, const std::string& owner) {
  json object = {{"apiVersion", "v1"},
                 {"kind", "Pod"},
                 {"metadata",
                  {{"name", name},
                   {"namespace", "default"},
                   {"uid", "uid-" + name},
                   {"labels", {{"batch.kubernetes.io/controller-uid", owner}}},
                   {"finalizers", json::array({"batch.kubernetes.io/job-tracking"})}}},
                 {"spec", {{"containers", json::array({{{"name", "main"}}})}}},
                 {"status", {{"phase", "Pending"}}}};
  if (!owner.empty()) {
    object["metadata"]["ownerReferences"] = json::array({{{"apiVersion", "batch/v1"},
                                                          {"kind", "Job"},
                                                          {"name", "a"},
                                                          {"uid", owner},
                                                          {"controller", true}}});
  }
  if (!changes.is_null()) object.merge_patch(changes);
  Put({"pod", "default/" + name}, object);
}

std::string Records::Invariant() const {
  return checker.violation() ? checker.violation()->invariant : std::string();
}

}  // namespace kless::harness
