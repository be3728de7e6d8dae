#include "functions/kubernetes/apply/server_side_apply.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/apply/field_changes.h"
#include "functions/kubernetes/apply/merge.h"
#include "functions/kubernetes/apply/type_problems.h"
#include "functions/kubernetes/types/field_validation.h"
#include "functions/kubernetes/types/schema.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kBeforeFirstApply = "before-first-apply";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
// The manager of kubectl apply --server-side.
constexpr const char* kKubectl = "kubectl";

std::string ManagerText(const ManagedFieldsEntry& entry) {
  std::string text = DumpJson(json(entry.manager));
  if (!entry.subresource.empty()) text += " with subresource " + DumpJson(json(entry.subresource));
  if (entry.operation == "Update") text += " using " + entry.api_version;
  return text;
}

struct Conflict {
  const ManagedFieldsEntry* manager;
  FieldSet fields;
};

ApplyProblem Refused(std::vector<Conflict> conflicts) {
  ApplyProblem problem;
  problem.code = 409;
  std::sort(conflicts.begin(), conflicts.end(), [](const Conflict& a, const Conflict& b) {
    return ManagerText(*a.manager) < ManagerText(*b.manager);
  });
  std::string lines;
  for (const Conflict& conflict : conflicts) {
    const std::string with = ManagerText(*conflict.manager);
    if (!lines.empty()) lines += '\n';
    lines += "conflicts with " + with + ":";
    for (std::string& path : conflict.fields.Paths()) {
      lines += "\n- " + path;
      problem.conflicts.push_back(
          {std::move(path), "FieldManagerConflict", "conflict with " + with});
    }
  }
  const std::size_t count = problem.conflicts.size();
  problem.message = count == 1
                        ? "Apply failed with 1 conflict: " + problem.conflicts[0].message + ": " +
                              problem.conflicts[0].field
                        : "Apply failed with " + std::to_string(count) + " conflicts: " + lines;
  return problem;
}

// Returns the problem if the configuration does not fit the schema, or nullopt.
std::optional<ApplyProblem> Untyped(const Kind& kind, const json& configuration) {
  const auto fail = [&](const std::string& why) {
    return ApplyProblem{500,
                        "failed to create typed patch object (" +
                            StringAt(configuration, {"metadata", "namespace"}) + "/" +
                            StringAt(configuration, {"metadata", "name"}) + "; " +
                            (kind.group.empty() ? "/" + kind.version : kind.ApiVersion()) +
                            ", Kind=" + kind.kind + "): " + why,
                        {}};
  };
  std::vector<std::string> problems = TypeProblems(kind.schema, configuration);
  json copy = configuration;
  for (const std::string& problem : DropUnknownFields(kind.schema, copy)) {
    // The message `unknown field "a.b"` has the path in quotes.
    const std::size_t quote = problem.find('"') + 1;
    const std::string path = problem.substr(quote, problem.size() - quote - 1);
    problems.push_back("." + path + ": field not declared in schema");
  }
  if (problems.empty()) return std::nullopt;
  if (problems.size() == 1) return fail(problems[0]);
  std::string why = "errors:";
  for (const std::string& problem : problems) why += "\n  " + problem;
  return fail(why);
}

// The fields that client-side apply set and that have not changed since: kubectl takes them over.
FieldSet LastAppliedFields(const Kind& kind, const json& live) {
  const std::string text = StringAt(live, {"metadata", "annotations", kLastApplied});
  const auto last = ParseJson(text);
  if (text.empty() || last.has_error() || !last->is_object()) return {};
  FieldSet fields = AllFields(kind.schema, last.value());
  const FieldChanges changes = Compare(kind.schema, &live, &last.value(), false);
  fields.Subtract(changes.Taken());
  return fields;
}

FieldSet UnionOf(const std::vector<ManagedFieldsEntry>& entries) {
  FieldSet all;
  for (const ManagedFieldsEntry& entry : entries) all.Add(entry.fields);
  return all;
}

class Application {
 public:
  Application(const Kind& kind, const json& live, const FieldWriter& writer)
      : kind_(kind), live_(live), entries_(DecodeManagedFields(live)) {
    mine_.manager = writer.manager;
    mine_.operation = "Apply";
    mine_.api_version = kind.ApiVersion();
    mine_.subresource = writer.subresource;
    mine_.time = FormatTime(writer.unix_nanos);
    if (json* metadata = Find(live_, "metadata")) Erase(*metadata, "managedFields");
    if (entries_.empty()) TrackWhatIsThere(writer);
    const auto same = std::stable_partition(
        entries_.begin(), entries_.end(),
        [&](const ManagedFieldsEntry& entry) { return !entry.IsSameManager(mine_); });
    if (same != entries_.end()) before_ = std::move(entries_.back());
    entries_.erase(same, entries_.end());
  }

  std::optional<ApplyProblem> Run(const json& configuration, bool force, json* object,
                                  json* managed_fields) {
    mine_.fields = AllFields(kind_.schema, configuration);
    DropUnowned(kind_, mine_.subresource, mine_.fields);
    *object = MergeApplied(kind_.schema, live_, configuration);
    Prune(*object);
    FieldChanges changes = Compare(kind_.schema, &live_, object, false);
    for (FieldSet* set : {&changes.added, &changes.modified, &changes.removed}) {
      DropUnowned(kind_, mine_.subresource, *set);
    }
    if (auto problem = TakeFromOthers(changes, force)) return problem;
    // If neither the object nor its owners change, the time is kept.
    if (*object == live_ && mine_.fields == before_.fields) mine_.time = before_.time;
    entries_.push_back(std::move(mine_));
    *managed_fields = EncodeManagedFields(std::move(entries_));
    return std::nullopt;
  }

 private:
  void TrackWhatIsThere(const FieldWriter& writer) {
    ManagedFieldsEntry entry;
    entry.manager = kBeforeFirstApply;
    entry.operation = "Update";
    entry.api_version = kind_.ApiVersion();
    entry.time = FormatTime(writer.unix_nanos);
    entry.fields = CreatedFields(kind_.schema, live_);
    DropUnowned(kind_, "", entry.fields);
    if (!entry.fields.Empty()) entries_.push_back(std::move(entry));
  }

  // Removes the fields that this manager applied before and no longer applies, unless another
  // manager owns them.
  void Prune(json& object) const {
    if (before_.fields.Empty()) return;
    FieldSet owned = UnionOf(entries_);
    owned.Add(mine_.fields);
    FieldSet dropped = before_.fields.WithContainers();
    dropped.Subtract(owned.WithContainers());
    RemoveFields(kind_.schema, dropped, object);
  }

  // Returns the conflict if other managers own changed fields and `force` is not set.
  std::optional<ApplyProblem> TakeFromOthers(const FieldChanges& changes, bool force) {
    const FieldSet taken = changes.Taken();
    std::vector<Conflict> conflicts;
    FieldSet allowed;
    bool looked = false;
    for (const ManagedFieldsEntry& entry : entries_) {
      Conflict conflict{&entry, entry.fields.Intersection(taken)};
      if (conflict.fields.Empty() || force) continue;
      if (mine_.manager == kKubectl && !std::exchange(looked, true)) {
        allowed = LastAppliedFields(kind_, live_);
      }
      conflict.fields.Subtract(allowed);
      if (!conflict.fields.Empty()) conflicts.push_back(std::move(conflict));
    }
    if (!conflicts.empty()) return Refused(std::move(conflicts));
    for (ManagedFieldsEntry& entry : entries_) {
      entry.fields.Subtract(taken);
      entry.fields.Subtract(changes.removed);
    }
    return std::nullopt;
  }

  const Kind& kind_;
  json live_;
  std::vector<ManagedFieldsEntry> entries_;  // of the other managers
  ManagedFieldsEntry mine_;
  ManagedFieldsEntry before_;  // this manager's previous entry
};

}  // namespace

std::optional<ApplyProblem> ApplyConfiguration(const Kind& kind, const json* live,
                                               const json& configuration, const FieldWriter& writer,
                                               bool force, json* object, json* managed_fields) {
  if (Find(configuration, {"metadata", "managedFields"}) != nullptr) {
    return ApplyProblem{400, "metadata.managedFields must be nil", {}};
  }
  if (auto problem = Untyped(kind, configuration)) return problem;
  Application application(kind, live == nullptr ? json::object() : *live, writer);
  return application.Run(configuration, force, object, managed_fields);
}

}  // namespace kless::kubernetes
