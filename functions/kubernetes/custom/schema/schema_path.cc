#include "functions/kubernetes/custom/schema/schema_path.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Cuts off a delimiter, a text in single quotes, or the text before the next delimiter.
std::string_view NextToken(std::string_view& path) {
  constexpr std::string_view kDelimiters = ".[]";
  std::size_t size = 1;
  if (path.front() == '\'') {
    while (size < path.size() && (path[size] != '\'' || path[size - 1] == '\\')) ++size;
    size = std::min(size + 1, path.size());
  } else if (kDelimiters.find(path.front()) == std::string_view::npos) {
    size = std::min(path.find_first_of(kDelimiters), path.size());
  }
  const std::string_view token = path.substr(0, size);
  path.remove_prefix(size);
  return token;
}

}  // namespace

SchemaPath FollowSchemaPath(const json& schema, std::string_view path) {
  SchemaPath found;
  found.schema = &schema;
  const auto fail = [&found](std::string problem) {
    found.problem = std::move(problem);
    return found;
  };
  while (!path.empty()) {
    const std::string_view delimiter = NextToken(path);
    if (delimiter == "[") return fail("array notation is not allowed");
    if (delimiter != ".") return fail("expected [ or . but got: " + std::string(delimiter));
    if (path.empty()) return fail("unexpected end of JSON path");
    const std::string name(NextToken(path));
    const json& properties = FindOrEmpty(*found.schema, "properties");
    const bool named = properties.is_object() && !properties.empty();
    found.schema =
        named ? Find(properties, name.c_str()) : Find(*found.schema, "additionalProperties");
    if (found.schema == nullptr || !found.schema->is_object()) {
      return fail("does not refer to a valid field");
    }
    if (found.text.empty()) found.root = name;
    found.text += named ? (found.text.empty() ? "" : ".") + name : "[" + name + "]";
  }
  return found;
}

}  // namespace kless::kubernetes
