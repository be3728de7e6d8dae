// Manifests: Kubernetes objects in YAML or JSON files, ready to be sent.  The only I/O is reading
// files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::cli {

// One object to create.
struct Manifest {
  const kubernetes::Kind* kind = nullptr;
  std::string namespace_name;  // "" for cluster-scoped kinds
  std::string body;            // JSON
};

// Reads every object of `text` (lists are split).  An empty `namespace_flag` means that it is not
// given: the object's own namespace counts, or "default". kInvalidArgument names file and object:
// no kind, an unknown kind, or a namespace that contradicts the flag.
Result<std::vector<Manifest>> ReadManifests(const std::string& text, const std::string& name,
                                            const std::string& namespace_flag);

// The same object with generateName "NAME-" instead of its name, so that it can be created
// repeatedly.
Result<Manifest> WithGeneratedName(const Manifest& manifest);

// Returns "/apis/batch/v1/namespaces/default/jobs".
std::string CollectionPath(const kubernetes::Kind& kind, const std::string& namespace_name);
// Returns "job.batch" or "pod", as kubectl prints a created object.
std::string PrintedKind(const kubernetes::Kind& kind);

}  // namespace kless::cli
