// Manifests: Kubernetes objects in YAML or JSON files, ready to be sent.  No I/O but reading files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "functions/kubernetes/kind.h"

namespace kless::cli {

// One object to create.
struct Manifest {
  const kubernetes::Kind* kind = nullptr;
  std::string namespace_name;  // "" for cluster-scoped kinds
  std::string body;            // JSON
};

// Every object of `text` (lists are taken apart).  `namespace_flag` "" means not given: the
// object's own namespace, or "default".  kInvalidArgument names file and object: no kind, an
// unknown kind, or a namespace that contradicts the flag.
Result<std::vector<Manifest>> ReadManifests(const std::string& text, const std::string& name,
                                            const std::string& namespace_flag);

// The same object with generateName "NAME-" in place of its name, so that it can be created often.
Result<Manifest> WithGeneratedName(const Manifest& manifest);

// "/apis/batch/v1/namespaces/default/jobs"
std::string CollectionPath(const kubernetes::Kind& kind, const std::string& namespace_name);
// "job.batch", "pod": how kubectl prints what it created.
std::string PrintedKind(const kubernetes::Kind& kind);

}  // namespace kless::cli
