// Writes of the Kubernetes door: create, replace, patch, delete, delete a collection, and the
// subresources that are verbs or have objects of their own: binding, eviction, scale.
//
// Each is one step: read, decide, and write on the condition that the object is unchanged.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/loop/task.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/read/selection.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

class KubernetesWriter {
 public:
  explicit KubernetesWriter(KubernetesContext& context) : context_(context) {}

  HttpResponse Create(const ResourcePath& path, const HttpRequest& request);
  HttpResponse Replace(const ResourcePath& path, const HttpRequest& request);
  HttpResponse Patch(const ResourcePath& path, const HttpRequest& request);
  HttpResponse Delete(const ResourcePath& path, const HttpRequest& request);
  // With an empty path.name the body names the pod (the collection "bindings").
  HttpResponse Bind(const ResourcePath& path, const HttpRequest& request);
  HttpResponse Evict(const ResourcePath& path, const HttpRequest& request);
  // The subresource scale.
  HttpResponse GetScale(const ResourcePath& path) const;
  HttpResponse ReplaceScale(const ResourcePath& path, const HttpRequest& request);
  HttpResponse PatchScale(const ResourcePath& path, const HttpRequest& request);
  Task<HttpResponse> DeleteCollection(ResourcePath path, HttpRequest request);

  // The same for an object that has been decoded already.  `managed_fields` are those it will have;
  // null: the manager owns all fields.
  HttpResponse CreateObject(const ResourcePath& path, const nlohmann::json& object,
                            const WriteOptions& options,
                            const nlohmann::json* managed_fields = nullptr);
  HttpResponse DeleteObject(const ResourcePath& path, const DeleteOptions& options);

 private:
  // Refuses creation in a namespace that is missing or terminating.
  Refusal CheckNamespace(const ResourcePath& path, const std::string& name) const;
  // Refuses to delete the namespaces that the API server protects.
  Refusal CheckDeletion(const ResourcePath& path) const;
  // The budgets that select a pod.
  Result<std::vector<ItemPtr>> BudgetsOf(const ResourcePath& pod, const nlohmann::json& object);
  Refusal TakeFromBudget(const ResourcePath& path, const nlohmann::json& pod, bool dry_run);
  // Reads the stored object.
  Refusal Load(const ResourcePath& path, ItemPtr* item, nlohmann::json* object) const;
  Refusal Save(const ResourcePath& path, const nlohmann::json& object, std::uint64_t version);
  HttpResponse PatchItem(const ResourcePath& path, const nlohmann::json& patch,
                         const std::string& media_type, const WriteOptions& options);
  // Server-side apply.
  HttpResponse Apply(const ResourcePath& path, const HttpRequest& request);
  // Makes one attempt; nullopt: another writer was faster.
  std::optional<HttpResponse> ApplyOnce(const ResourcePath& path,
                                        const nlohmann::json& configuration,
                                        const WriteOptions& options);
  // Makes one attempt to replace the existing item; nullopt: another writer was faster.
  std::optional<HttpResponse> ReplaceItem(const ResourcePath& path, const nlohmann::json& body,
                                          const Item& item, const WriteOptions& options);
  // The same without the uid in the body as a precondition.
  std::optional<HttpResponse> WriteOver(const ResourcePath& path, const nlohmann::json& body,
                                        const Item& item, const nlohmann::json& stored,
                                        const WriteOptions& options,
                                        const nlohmann::json* managed_fields = nullptr);
  // Sets the replicas of an existing object; nullopt: another writer was faster.
  std::optional<HttpResponse> WriteScale(const ResourcePath& path, const nlohmann::json& scale,
                                         const Item& item, const nlohmann::json& stored,
                                         const WriteOptions& options);
  // The object under the path's names, at a version; AsServed adds its defaults.
  static nlohmann::json AtVersion(const ResourcePath& path, nlohmann::json object,
                                  std::uint64_t version);
  static nlohmann::json AsServed(const ResourcePath& path, nlohmann::json object,
                                 std::uint64_t version);
  // The object of an item, in the version of the kind.
  static nlohmann::json Decoded(const kubernetes::Kind& kind, const Item& item);
  // Replies with the object as it is stored now.
  HttpResponse Stored(int status, const ResourcePath& path) const;

  KubernetesContext& context_;
};

}  // namespace kless::doors
