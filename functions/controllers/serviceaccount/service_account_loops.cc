#include "functions/controllers/serviceaccount/service_account_loops.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr const char* kAccount = "default";
constexpr const char* kRootCertificate = "kube-root-ca.crt";
constexpr const char* kDescription =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
    "guaranteed across distributions of Kubernetes clusters.";

// The entry is empty: without --tls there is no certificate, and loops do not know the one of
// --tls.
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
  Creation creation;
  creation.render = [object = std::move(object)](const std::string& name, const std::string& uid) {
    return DumpJson(object(name, uid));
  };
  return {.id = std::move(id), .change = std::move(creation)};
}

// Also restores one that was edited, without adding anything (NS2).
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

// Adds a key for a namespace that is new, or has lost `name` (or, with `or_changed`, whose `name`
// was written).
void AddKey(const ResourceId& id, const char* type, const char* name, bool or_changed,
            const ItemPtr& old_image, const ItemPtr& new_image, std::vector<std::string>* keys) {
  if (id.type == "namespace") {
    if (old_image == nullptr) keys->push_back(id.name);
  } else if (id.type == type && NamePart(id.name) == name && old_image != nullptr &&
             (or_changed || new_image == nullptr)) {
    keys->push_back(NamespacePart(id.name));
  }
}

// Returns the namespace if it accepts new content; null if it does not, or is not known yet.
ItemPtr OpenNamespace(const std::string& name, World& world) {
  const ItemPtr* item = world.Get({"namespace", name});
  return item == nullptr || IsDeleting(*item) ? nullptr : *item;
}

Reconciliation ReconcileAccount(const std::string& name, const std::string&, World& world) {
  Reconciliation result{
      .owner = {"namespace", name}, .item = OpenNamespace(name, world), .plan = {}};
  const ResourceId id{"serviceaccount", name + "/" + kAccount};
  const ItemPtr* item = result.item == nullptr ? nullptr : world.Get(id);
  if (item == nullptr || *item != nullptr) return result;
  const std::int64_t now = world.unix_nanos();
  result.plan.batches.push_back(
      {{CreationOf(id, [name, now](const std::string& local, const std::string& uid) {
        return NewObject("ServiceAccount", name, local, uid, now);
      })}});
  return result;
}

Reconciliation ReconcileCertificate(const std::string& name, const std::string&, World& world) {
  Reconciliation result{
      .owner = {"namespace", name}, .item = OpenNamespace(name, world), .plan = {}};
  const ResourceId id{"configmap", name + "/" + kRootCertificate};
  const ItemPtr* item = result.item == nullptr ? nullptr : world.Get(id);
  if (item == nullptr) return result;
  const std::int64_t now = world.unix_nanos();
  if (*item == nullptr) {
    result.plan.batches.push_back(
        {{CreationOf(id, [name, now](const std::string& local, const std::string& uid) {
          json object = NewObject("ConfigMap", name, local, uid, now);
          RestoreRootCertificate(object);
          return object;
        })}});
  } else if (json object = ObjectOf(*item); RestoreRootCertificate(object)) {
    result.plan.batches.push_back({{EditOf(id, RestoreRootCertificate)}});
  }
  return result;
}

}  // namespace

ControlLoop ServiceAccountLoop() {
  ControlLoop loop;
  loop.name = "serviceaccount-controller";
  loop.setting = "serviceaccount";
  loop.component = "serviceaccount-controller";
  loop.types = {"namespace", "serviceaccount"};
  loop.keys = [](const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                 std::vector<std::string>* keys) {
    AddKey(id, "serviceaccount", kAccount, false, old_image, new_image, keys);
  };
  loop.reconcile = ReconcileAccount;
  loop.classic_workers = 1;
  return loop;
}

ControlLoop RootCertificateLoop() {
  ControlLoop loop;
  loop.name = "root-ca-certificate-publisher-controller";
  loop.setting = "root-ca";
  loop.component = "root-ca-certificate-publisher-controller";
  loop.types = {"configmap", "namespace"};
  loop.keys = [](const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                 std::vector<std::string>* keys) {
    AddKey(id, "configmap", kRootCertificate, true, old_image, new_image, keys);
  };
  loop.reconcile = ReconcileCertificate;
  loop.classic_workers = 1;
  return loop;
}

}  // namespace kless::controllers
