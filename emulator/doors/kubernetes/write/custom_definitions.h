// CustomDefinitions: the API server's own work on CustomResourceDefinitions: it accepts their
// names, establishes them, and removes their objects when they are deleted.  It follows the change
// feed, so that a definition is served whichever door has written it.
#pragma once

#include <string>

#include "emulator/base/loop/task.h"
#include "emulator/doors/kubernetes/discovery/custom_kinds.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

class CustomDefinitions {
 public:
  // All references must outlive it.
  CustomDefinitions(KubernetesContext& context, CustomKinds& kinds)
      : context_(context), kinds_(kinds) {}

  // Works until the world ends.
  void Start();

 private:
  Task<> Run();
  Task<> Work(std::string name);
  // Deletes the objects of a definition that is being deleted; if none is left, removes its
  // finalizer.
  Task<> CleanUp(std::string name);
  Result<bool> HasObjects(const std::string& type);
  // Deletes a page of objects after `after`, and advances it; returns false if it was the last.
  bool DeletePage(const ResourcePath& collection, std::string* after);
  void Write(const std::string& name, const nlohmann::json& object, std::uint64_t version);

  KubernetesContext& context_;
  CustomKinds& kinds_;
};

}  // namespace kless::doors
