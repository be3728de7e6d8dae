#include "functions/controllers/namespace/namespace_loop.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/namespace/namespace_content.h"
#include "functions/controllers/objects.h"
#include "functions/controllers/resource_name.h"
#include "functions/kubernetes/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr int kWorkers = 10;  // ConcurrentNamespaceSyncs
// Between a record of a namespace and a pass: other API servers may still create content.
constexpr std::int64_t kGraceNanos = 5 * kNanosPerSecond;  // namespaceDeletionGracePeriod
constexpr const char* kDefaultsPrefix = "defaults/";
constexpr const char* kDeletionPrefix = "deletion/";
constexpr const char* kAccount = "default";
constexpr const char* kRootCertificate = "kube-root-ca.crt";
constexpr const char* kDescription =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
    "guaranteed across distributions of Kubernetes clusters.";

void Keys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
          std::vector<std::string>* keys) {
  if (id.type == "namespace") {
    if (old_image == nullptr) keys->push_back(kDefaultsPrefix + id.name);
    if (IsDeleting(new_image)) keys->push_back(kDeletionPrefix + id.name);
    return;
  }
  const std::string name = NamePart(id.name);
  const bool lost = new_image == nullptr && id.type == "serviceaccount" && name == kAccount;
  const bool changed = old_image != nullptr && id.type == "configmap" && name == kRootCertificate;
  if (lost || changed) keys->push_back(kDefaultsPrefix + NamespacePart(id.name));
}

// The API is served without TLS: there is no certificate to trust.
json RootCertificateData() { return json{{"ca.crt", ""}}; }

json NewObject(const char* kind, const std::string& namespace_name, const std::string& name,
               const std::string& uid, std::int64_t unix_nanos) {
  return json{{"apiVersion", "v1"},
              {"kind", kind},
              {"metadata",
               {{"creationTimestamp", FormatTime(unix_nanos)},
                {"name", name},
                {"namespace", namespace_name},
                {"uid", uid}}}};
}

Write CreationOf(ResourceId id,
                 std::function<json(const std::string& name, const std::string& uid)> object) {
  Write write;
  write.kind = Write::Kind::kCreate;
  write.id = std::move(id);
  write.render = [object = std::move(object)](const std::string& name, const std::string& uid) {
    return DumpJson(object(name, uid));
  };
  return write;
}

// Also of one that somebody has edited: it is put back, with nothing added (NS2).
bool RestoreRootCertificate(json& object) {
  json* metadata = kubernetes::ObjectAt(object, "metadata");
  json* annotations =
      metadata == nullptr ? nullptr : kubernetes::ObjectAt(*metadata, "annotations");
  if (annotations == nullptr) return false;
  json& description = (*annotations)["kubernetes.io/description"];
  json data = RootCertificateData();
  if (object.value("data", json()) == data && description == kDescription) return false;
  description = kDescription;
  object["data"] = std::move(data);
  return true;
}

Plan ReconcileDefaults(const std::string& name, World& world) {
  Plan plan;
  const ItemPtr* owner = world.Get({"namespace", name});
  if (owner == nullptr || *owner == nullptr || IsDeleting(*owner)) return plan;
  const ResourceId account{"serviceaccount", name + "/" + kAccount};
  const ResourceId certificate{"configmap", name + "/" + kRootCertificate};
  const ItemPtr* account_item = world.Get(account);
  const ItemPtr* certificate_item = world.Get(certificate);
  if (account_item == nullptr || certificate_item == nullptr) return plan;
  const std::int64_t now = world.unix_nanos();
  Batch batch;
  if (*account_item == nullptr) {
    batch.writes.push_back(
        CreationOf(account, [name, now](const std::string& local, const std::string& uid) {
          return NewObject("ServiceAccount", name, local, uid, now);
        }));
  }
  if (*certificate_item == nullptr) {
    batch.writes.push_back(
        CreationOf(certificate, [name, now](const std::string& local, const std::string& uid) {
          json object = NewObject("ConfigMap", name, local, uid, now);
          RestoreRootCertificate(object);
          return object;
        }));
  } else if (json object = ObjectOf(*certificate_item); RestoreRootCertificate(object)) {
    batch.writes.push_back(EditOf(certificate, RestoreRootCertificate));
  }
  if (!batch.writes.empty()) plan.batches.push_back(std::move(batch));
  return plan;
}

// The loop's own entry of spec.finalizers; with the last of them the namespace goes.
bool Finalise(json& object) {
  json* finalizers = kubernetes::Find(object, {"spec", "finalizers"});
  if (finalizers == nullptr || !finalizers->is_array()) return false;
  const auto own = std::find(finalizers->begin(), finalizers->end(), json("kubernetes"));
  if (own == finalizers->end()) return false;
  finalizers->erase(own);
  return true;
}

void WaitUntil(std::int64_t due, std::int64_t now, Plan* plan) {
  plan->memo = std::to_string(due);
  plan->requeue_after = Duration(std::max<std::int64_t>(due - now, 0));
}

Plan Pass(const ResourceId& id, const ItemPtr& item, World& world) {
  Plan plan;
  const std::int64_t now = world.unix_nanos();
  ContentPass pass = PassOver(id.name, world);
  if (!pass.known) return plan;
  const bool left = pass.estimate_seconds > 0;
  for (Batch* batch : {&pass.pods, &pass.others}) {
    if (!batch->writes.empty()) plan.batches.push_back(std::move(*batch));
  }
  json object = ObjectOf(item);
  const auto set = [remaining = pass.remaining, finalizers = pass.finalizers, now](json& current) {
    return SetNamespaceConditions(current, remaining, finalizers, now);
  };
  const bool says = set(object);
  if (says) plan.batches.push_back({{EditOf(id, set)}});
  if (!left) {
    plan.batches.push_back({{EditOf(id, Finalise)}});
    plan.memo = "";
    return plan;
  }
  // The conditions' own record wakes the namespace after the grace, if that is sooner.
  const std::int64_t estimate = (pass.estimate_seconds / 2 + 1) * kNanosPerSecond;
  WaitUntil(now + (says ? std::min(estimate, kGraceNanos) : estimate), now, &plan);
  return plan;
}

Plan ReconcileDeletion(const ResourceId& id, const std::string& memo, World& world) {
  Plan plan;
  const std::int64_t now = world.unix_nanos();
  const ItemPtr* item = world.Get(id);
  if (item == nullptr) return plan;
  const json object = ObjectOf(*item);
  const bool ours =
      kubernetes::HoldsString(kubernetes::Find(object, {"spec", "finalizers"}), "kubernetes");
  if (!IsDeleting(*item) || !ours) {
    if (!memo.empty()) plan.memo = "";
    return plan;
  }
  const std::int64_t due = ParseInteger(memo).value_or(now + kGraceNanos);
  if (now < due) {
    WaitUntil(std::min(due, now + kGraceNanos), now, &plan);
    return plan;
  }
  return Pass(id, *item, world);
}

Reconciliation Reconcile(const std::string& key, const std::string& memo, World& world) {
  Reconciliation result;
  const std::string name = NamePart(key);
  result.owner = {"namespace", name};
  result.plan = key.starts_with(kDeletionPrefix) ? ReconcileDeletion(result.owner, memo, world)
                                                 : ReconcileDefaults(name, world);
  return result;
}

}  // namespace

ControlLoop NamespaceLoop() {
  ControlLoop loop;
  loop.name = "namespace-controller";
  loop.setting = "namespace";
  loop.component = "namespace-controller";
  loop.types = {"configmap", "namespace", "serviceaccount"};
  loop.keys = Keys;
  loop.reconcile = Reconcile;
  loop.classic_workers = kWorkers;
  return loop;
}

}  // namespace kless::controllers
