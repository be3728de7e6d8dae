#include "emulator/control_planes/intent.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::control_planes {

bool Intent::Contains(const std::string& name) const {
  return std::binary_search(names.begin(), names.end(), name);
}

void Intent::Add(std::vector<std::string> more) {
  names.insert(names.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

void Intent::Drop(const std::vector<std::string>& gone) {
  std::vector<std::string> sorted = gone;
  std::sort(sorted.begin(), sorted.end());
  std::erase_if(names, [&](const std::string& name) {
    return std::binary_search(sorted.begin(), sorted.end(), name);
  });
}

std::string Intent::ToDocument() const {
  std::string text = R"({"owner":)";
  AppendJsonString(text, owner_uid);
  if (closed) text += R"(,"closed":true)";
  if (timer) text += R"(,"timer":true)";
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += ' ';
    list.append(name, name.find('/') + 1);
  }
  text += R"(,"names":)";
  AppendJsonString(text, list);
  text += '}';
  return text;
}

Intent Intent::FromItem(const Item& item, const std::string& namespace_name) {
  Intent intent;
  intent.version = item.version;
  const auto parsed = ParseJson(item.document);
  if (parsed.has_error() || !parsed->is_object()) return intent;
  const nlohmann::json& json = parsed.value();
  const auto text = [&](const char* key) -> std::string {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  intent.owner_uid = text("owner");
  const auto flag = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_boolean() && found->get<bool>();
  };
  intent.closed = flag("closed");
  intent.timer = flag("timer");
  const std::string list = text("names");
  for (const std::string_view name : Split(list, ' ')) {
    if (!name.empty()) intent.names.push_back(namespace_name + "/" + std::string(name));
  }
  std::sort(intent.names.begin(), intent.names.end());
  return intent;
}

ResourceId IntentId(const std::string& namespace_name, const std::string& owner_uid) {
  return {kIntentType, namespace_name + "/" + owner_uid};
}

}  // namespace kless::control_planes
