#include "functions/controllers/loop/stored_object.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

namespace {

// Documents have thousands of bytes, with a quote in every tenth: memmem is several times faster on
// them than string_view::find.
std::size_t FindIn(std::string_view text, std::string_view what) {
  const void* const found = memmem(text.data(), text.size(), what.data(), what.size());
  if (found == nullptr) return text.npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// The text between the brackets; "" if the key does not occur; nullopt if the text has another
// form.
std::optional<std::string_view> ArrayText(const ItemPtr& item, std::string_view key) {
  if (item == nullptr) return std::string_view();
  const std::string_view document = item->document;
  const std::string quoted = "\"" + std::string(key) + "\"";
  const std::size_t at = FindIn(document, quoted);
  if (at == document.npos) return std::string_view();
  const std::size_t begin = at + quoted.size();
  if (document.substr(begin, 2) != ":[" ||
      FindIn(document.substr(begin), quoted) != document.npos) {
    return std::nullopt;
  }
  const std::size_t end = document.find(']', begin);
  if (end == document.npos) return std::nullopt;
  const std::string_view text = document.substr(begin, end - begin);
  // A bracket or a quote inside a string needs a parser.
  const bool plain =
      std::count(text.begin(), text.end(), '"') % 2 == 0 && text.find('\\') == text.npos;
  return plain ? std::optional(text) : std::nullopt;
}

}  // namespace

using nlohmann::json;

json ObjectOf(const ItemPtr& item) {
  if (item == nullptr) return json::object();
  auto parsed = ParseJson(item->document);
  if (parsed.has_error() || !parsed.value().is_object()) return json::object();
  return std::move(parsed.value());
}

const std::string& UidOf(const ItemPtr& item) {
  static const std::string kNone;
  return item != nullptr && item->fields ? item->fields->uid : kNone;
}

bool IsDeleting(const ItemPtr& item) {
  return item != nullptr && item->fields && item->fields->deleting;
}

bool SameArrayText(const ItemPtr& a, const ItemPtr& b, std::string_view key) {
  const auto one = ArrayText(a, key);
  const auto other = ArrayText(b, key);
  return one && other && *one == *other;
}

std::optional<json> ArrayAlone(const ItemPtr& item, std::string_view key) {
  const auto text = ArrayText(item, key);
  if (!text) return std::nullopt;
  if (text->empty()) return json::array();
  const auto parsed = ParseJson(std::string(text->substr(1)) + "]");
  if (parsed.has_error() || !parsed->is_array()) return std::nullopt;
  return parsed.value();
}

EventTarget TargetOf(const json& object, std::uint64_t version) {
  EventTarget target;
  target.api_version = kubernetes::StringAt(object, "apiVersion");
  target.kind = kubernetes::StringAt(object, "kind");
  target.namespace_name = kubernetes::StringAt(object, {"metadata", "namespace"});
  target.name = kubernetes::StringAt(object, {"metadata", "name"});
  target.uid = kubernetes::StringAt(object, {"metadata", "uid"});
  target.resource_version = version;
  return target;
}

const json* FindCondition(const json& object, std::string_view type) {
  const json* conditions = kubernetes::Find(object, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return nullptr;
  for (const json& condition : *conditions) {
    if (kubernetes::StringAt(condition, "type") == type) return &condition;
  }
  return nullptr;
}

}  // namespace kless::controllers
