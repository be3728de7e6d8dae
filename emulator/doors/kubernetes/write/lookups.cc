// Lookups of other objects by writes in the Kubernetes door; a part of KubernetesWriter.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/write/writer.h"
#include "functions/kubernetes/selectors/label_selector_match.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using nlohmann::json;

namespace {

constexpr int kLookupPage = 100;

std::shared_ptr<const json> Parsed(const Item& item) {
  auto parsed = ParseJson(item.document);
  if (parsed.has_error() || !parsed->is_object()) return nullptr;
  return std::make_shared<const json>(std::move(parsed.value()));
}

// Calls `visit` for the items of one type; stops when it returns false.
template <class Visit>
Result<void> ForEach(ResourceTable& resources, const char* type, const std::string& prefix,
                     Visit visit) {
  std::string after;
  for (bool more = true; more;) {
    KLESS_TRY(const auto page, resources.List(type, prefix, after, kLookupPage));
    more = page.more;
    for (const ItemPtr& item : page.items) {
      after = resources.IdOf(item->key).name;
      if (!visit(item)) return {};
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ItemPtr>> KubernetesWriter::BudgetsOf(const ResourcePath& pod,
                                                         const json& object) {
  std::vector<ItemPtr> budgets;
  const json* labels = kubernetes::Find(object, {"metadata", "labels"});
  const auto visited =
      ForEach(context_.resources(), "poddisruptionbudget", pod.Prefix(), [&](const ItemPtr& item) {
        const auto budget = Parsed(*item);
        if (budget == nullptr) return true;
        const json* selector = kubernetes::Find(*budget, {"spec", "selector"});
        if (kubernetes::MatchesLabels(selector, labels)) {
          budgets.push_back(item);
        }
        return true;
      });
  if (visited.has_error()) return visited.error();
  return budgets;
}

Refusal KubernetesWriter::Load(const ResourcePath& path, ItemPtr* item, json* object) const {
  const auto found = context_.resources().Get(path.Id());
  if (found.has_error()) {
    if (found.error().code == ErrorCode::kNotFound) return NotFound(*path.kind, path.name);
    return StoreFailure(found.error());
  }
  *item = found.value();
  *object = Decoded(*path.kind, **item);
  return std::nullopt;
}

Refusal KubernetesWriter::Save(const ResourcePath& path, const json& object,
                               std::uint64_t version) {
  const auto written =
      context_.resources().Put(path.Id(), DumpJson(object), Condition::VersionIs(version));
  if (written.has_error()) return StoreFailure(written.error());
  return std::nullopt;
}

}  // namespace kless::doors
