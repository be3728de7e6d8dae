// KubernetesDoor: the REST API of Kubernetes over the resource table, for every kind of the
// registry. What it supports and where it differs: COMPATIBILITY.md.
//
// The parts: kubernetes_writer (create, replace, patch, delete, binding, eviction), kubernetes_list
// (get, list), kubernetes_watch, kubernetes_discovery; kubernetes_body and kubernetes_selection
// read requests, kubernetes_status words the errors.
#pragma once

#include <cstdint>

#include "emulator/base/router.h"
#include "emulator/doors/kubernetes_list.h"
#include "emulator/doors/kubernetes_resource.h"
#include "emulator/doors/kubernetes_watch.h"
#include "emulator/doors/kubernetes_writer.h"

namespace kless::doors {

class KubernetesDoor {
 public:
  // Request bodies above it are 413 (the API server's limit).
  static constexpr std::size_t kBodyLimit = 3u << 20;

  // Scheduler and store outlive the door; the door outlives the router's use of it.
  KubernetesDoor(Scheduler& scheduler, Store& store, std::uint64_t seed);

  // Creates what every cluster has, where it is missing: the namespaces default, kube-system,
  // kube-public and kube-node-lease, and the PriorityClasses of the system.
  Result<void> Bootstrap();
  void Register(Router& router);

 private:
  void RegisterKind(Router& router, const kubernetes::Kind& kind);

  const std::uint64_t seed_;
  KubernetesWorld world_;
  KubernetesReader reader_;
  KubernetesWriter writer_;
  KubernetesWatches watches_;
};

}  // namespace kless::doors
