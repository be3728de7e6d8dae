#include "functions/kubernetes/columns/cells.h"

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/selectors/label_selector_text.h"
#include "functions/kubernetes/values/human_duration.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

Column MakeColumn(const char* name, const char* type, const char* description, int priority) {
  Column column;
  column.name = name;
  column.type = type;
  column.description = description;
  column.priority = priority;
  return column;
}

std::string Text(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// The values of one member of each container, joined.
std::string OfContainers(const json& pod_spec, const char* member) {
  std::vector<std::string> parts;
  const json* containers = Find(pod_spec, "containers");
  for (std::size_t i = 0; i < SizeOf(containers); ++i) {
    parts.push_back(StringAt((*containers)[i], member));
  }
  return Joined(parts);
}

}  // namespace

const json& At(const json& object, const Path& path) {
  static const json kEmpty = json::object();
  const json* value = &object;
  for (const std::string& key : path) {
    value = Find(*value, key.c_str());
    if (value == nullptr) return kEmpty;
  }
  return *value;
}

std::string Joined(const std::vector<std::string>& parts, const char* separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string Shortened(const std::vector<std::string>& parts, std::size_t shown) {
  if (parts.size() <= shown) return Joined(parts);
  const auto end = parts.begin() + static_cast<std::ptrdiff_t>(shown);
  return Joined(std::vector<std::string>(parts.begin(), end)) + " + " +
         std::to_string(parts.size() - shown) + " more...";
}

std::string OrNone(std::string text, const char* none) {
  return text.empty() ? std::string(none) : text;
}

std::string LabelsText(const json& labels) {
  std::vector<std::string> parts;
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) parts.push_back(key + "=" + Text(value));
  }
  return OrNone(Joined(parts));
}

std::string Since(const json& object, const Path& time, std::int64_t unix_nanos,
                  const char* missing) {
  const auto then = ParseTime(Text(At(object, time)));
  return then ? HumanDuration(unix_nanos - *then) : std::string(missing);
}

std::string IntOrString(const json& object, const Path& path, const char* missing) {
  const json& value = At(object, path);
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return value.is_string() ? value.get<std::string>() : std::string(missing);
}

bool HasCondition(const json& object, const char* type) {
  const json* conditions = Find(object, {"status", "conditions"});
  for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
    const json& condition = (*conditions)[i];
    if (StringAt(condition, "type") == type) return StringAt(condition, "status") == "True";
  }
  return false;
}

Column NameColumn() {
  Column column = MakeColumn("Name", "string", "Name of the object, unique in its collection.", 0);
  column.format = "name";
  column.cell = [](const json& object, std::int64_t) -> json {
    return StringAt(object, {"metadata", "name"});
  };
  return column;
}

Column AgeColumn() {
  Column column = MakeColumn("Age", "string", "Time since the object was created.", 0);
  column.cell = [](const json& object, std::int64_t now) -> json {
    return Since(object, {"metadata", "creationTimestamp"}, now);
  };
  return column;
}

Column TextColumn(const char* name, const char* description, TextCell cell, int priority) {
  Column column = MakeColumn(name, "string", description, priority);
  column.cell = [cell = std::move(cell)](const json& object, std::int64_t) -> json {
    return cell(object);
  };
  return column;
}

Column TextColumn(const char* name, const char* description, Path path, const char* missing,
                  int priority) {
  return TextColumn(
      name, description,
      [path = std::move(path), missing](const json& object) {
        return OrNone(Text(At(object, path)), missing);
      },
      priority);
}

Column NumberColumn(const char* name, const char* description, Path path, const char* type) {
  Column column = MakeColumn(name, type, description, 0);
  column.cell = [path = std::move(path)](const json& object, std::int64_t) -> json {
    const json& value = At(object, path);
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
  };
  return column;
}

Column ContainersColumn(Path pod_spec) {
  return TextColumn(
      "Containers", "Names of the containers of a pod.",
      [path = std::move(pod_spec)](const json& object) {
        return OfContainers(At(object, path), "name");
      },
      1);
}

Column ImagesColumn(Path pod_spec) {
  return TextColumn(
      "Images", "Images of the containers of a pod.",
      [path = std::move(pod_spec)](const json& object) {
        return OfContainers(At(object, path), "image");
      },
      1);
}

Column SelectorColumn(Path selector) {
  return TextColumn(
      "Selector", "Labels of the pods that belong to the object.",
      [path = std::move(selector)](const json& object) {
        return OrNone(LabelSelectorText(At(object, path)));
      },
      1);
}

}  // namespace kless::kubernetes
