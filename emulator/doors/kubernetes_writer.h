// Writes of the Kubernetes door: create, replace, delete, delete a collection.
//
// Each is one step: read, decide, write under the condition that nobody wrote in between.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "emulator/base/router.h"
#include "emulator/base/task.h"
#include "emulator/doors/kubernetes_body.h"
#include "emulator/doors/kubernetes_resource.h"
#include "emulator/doors/kubernetes_selection.h"

namespace kless::doors {

class KubernetesWriter {
 public:
  explicit KubernetesWriter(KubernetesWorld& world) : world_(world) {}

  HttpResponse Create(const ResourcePath& path, const HttpRequest& request);
  HttpResponse Replace(const ResourcePath& path, const HttpRequest& request);
  HttpResponse Delete(const ResourcePath& path, const HttpRequest& request);
  Task<HttpResponse> DeleteCollection(ResourcePath path, HttpRequest request);

  // The same, of an object that has been decoded already.
  HttpResponse CreateObject(const ResourcePath& path, const nlohmann::json& object, bool dry_run);

 private:
  // Of a create in a namespace that is not there or on its way out.
  Refusal CheckNamespace(const ResourcePath& path, const std::string& name) const;
  // What the options ask of this kind, and what cannot be done.
  Refusal CheckDeletion(const ResourcePath& path, const DeleteOptions& options) const;
  HttpResponse DeleteObject(const ResourcePath& path, const DeleteOptions& options);
  // One attempt of a replace over the item that is there; nullopt: overtaken by another writer.
  std::optional<HttpResponse> ReplaceItem(const ResourcePath& path, const nlohmann::json& body,
                                          const Item& item, bool dry_run);
  // As it is stored now.
  HttpResponse Stored(int status, const ResourcePath& path) const;

  KubernetesWorld& world_;
};

}  // namespace kless::doors
