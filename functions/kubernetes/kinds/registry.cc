#include "functions/kubernetes/kinds/registry.h"

#include <utility>

#include "emulator/base/check.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/kinds/served_kinds.h"
#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {
namespace {

// Built-in kinds have their types in types/, found by name.
std::vector<Kind> WithSchemas(std::vector<Kind> kinds) {
  for (Kind& kind : kinds) {
    if (kind.schema == nullptr) kind.schema = FindSchema(kind.ApiVersion(), kind.kind);
  }
  return kinds;
}

// The kinds of AddKind, until the registry is made.
struct AddedKinds {
  std::vector<Kind (*)()> makers;
  bool closed = false;
};

AddedKinds& Added() {
  static AddedKinds added;
  return added;
}

std::vector<Kind> MakeKinds() {
#define KLESS_MAKE_KIND(function) function(),
  std::vector<Kind> kinds = {KLESS_KINDS(KLESS_MAKE_KIND)};
#undef KLESS_MAKE_KIND
  for (const auto make : Added().makers) kinds.push_back(make());
  Added().closed = true;
  return WithSchemas(std::move(kinds));
}

}  // namespace

bool AddKind(Kind (*make)()) {
  KLESS_CHECK(!Added().closed, "a kind is added before the registry is used");
  Added().makers.push_back(make);
  return true;
}

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kinds = MakeKinds();
  return kinds;
}

const Kind* FindKindByPlural(std::string_view group, std::string_view version,
                             std::string_view plural) {
  for (const Kind* kind : ServedKinds()) {
    if (kind->plural == plural && kind->group == group && kind->version == version) return kind;
  }
  return nullptr;
}

const Kind* FindKindByType(std::string_view type) {
  for (const Kind& kind : Kinds()) {
    if (kind.type == type) return &kind;
  }
  return nullptr;
}

const Kind* FindKind(std::string_view api_version, std::string_view name) {
  for (const Kind* kind : ServedKinds()) {
    if (kind->kind == name && kind->ApiVersion() == api_version) return kind;
  }
  return nullptr;
}

}  // namespace kless::kubernetes
