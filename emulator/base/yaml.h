// YAML texts as JSON values: manifests, latency profiles, values of settings.
//
// A key that is given twice is an error; "<<" merges.  Documents that begin with '{' or '[' are
// read as JSON if they are JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/yaml_scalar.h"

namespace YAML {
class Node;
}

namespace kless {

// Every document of `text`, empty ones left out.  `name` (a path, or "-") stands in errors:
// "job.yaml:12: ...".
Result<std::vector<nlohmann::json>> ParseDocuments(std::string_view text, YamlRules rules,
                                                   const std::string& name);

// One parsed node of a text of `bytes`; an error names line `first_line` + the node's own.
Result<nlohmann::json> YamlToJson(const YAML::Node& node, YamlRules rules, const std::string& name,
                                  int first_line = 1, std::size_t bytes = 0);

}  // namespace kless
