#include "functions/kubernetes/apply/managed_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "emulator/base/strings.h"
#include "functions/kubernetes/apply/field_changes.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Further entries of updates are merged into one, the oldest first.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal/capmanagers.go
constexpr std::size_t kMaxUpdateManagers = 10;
constexpr const char* kAncientChanges = "ancient-changes";

ManagedFieldsEntry NewEntry(const Kind& kind, const char* operation, const FieldWriter& writer) {
  ManagedFieldsEntry entry;
  entry.manager = writer.manager.empty() ? "unknown" : writer.manager;
  entry.operation = operation;
  entry.api_version = kind.ApiVersion();
  entry.subresource = writer.subresource;
  entry.time = FormatTime(writer.unix_nanos);
  return entry;
}

bool InOrder(const ManagedFieldsEntry& a, const ManagedFieldsEntry& b) {
  return std::tie(a.operation, a.time, a.manager, a.api_version, a.subresource) <
         std::tie(b.operation, b.time, b.manager, b.api_version, b.subresource);
}

// managedFields: [{}] requests that they be cleared.
bool AsksForReset(const json& object) {
  const json* list = Find(object, {"metadata", "managedFields"});
  return list != nullptr && list->is_array() && list->size() == 1 && (*list)[0].is_object() &&
         (*list)[0].empty();
}

// Entries are sorted: the oldest come first.
void CapManagers(const Kind& kind, std::vector<ManagedFieldsEntry>& entries) {
  const auto is_update = [](const ManagedFieldsEntry& entry) {
    return entry.operation == "Update";
  };
  auto updates = static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), is_update));
  if (updates <= kMaxUpdateManagers) return;
  ManagedFieldsEntry ancient;
  ancient.manager = kAncientChanges;
  ancient.operation = "Update";
  ancient.api_version = kind.ApiVersion();
  std::vector<ManagedFieldsEntry> kept;
  for (ManagedFieldsEntry& entry : entries) {
    // One entry more than the excess is merged, since the merged entry itself counts.
    if (is_update(entry) && updates >= kMaxUpdateManagers &&
        entry.api_version == ancient.api_version) {
      ancient.fields.Add(entry.fields);
      ancient.time = entry.time;
      --updates;
    } else {
      kept.push_back(std::move(entry));
    }
  }
  kept.push_back(std::move(ancient));
  entries = std::move(kept);
}

}  // namespace

bool ManagedFieldsEntry::IsSameManager(const ManagedFieldsEntry& other) const {
  return manager == other.manager && operation == other.operation &&
         subresource == other.subresource &&
         (operation == "Apply" || api_version == other.api_version);
}

std::vector<ManagedFieldsEntry> DecodeManagedFields(const json& object) {
  std::vector<ManagedFieldsEntry> entries;
  const json* list = Find(object, {"metadata", "managedFields"});
  if (list == nullptr || !list->is_array()) return entries;
  for (const json& element : *list) {
    ManagedFieldsEntry entry;
    entry.manager = StringAt(element, "manager");
    entry.operation = StringAt(element, "operation");
    entry.api_version = StringAt(element, "apiVersion");
    entry.subresource = StringAt(element, "subresource");
    entry.time = StringAt(element, "time");
    entry.fields = FieldSet::FromJson(FindOrEmpty(element, "fieldsV1"));
    if (entry.operation == "Apply" || entry.operation == "Update") {
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

json EncodeManagedFields(std::vector<ManagedFieldsEntry> entries) {
  std::sort(entries.begin(), entries.end(), InOrder);
  json list = json::array();
  for (const ManagedFieldsEntry& entry : entries) {
    if (entry.fields.Empty()) continue;
    json element = {{"manager", entry.manager},
                    {"operation", entry.operation},
                    {"apiVersion", entry.api_version},
                    {"fieldsType", "FieldsV1"},
                    {"fieldsV1", entry.fields.ToJson()}};
    if (!entry.subresource.empty()) element["subresource"] = entry.subresource;
    if (!entry.time.empty()) element["time"] = entry.time;
    list.push_back(std::move(element));
  }
  return list;
}

void SetManagedFields(json& object, json managed_fields) {
  json* metadata = ObjectAt(object, "metadata");
  if (metadata == nullptr) return;
  if (managed_fields.is_array() && !managed_fields.empty()) {
    (*metadata)["managedFields"] = std::move(managed_fields);
  } else {
    metadata->erase("managedFields");
  }
}

void DropUnowned(const Kind& kind, const std::string& subresource, FieldSet& fields) {
  for (const char* member : {"f:apiVersion", "f:kind"}) fields.Erase(member);
  if (fields.Find("f:metadata") != nullptr) {
    FieldSet& metadata = fields.At("f:metadata");
    metadata.member = false;
    for (const char* member : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink",
                               "f:uid", "f:generation", "f:managedFields", "f:resourceVersion"}) {
      metadata.Erase(member);
    }
    if (metadata.Empty()) fields.Erase("f:metadata");
  }
  if (subresource == "status") fields.Erase("f:spec");
  if (subresource.empty() && kind.has_status) fields.Erase("f:status");
  fields.member = false;
}

json ManagedFieldsOfCreate(const Kind& kind, const json& object, const FieldWriter& writer) {
  ManagedFieldsEntry entry = NewEntry(kind, "Update", writer);
  entry.fields = CreatedFields(kind.schema, object);
  DropUnowned(kind, writer.subresource, entry.fields);
  std::vector<ManagedFieldsEntry> entries;
  entries.push_back(std::move(entry));
  return EncodeManagedFields(std::move(entries));
}

json ManagedFieldsOfUpdate(const Kind& kind, const json& object, const json& old,
                           const FieldWriter& writer) {
  if (AsksForReset(object)) return nullptr;
  std::vector<ManagedFieldsEntry> entries;
  if (writer.subresource.empty()) entries = DecodeManagedFields(object);
  if (entries.empty()) entries = DecodeManagedFields(old);
  FieldChanges changes = Compare(kind.schema, &old, &object, false);
  for (FieldSet* set : {&changes.added, &changes.modified, &changes.removed}) {
    DropUnowned(kind, writer.subresource, *set);
  }
  ManagedFieldsEntry mine = NewEntry(kind, "Update", writer);
  mine.fields = changes.Taken();
  for (ManagedFieldsEntry& entry : entries) {
    entry.fields.Subtract(mine.fields);
    entry.fields.Subtract(changes.removed);
  }
  if (!mine.fields.Empty()) {
    for (ManagedFieldsEntry& entry : entries) {
      if (!entry.IsSameManager(mine)) continue;
      mine.fields.Add(entry.fields);
      entry.fields = {};
    }
    entries.push_back(std::move(mine));
  }
  std::erase_if(entries, [](const ManagedFieldsEntry& entry) { return entry.fields.Empty(); });
  std::sort(entries.begin(), entries.end(), InOrder);
  CapManagers(kind, entries);
  return EncodeManagedFields(std::move(entries));
}

}  // namespace kless::kubernetes
