// Cells that many kinds have, and shapes of columns: the vocabulary of the column lists.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/columns/columns.h"

namespace kless::kubernetes {

// Cells that do not depend on the time.
using TextCell = std::function<std::string(const nlohmann::json& object)>;

// Columns.  `path` is that of a member, from the root of the object.
using Path = std::vector<std::string>;
Column NameColumn();
Column AgeColumn();
Column TextColumn(const char* name, const char* description, TextCell cell, int priority = 0);
// The string at a path; "" or missing: `missing`.
Column TextColumn(const char* name, const char* description, Path path, const char* missing,
                  int priority = 0);
// The number at a path, 0 if it is missing.  type: "integer", or "string" as some kinds have it.
Column NumberColumn(const char* name, const char* description, Path path,
                    const char* type = "integer");
// Containers, images: of the pod template (or pod) spec at a path; wide.
Column ContainersColumn(Path pod_spec);
Column ImagesColumn(Path pod_spec);
// The label selector at a path; wide.
Column SelectorColumn(Path selector);

// Parts of cells.
const nlohmann::json& At(const nlohmann::json& object, const Path& path);  // or an empty object
// "a,b"; "" for no parts.
std::string Joined(const std::vector<std::string>& parts, const char* separator = ",");
// At most `shown` parts: "a,b,c + 2 more...".
std::string Shortened(const std::vector<std::string>& parts, std::size_t shown);
std::string OrNone(std::string text, const char* none = "<none>");
// "k=v,l=w" of a map of strings; "<none>" for an empty one.
std::string LabelsText(const nlohmann::json& labels);
// Time since an RFC 3339 time; `missing` if there is none.
std::string Since(const nlohmann::json& object, const Path& time, std::int64_t unix_nanos,
                  const char* missing = "<unknown>");
// A number or text of an int-or-string: "50%", "3"; `missing` if there is none.
std::string IntOrString(const nlohmann::json& object, const Path& path, const char* missing);
// The status "True" of a condition of an object.
bool HasCondition(const nlohmann::json& object, const char* type);

}  // namespace kless::kubernetes
