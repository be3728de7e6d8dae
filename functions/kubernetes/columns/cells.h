// Cells that many kinds share, and forms of columns: the vocabulary of the column lists.
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

// Columns.  `path` is the path of a member, from the root of the object.
using Path = std::vector<std::string>;
Column NameColumn();
Column AgeColumn();
Column TextColumn(const char* name, const char* description, TextCell cell, int priority = 0);
// The string at a path, or `missing` if it is "" or absent.
Column TextColumn(const char* name, const char* description, Path path, const char* missing,
                  int priority = 0);
// The number at a path, 0 if it is absent.  `type` is "integer", or "string" for some kinds.
Column NumberColumn(const char* name, const char* description, Path path,
                    const char* type = "integer");
// Containers and images of the pod (or template) spec at a path; only in wide output.
Column ContainersColumn(Path pod_spec);
Column ImagesColumn(Path pod_spec);
// The label selector at a path; only in wide output.
Column SelectorColumn(Path selector);

// Parts of cells.
const nlohmann::json& At(const nlohmann::json& object, const Path& path);  // or an empty object
// "a,b"; "" if there are no parts.
std::string Joined(const std::vector<std::string>& parts, const char* separator = ",");
// At most `shown` parts: "a,b,c + 2 more...".
std::string Shortened(const std::vector<std::string>& parts, std::size_t shown);
std::string OrNone(std::string text, const char* none = "<none>");
// "k=v,l=w" for a map of strings; "<none>" if it is empty.
std::string LabelsText(const nlohmann::json& labels);
// The time since an RFC 3339 time; `missing` if it is absent.
std::string Since(const nlohmann::json& object, const Path& time, std::int64_t unix_nanos,
                  const char* missing = "<unknown>");
// An int-or-string as text: "50%", "3"; `missing` if it is absent.
std::string IntOrString(const nlohmann::json& object, const Path& path, const char* missing);
// Whether a condition of an object has the status "True".
bool HasCondition(const nlohmann::json& object, const char* type);

}  // namespace kless::kubernetes
