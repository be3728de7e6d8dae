// The type of a YAML scalar: the JSON value of its text and tag.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/error.h"

namespace kless {

// Which plain (unquoted, untagged) scalars are not strings.
enum class YamlRules {
  // sigs.k8s.io/yaml, which kubectl reads manifests with: YAML 1.1.  yes/no/on/off/y/n are
  // booleans,
  // 0644 is octal, 1_000 is a number; dates are strings.
  // https://github.com/kubernetes-sigs/yaml (gopkg.in/yaml.v2, resolve.go), 2026-11-23
  kKubectl,
  // The core schema of YAML 1.2: true/false, decimal, 0x and 0o numbers.
  // https://yaml.org/spec/1.2.2/#103-core-schema, 2026-11-23
  kCore,
};

// `tag` is as in yaml-cpp: "?" or "" for a plain scalar, "!" for a quoted or block one, else a tag.
// kInvalidArgument: the text does not fit its tag, or has no JSON form (.inf, .nan).
Result<nlohmann::json> ResolveYamlScalar(const std::string& text, const std::string& tag,
                                         YamlRules rules);

}  // namespace kless
