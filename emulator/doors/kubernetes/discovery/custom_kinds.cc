#include "emulator/doors/kubernetes/discovery/custom_kinds.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "emulator/base/json.h"
#include "functions/kubernetes/custom/custom_kinds.h"
#include "functions/kubernetes/custom/definition_rules.h"
#include "functions/kubernetes/custom/definition_status.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/decode_problem.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::kDefinitionType;
using kubernetes::Kind;
using kubernetes::KindPtr;
using nlohmann::json;

namespace {

constexpr int kDefinitionRecordsPerRead = 512;
constexpr int kDefinitionsPerRead = 100;

const Kind& DefinitionKind() {
  static const Kind& kKind = *kubernetes::FindKindByType(kDefinitionType);
  return kKind;
}

// Why a definition cannot be served; it may have been put into the table raw.
std::string ProblemOf(const json& definition) {
  if (const auto problem = kubernetes::DecodeProblem(DefinitionKind(), definition)) return *problem;
  const auto errors = kubernetes::ValidateServedDefinition(definition);
  if (errors.empty()) return "";
  return errors.front().field + ": " + errors.front().message;
}

}  // namespace

void CustomKinds::CatchUp() {
  if (!listed_) List();
  while (position_ < context_.store.feed().Latest()) {
    const auto records = context_.store.feed().Read(position_, kDefinitionRecordsPerRead);
    if (records.has_error()) return List();  // trimmed
    if (records.value().empty()) return;
    for (const RecordPtr& record : records.value()) {
      position_ = record->sequence;
      OnRecord(*record);
    }
  }
}

void CustomKinds::List() {
  listed_ = false;
  position_ = context_.store.feed().Latest();
  std::set<std::string> gone;
  for (const auto& [name, definition] : definitions_) gone.insert(name);
  std::string after;
  for (bool more = true; more;) {
    const auto page = context_.resources().List(kDefinitionType, "", after, kDefinitionsPerRead);
    if (page.has_error()) return;
    more = page.value().more;
    for (const ItemPtr& item : page.value().items) {
      after = context_.resources().IdOf(item->key).name;
      gone.erase(after);
      Update(after, item);
    }
  }
  for (const std::string& name : gone) Update(name, nullptr);
  listed_ = true;
}

void CustomKinds::OnRecord(const ChangeRecord& record) {
  const ResourceTable& resources = context_.resources();
  // Records of other types, which are nearly all, are skipped here.
  const bool type_first = resources.layout() == KeyLayout::kTypeName;
  const std::string& type = type_first ? record.key.partition : record.key.sort;
  const bool definition = type == kDefinitionType;
  if (!definition && (definitions_.empty() || record.new_image != nullptr)) return;
  if (record.table != resources.table().description().id) return;
  if (definition) {
    Update(type_first ? record.key.sort : record.key.partition, record.new_image);
  } else if (definitions_.contains(type)) {
    touched_.insert(type);
  }
}

void CustomKinds::Update(const std::string& name, const ItemPtr& item) {
  touched_.insert(name);
  // Other definitions may wait for names that this one had, or no longer requests.
  for (const auto& [other, definition] : definitions_) {
    if (!definition.established) touched_.insert(other);
  }
  if (item == nullptr) {
    definitions_.erase(name);
    return;
  }
  Definition& definition = definitions_[name];
  definition.version = item->version;
  auto parsed = ParseJson(item->document);
  json object = parsed.has_value() && parsed->is_object() ? std::move(*parsed) : json::object();
  DefinitionKind().apply_defaults(object);
  if (json* metadata = kubernetes::ObjectAt(object, "metadata")) (*metadata)["name"] = name;
  const std::string made_of =
      DumpJson(kubernetes::FindOrEmpty(object, "spec")) +
      DumpJson(kubernetes::FindOrEmpty(object, {"status", "acceptedNames"}));
  std::string problem = ProblemOf(object);
  if (made_of != definition.made_of || problem != definition.problem ||
      definition.object == nullptr) {
    definition.problem = std::move(problem);
    definition.kinds.clear();
    if (definition.problem.empty()) definition.kinds = kubernetes::KindsOfDefinition(object);
    definition.made_of = made_of;
  }
  definition.established = kubernetes::HasConditionTrue(object, "Established");
  definition.served =
      definition.established || kubernetes::HasConditionTrue(object, "NamesAccepted");
  definition.terminating = kubernetes::HasConditionTrue(object, "Terminating");
  definition.object = std::make_shared<const json>(std::move(object));
}

KindPtr CustomKinds::Find(const std::string& group, const std::string& version,
                          const std::string& plural) {
  CatchUp();
  const auto definition = definitions_.find(plural + "." + group);
  if (definition == definitions_.end() || !definition->second.served) return nullptr;
  for (const KindPtr& kind : definition->second.kinds) {
    if (kind->version == version) return kind;
  }
  return nullptr;
}

std::vector<KindPtr> CustomKinds::Discovered() {
  CatchUp();
  std::vector<KindPtr> kinds;
  for (const auto& [name, definition] : definitions_) {
    if (!definition.established) continue;
    kinds.insert(kinds.end(), definition.kinds.begin(), definition.kinds.end());
  }
  std::sort(kinds.begin(), kinds.end(), [](const KindPtr& a, const KindPtr& b) {
    if (a->group != b->group) return a->group < b->group;
    if (a->version != b->version) return kubernetes::VersionBefore(a->version, b->version);
    return a->plural < b->plural;
  });
  return kinds;
}

bool CustomKinds::IsTerminating(const Kind& kind) {
  const auto definition = definitions_.find(kind.type);
  return definition != definitions_.end() && definition->second.terminating;
}

bool CustomKinds::IsCurrent(const KindPtr& kind) {
  return !kind->custom || Find(kind->group, kind->version, kind->plural) == kind;
}

}  // namespace kless::doors
