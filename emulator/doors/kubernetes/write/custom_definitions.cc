#include "emulator/doors/kubernetes/write/custom_definitions.h"

#include <boost/asio/post.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/kubernetes/write/delete.h"
#include "functions/kubernetes/custom/custom_kinds.h"
#include "functions/kubernetes/custom/definition_status.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/prepared_image.h"

namespace kless::doors {

using kubernetes::kDefinitionType;
using kubernetes::Kind;
using nlohmann::json;

namespace {

constexpr int kPage = 100;
constexpr Duration kRetry = std::chrono::seconds(1);

// Used for deletions, whatever versions are served.
kubernetes::KindPtr KindToDelete(const std::string& name, const json& definition) {
  auto kind = std::make_shared<Kind>();
  kind->type = name;
  kind->plural = kubernetes::StringAt(definition, {"spec", "names", "plural"});
  kind->group = kubernetes::StringAt(definition, {"spec", "group"});
  kind->kind = kubernetes::StringAt(definition, {"spec", "names", "kind"});
  kind->namespaced = kubernetes::StringAt(definition, {"spec", "scope"}) != "Cluster";
  return kind;
}

}  // namespace

void CustomDefinitions::Start() { Spawn(context_.event_loop, "custom definitions", Run()); }

Task<> CustomDefinitions::Run() {
  for (;;) {
    kinds_.CatchUp();
    const std::set<std::string> touched = kinds_.TakeTouched();
    for (const std::string& name : touched) co_await Work(name);
    if (kinds_.CaughtUp()) {
      co_await context_.store.feed().WaitBeyond(kinds_.position(), std::nullopt);
    } else {  // The store could not be read.
      co_await context_.event_loop.SleepFor(kRetry);
    }
  }
}

Task<> CustomDefinitions::Work(std::string name) {
  const auto found = kinds_.definitions().find(name);
  if (found == kinds_.definitions().end()) co_return;
  const CustomKinds::Definition& definition = found->second;
  const auto item = context_.resources().Get({kDefinitionType, name});
  if (item.has_error()) co_return;
  if (item.value()->fields && item.value()->fields->deleting) {
    co_await CleanUp(name);
    co_return;
  }
  // If there is a newer version, whose record has not been read yet, that record brings the
  // definition back here.
  if (item.value()->version != definition.version) co_return;
  json object = *definition.object;
  if (!definition.problem.empty()) {
    if (kubernetes::RejectDefinition(object, definition.problem, context_.event_loop.UnixNanos())) {
      Write(name, object, item.value()->version);
    }
    co_return;
  }
  std::vector<const json*> all;
  for (const auto& [other, one] : kinds_.definitions()) all.push_back(one.object.get());
  if (kubernetes::AdvanceDefinition(object, all, context_.event_loop.UnixNanos())) {
    Write(name, object, item.value()->version);
  }
}

// A write that loses against another one is abandoned: the other's record brings the definition
// back here.
void CustomDefinitions::Write(const std::string& name, const json& object, std::uint64_t version) {
  json written = object;
  written["apiVersion"] = "apiextensions.k8s.io/v1";
  written["kind"] = "CustomResourceDefinition";
  static_cast<void>(context_.resources().Put({kDefinitionType, name}, PrepareImage(written, name),
                                             Condition::VersionIs(version)));
}

Result<bool> CustomDefinitions::HasObjects(const std::string& type) {
  KLESS_TRY(const auto page, context_.resources().List(type, "", "", 1));
  return !page.items.empty();
}

bool CustomDefinitions::DeletePage(const ResourcePath& collection, std::string* after) {
  const auto page = context_.resources().List(collection.kind->type, "", *after, kPage);
  if (page.has_error()) return false;
  for (const ItemPtr& item : page.value().items) {
    *after = context_.resources().IdOf(item->key).name;
    ResourcePath path = collection;
    const std::size_t slash = after->find('/');
    if (path.kind->namespaced && slash != std::string::npos) {
      path.namespace_name = after->substr(0, slash);
    }
    path.name = path.namespace_name.empty() ? *after : after->substr(slash + 1);
    DeleteObject(context_, path, {});
  }
  return page.value().more;
}

Task<> CustomDefinitions::CleanUp(std::string name) {
  const auto item = context_.resources().Get({kDefinitionType, name});
  if (item.has_error()) co_return;
  auto parsed = ParseJson(item.value()->document);
  if (parsed.has_error() || !parsed->is_object()) co_return;
  json object = std::move(parsed.value());
  if (!kubernetes::HoldsString(kubernetes::Find(object, {"metadata", "finalizers"}),
                               kubernetes::kCleanupFinalizer)) {
    co_return;
  }
  if (kubernetes::BeginCleanup(object, context_.event_loop.UnixNanos())) {
    Write(name, object, item.value()->version);
    co_return;  // The record brings it back here.
  }
  ResourcePath collection;
  collection.kind = KindToDelete(name, object);
  std::string after;
  while (DeletePage(collection, &after)) {
    // Lets others run between pages.
    co_await asio::post(context_.event_loop.executor(), asio::use_awaitable);
  }
  const auto left = HasObjects(name);
  if (left.has_error() || left.value()) co_return;
  const Kind& kind = *kubernetes::FindKindByType(kDefinitionType);
  kubernetes::EndCleanup(object, context_.event_loop.UnixNanos());
  if (kubernetes::ReadyToVanish(kind, object)) {
    static_cast<void>(context_.resources().Remove({kDefinitionType, name},
                                                  Condition::VersionIs(item.value()->version)));
  } else {
    Write(name, object, item.value()->version);
  }
}

}  // namespace kless::doors
