#include "emulator/control_planes/object_writes.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "store/item/resource_fields.h"

namespace kless::control_planes {

namespace {

// Objects of custom kinds are deleted like those of most kinds.
const kubernetes::Kind& KindOf(const ResourceId& id) {
  static const kubernetes::Kind kOther;
  const kubernetes::Kind* kind = kubernetes::FindKindByType(id.type);
  return kind == nullptr ? kOther : *kind;
}

}  // namespace

bool EditRemoves(const ResourceId& id, const Item& item, const std::string& document) {
  if (!item.fields || !item.fields->deleting) return false;
  const auto parsed = ParseJson(document);
  return parsed.has_value() && parsed->is_object() &&
         kubernetes::ReadyToVanish(KindOf(id), parsed.value());
}

std::optional<std::string> CreationRefusal(const Result<ItemPtr>& space,
                                           const ResourceId& created) {
  if (space.has_error() || !space.value()->fields || !space.value()->fields->deleting) {
    return std::nullopt;
  }
  const std::string& plural = KindOf(created).QualifiedResource();
  return (plural.empty() ? created.type : plural) +
         " is forbidden: unable to create new content in namespace " +
         controllers::NamespacePart(created.name) + " because it is being terminated";
}

bool Concerns(const controllers::Deletion& deletion, const Item& item,
              const std::string& owner_uid) {
  if (!item.fields) return false;
  if (!deletion.uid.empty() && deletion.uid != item.fields->uid) return false;
  return !deletion.dependents_only || item.fields->owner_uid == owner_uid;
}

std::optional<std::string> DeletionLeaves(const ResourceId& id, const Item& item,
                                          const controllers::Deletion& deletion,
                                          std::int64_t unix_nanos) {
  auto parsed = ParseJson(item.document);
  if (parsed.has_error() || !parsed->is_object()) return std::nullopt;
  kubernetes::DeletionOptions options;
  options.grace_seconds = deletion.grace_seconds;
  options.orphan = deletion.propagation == controllers::Deletion::Propagation::kOrphan;
  options.foreground = deletion.propagation == controllers::Deletion::Propagation::kForeground;
  const auto rest =
      kubernetes::DeleteObject(KindOf(id), std::move(parsed.value()), options, unix_nanos);
  if (!rest) return std::nullopt;
  return DumpJson(*rest);
}

ItemPtr OwnerTombstone(const ResourceTable& resources, const ResourceId& owner,
                       const std::string& uid) {
  auto item = std::make_shared<Item>();
  item->key = resources.KeyOf(owner);
  const nlohmann::json object = {{"apiVersion", KindOf(owner).ApiVersion()},
                                 {"kind", KindOf(owner).kind},
                                 {"metadata",
                                  {{"name", controllers::NamePart(owner.name)},
                                   {"namespace", controllers::NamespacePart(owner.name)},
                                   {"uid", uid}}}};
  item->document = DumpJson(object);
  return item;
}

}  // namespace kless::control_planes
