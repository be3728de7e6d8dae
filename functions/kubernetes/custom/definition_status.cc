#include "functions/kubernetes/custom/definition_status.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/custom/approval.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kNamesAccepted = "NamesAccepted";
constexpr const char* kEstablished = "Established";
constexpr const char* kTerminating = "Terminating";
constexpr const char* kNonStructural = "NonStructuralSchema";
constexpr const char* kConformant = "KubernetesAPIApprovalPolicyConformant";

json* ConditionOf(json& definition, const std::string& type) {
  json* conditions = Find(definition, {"status", "conditions"});
  for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
    if (StringAt((*conditions)[i], "type") == type) return &(*conditions)[i];
  }
  return nullptr;
}

void DropCondition(json& definition, const std::string& type) {
  json* conditions = Find(definition, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return;
  const auto gone = std::remove_if(conditions->begin(), conditions->end(), [&](const json& entry) {
    return StringAt(entry, "type") == type;
  });
  conditions->erase(gone, conditions->end());
}

void SetApproval(json& definition, std::int64_t unix_nanos) {
  using State = Approval::State;
  const Approval approval = ApprovalOf(definition);
  if (approval.state == State::kNotNeeded) return;
  const char* reason = approval.state == State::kMissing    ? "MissingAnnotation"
                       : approval.state == State::kInvalid  ? "InvalidAnnotation"
                       : approval.state == State::kBypassed ? "UnapprovedAnnotation"
                                                            : "ApprovedAnnotation";
  SetDefinitionCondition(definition, kConformant, approval.state == State::kApproved, reason,
                         approval.sentence, unix_nanos);
}

// The names that other definitions of the group have taken.
struct TakenNames {
  std::set<std::string> resources, kinds;
};

TakenNames NamesOfOthers(const json& definition, const std::vector<const json*>& others) {
  TakenNames taken;
  const std::string own = StringAt(definition, {"metadata", "name"});
  const std::string group = StringAt(definition, {"spec", "group"});
  for (const json* const item : others) {
    const json& other = *item;
    if (StringAt(other, {"spec", "group"}) != group) continue;
    if (StringAt(other, {"metadata", "name"}) == own) continue;
    const json& names = FindOrEmpty(other, {"status", "acceptedNames"});
    for (const char* member : {"plural", "singular"}) {
      taken.resources.insert(StringAt(names, member));
    }
    const json* short_names = Find(names, "shortNames");
    for (std::size_t i = 0; i < SizeOf(short_names); ++i) {
      if ((*short_names)[i].is_string()) taken.resources.insert((*short_names)[i]);
    }
    for (const char* member : {"kind", "listKind"}) taken.kinds.insert(StringAt(names, member));
  }
  taken.resources.erase("");
  taken.kinds.erase("");
  return taken;
}

// Accepts the names of a definition that are free.
class Acceptance {
 public:
  Acceptance(const json& wanted, const json& accepted, const TakenNames& taken)
      : wanted_(wanted), accepted_(accepted), taken_(taken), names_(accepted) {
    names_["plural"] = StringAt(accepted, "plural");
    names_["kind"] = StringAt(accepted, "kind");
    Take("plural", taken.resources, "PluralConflict");
    Take("singular", taken.resources, "SingularConflict");
    TakeShortNames();
    Take("kind", taken.kinds, "KindConflict");
    Take("listKind", taken.kinds, "ListKindConflict");
    if (const json* categories = Find(wanted, "categories")) {
      names_["categories"] = *categories;
    } else {
      names_.erase("categories");
    }
  }

  const json& names() const { return names_; }
  bool conflict() const { return !reason_.empty(); }
  const std::string& reason() const { return reason_; }
  const std::string& message() const { return message_; }

 private:
  void Refuse(const char* reason, const std::string& message) {
    reason_ = reason;
    message_ = message;
  }

  void Take(const char* member, const std::set<std::string>& taken, const char* reason) {
    const std::string name = StringAt(wanted_, member);
    if (name != StringAt(accepted_, member) && taken.contains(name)) {
      Refuse(reason, DumpJson(json(name)) + " is already in use");
    } else if (!name.empty()) {
      names_[member] = name;
    }
  }

  void TakeShortNames() {
    const json* wanted = Find(wanted_, "shortNames");
    std::string problems;
    for (std::size_t i = 0; i < SizeOf(wanted); ++i) {
      const json& name = (*wanted)[i];
      if (!name.is_string() || !taken_.resources.contains(name.get<std::string>())) continue;
      if (HoldsString(Find(accepted_, "shortNames"), name.get<std::string>())) continue;
      problems += (problems.empty() ? "" : ", ") + DumpJson(name) + " is already in use";
    }
    if (!problems.empty()) {
      Refuse("ShortNamesConflict", problems);
    } else if (SizeOf(wanted) > 0) {
      names_["shortNames"] = *wanted;
    } else {
      names_.erase("shortNames");
    }
  }

  const json& wanted_;
  const json& accepted_;
  const TakenNames& taken_;
  json names_;
  std::string reason_, message_;
};

}  // namespace

bool HasConditionTrue(const json& definition, const std::string& type) {
  const json* conditions = Find(definition, {"status", "conditions"});
  for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
    const json& condition = (*conditions)[i];
    if (StringAt(condition, "type") == type) return StringAt(condition, "status") == "True";
  }
  return false;
}

bool SetDefinitionCondition(json& definition, const std::string& type, bool holds,
                            const std::string& reason, const std::string& message,
                            std::int64_t unix_nanos) {
  json* status = ObjectAt(definition, "status");
  if (status == nullptr) return false;
  json& conditions = (*status)["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  json* condition = ConditionOf(definition, type);
  if (condition == nullptr) condition = &conditions.emplace_back(json{{"type", type}});
  const std::string truth = holds ? "True" : "False";
  const bool moved = StringAt(*condition, "status") != truth;
  if (!moved && StringAt(*condition, "reason") == reason &&
      StringAt(*condition, "message") == message) {
    return false;
  }
  if (moved) (*condition)["lastTransitionTime"] = FormatTime(unix_nanos);
  (*condition)["status"] = truth;
  (*condition)["reason"] = reason;
  (*condition)["message"] = message;
  return true;
}

bool AdvanceDefinition(json& definition, const std::vector<const json*>& others,
                       std::int64_t unix_nanos) {
  const json before = definition;
  json* status = ObjectAt(definition, "status");
  if (status == nullptr) return false;
  RememberStoredVersion(definition);
  DropCondition(definition, kNonStructural);
  const TakenNames taken = NamesOfOthers(definition, others);
  const json accepted = FindOrEmpty(*status, "acceptedNames");
  const Acceptance acceptance(FindOrEmpty(definition, {"spec", "names"}), accepted, taken);
  (*status)["acceptedNames"] = acceptance.names();
  SetDefinitionCondition(definition, kNamesAccepted, !acceptance.conflict(),
                         acceptance.conflict() ? acceptance.reason() : "NoConflicts",
                         acceptance.conflict() ? acceptance.message() : "no conflicts found",
                         unix_nanos);
  if (!HasConditionTrue(definition, kEstablished)) {
    if (acceptance.conflict()) {
      SetDefinitionCondition(definition, kEstablished, false, "NotAccepted",
                             "not all names are accepted", unix_nanos);
    } else if (!HasConditionTrue(before, kNamesAccepted)) {
      SetDefinitionCondition(definition, kEstablished, false, "Installing",
                             "the initial names have been accepted", unix_nanos);
    } else {
      SetDefinitionCondition(definition, kEstablished, true, "InitialNamesAccepted",
                             "the initial names have been accepted", unix_nanos);
    }
  }
  SetApproval(definition, unix_nanos);
  return definition != before;
}

bool RejectDefinition(json& definition, const std::string& problem, std::int64_t unix_nanos) {
  return SetDefinitionCondition(definition, kNonStructural, true, "Violations", problem,
                                unix_nanos);
}

void MarkDefinition(json& definition, std::int64_t unix_nanos) {
  json* metadata = ObjectAt(definition, "metadata");
  if (metadata == nullptr) return;
  json& finalizers = (*metadata)["finalizers"];
  if (!finalizers.is_array()) finalizers = json::array();
  if (!HoldsString(&finalizers, kCleanupFinalizer)) finalizers.push_back(kCleanupFinalizer);
  SetDefinitionCondition(definition, kTerminating, true, "InstanceDeletionPending",
                         "CustomResourceDefinition marked for deletion; CustomResource deletion "
                         "will begin soon",
                         unix_nanos);
}

bool BeginCleanup(json& definition, std::int64_t unix_nanos) {
  return SetDefinitionCondition(definition, kTerminating, true, "InstanceDeletionInProgress",
                                "CustomResource deletion is in progress", unix_nanos);
}

void EndCleanup(json& definition, std::int64_t unix_nanos) {
  SetDefinitionCondition(definition, kTerminating, false, "InstanceDeletionCompleted",
                         "removed all instances", unix_nanos);
  json* finalizers = Find(definition, {"metadata", "finalizers"});
  if (finalizers == nullptr || !finalizers->is_array()) return;
  finalizers->erase(std::remove(finalizers->begin(), finalizers->end(), json(kCleanupFinalizer)),
                    finalizers->end());
}

void RememberStoredVersion(json& definition) {
  json* status = ObjectAt(definition, "status");
  const json* versions = Find(definition, {"spec", "versions"});
  if (status == nullptr) return;
  json& stored = (*status)["storedVersions"];
  if (!stored.is_array()) stored = json::array();
  for (std::size_t i = 0; i < SizeOf(versions); ++i) {
    const std::string name = StringAt((*versions)[i], "name");
    if (BoolAt((*versions)[i], "storage") && !HoldsString(&stored, name)) stored.push_back(name);
  }
}

}  // namespace kless::kubernetes
