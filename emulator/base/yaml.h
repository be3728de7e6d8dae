// YAML texts as JSON values, and back: manifests, request bodies, latency profiles, settings.
//
// A duplicate key is an error; "<<" merges.  Documents that begin with '{' or '[' are parsed as
// JSON if they are JSON.
#pragma once

#include <map>
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

// Parses all documents of `text`, leaving out empty ones.  Errors begin with `name` (a path, or
// "-"): "job.yaml:12: ...".
Result<std::vector<nlohmann::json>> ParseDocuments(std::string_view text, YamlRules rules,
                                                   const std::string& name);

// Converts one parsed node of a text of `bytes`; an error names line `first_line` + the node's own.
Result<nlohmann::json> YamlToJson(const YAML::Node& node, YamlRules rules, const std::string& name,
                                  int first_line = 1, std::size_t bytes = 0);

// The line, from 1, of each key and list element of a text of one document, by its path:
// "cases.1.workload". Empty for a text that the YAML parser does not read.
std::map<std::string, int> LinesOfPaths(const std::string& text);

// Writes one document in block style, as sigs.k8s.io/yaml does: sorted keys, lists not indented, a
// newline at the end.  The text reads back as the same JSON under both rules.
std::string DumpYaml(const nlohmann::json& value);

}  // namespace kless
