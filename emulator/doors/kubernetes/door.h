// KubernetesDoor: the REST API of Kubernetes over the resource table, for every kind of the
// registry. COMPATIBILITY.md lists what is supported and what differs.
//
// Custom kinds have generic paths, below the built-in ones: custom_kinds knows the current ones,
// custom_definitions establishes them.
//
// The parts: write/ (a file per verb over the steps of a write), read/ (get, list, watch, log),
// subresources (the table of them), discovery/; wire/ reads requests, chooses the form of replies
// and formats the errors.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/discovery/custom_kinds.h"
#include "emulator/doors/kubernetes/path_handler.h"
#include "emulator/doors/kubernetes/read/list.h"
#include "emulator/doors/kubernetes/read/table_objects.h"
#include "emulator/doors/kubernetes/read/watch.h"
#include "emulator/doors/kubernetes/subresources.h"
#include "emulator/doors/kubernetes/wire/resource.h"
#include "emulator/doors/kubernetes/write/custom_definitions.h"

namespace kless::doors {

class KubernetesDoor {
 public:
  // EventLoop and store must outlive the door, and the door the router's use of it.
  KubernetesDoor(EventLoop& event_loop, Store& store, std::uint64_t seed);

  // Creates the objects that every cluster has, unless they exist: the namespaces default,
  // kube-system, kube-public and kube-node-lease, and the PriorityClasses of the system.
  Result<void> Bootstrap();
  void Register(Router& router);
  // Starts to work on CustomResourceDefinitions.  Until then, only established ones are served.
  void Start();

 private:
  void RegisterKind(Router& router, const kubernetes::Kind& kind);
  void RegisterWatchPaths(Router& router, const kubernetes::Kind& kind);
  void RegisterSubresources(Router& router, const kubernetes::Kind& kind);
  void RegisterVirtualKind(Router& router, const kubernetes::Kind& kind);
  // For custom kinds; see door_custom.cc.
  void RegisterCustomPaths(Router& router);
  // Finds the kind of the path and serves the request.
  Task<HttpResponse> ServeCustom(HttpRequest request);
  // Null if the path does not have the verb.
  PathHandler CustomVerb(const std::string& method, const ResourcePath& path);
  PathHandler List();
  PathHandler Get();
  PathHandler Replace();
  PathHandler Patch();

  const std::uint64_t seed_;
  TableObjects stored_;
  KubernetesContext context_;
  CustomKinds custom_kinds_;
  KubernetesReader reader_;
  DoorParts parts_;
  KubernetesWatches watches_;
  CustomDefinitions custom_definitions_;
};

}  // namespace kless::doors
