// ResourcePath: the resource that a path of the Kubernetes door names, and the state that the
// door's parts share.
#pragma once

#include <cstdint>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "emulator/doors/http/router.h"
#include "functions/kubernetes/objects/kind.h"
#include "store/store.h"

namespace kless::doors {

// One object, or a collection if `name` is empty (across namespaces if `namespace_name` is empty,
// too).
struct ResourcePath {
  kubernetes::KindPtr kind;
  std::string namespace_name;
  std::string name;
  std::string subresource;  // "" for the object itself

  bool is_status() const { return subresource == "status"; }
  ResourceId Id() const {
    return ResourceId{kind->type, kubernetes::ResourceName(*kind, namespace_name, name)};
  }
  // The prefix of the resource names in a collection.
  std::string Prefix() const {
    return kind->namespaced && !namespace_name.empty() ? namespace_name + "/" : std::string();
  }
};

struct KubernetesContext {
  EventLoop& event_loop;
  Store& store;
  kubernetes::StoredObjects& stored;  // for admission
  Random random;                      // for uids and generated names

  ResourceTable& resources() { return store.resources(); }
};

}  // namespace kless::doors
