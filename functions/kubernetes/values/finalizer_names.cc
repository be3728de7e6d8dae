#include "functions/kubernetes/values/finalizer_names.h"

#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

bool IsStandardOrQualified(std::string_view finalizer) {
  return finalizer == "kubernetes" || finalizer == "orphan" || finalizer == "foregroundDeletion" ||
         finalizer.find('/') != std::string_view::npos;
}

std::vector<std::string> FinalizerWarnings(const json& object, const json& old) {
  const json* finalizers = Find(object, {"metadata", "finalizers"});
  std::set<std::string_view> before;
  if (const json* names = Find(old, {"metadata", "finalizers"}); SizeOf(names) > 0) {
    for (const json& name : *names) {
      if (name.is_string()) before.insert(name.get_ref<const std::string&>());
    }
  }
  std::set<std::string> added;
  for (std::size_t i = 0; i < SizeOf(finalizers); ++i) {
    const json& finalizer = (*finalizers)[i];
    if (!finalizer.is_string()) continue;
    const auto& name = finalizer.get_ref<const std::string&>();
    if (!IsStandardOrQualified(name) && !before.contains(name)) added.insert(name);
  }
  std::vector<std::string> warnings;
  for (const std::string& name : added) {
    const bool has_domain = name.find('.') != std::string::npos;
    warnings.push_back("metadata.finalizers: " + DumpJson(json(name)) +
                       ": prefer a domain-qualified finalizer name " +
                       (has_domain ? "including a path (/) " : "") +
                       "to avoid accidental conflicts with other finalizer writers");
  }
  return warnings;
}

}  // namespace kless::kubernetes
