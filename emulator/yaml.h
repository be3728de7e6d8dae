// YAML as Kubernetes' tools read it, into JSON values.
//
// Scalars follow sigs.k8s.io/yaml, which kubectl uses (YAML 1.1): yes/no/on/off/y/n are booleans,
// 0644 is octal, a date is a string, quoted scalars stay strings, "<<" merges.  Unlike kubectl, a
// key that is given twice is an error.  Documents that begin with '{' or '[' are read as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"

namespace YAML {
class Node;
}

namespace kless {

// Every document of `text`, empty ones left out.  `name` (a path, or "-") stands in errors:
// "job.yaml:12: ...".
Result<std::vector<nlohmann::json>> ParseDocuments(std::string_view text, const std::string& name);

// One parsed node of a text of `bytes`; an error names line `first_line` + the node's own.
Result<nlohmann::json> YamlToJson(const YAML::Node& node, const std::string& name,
                                  int first_line = 1, std::size_t bytes = 0);

}  // namespace kless
