#include "functions/kubernetes/objects/served_document.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Fills in or corrects fields from the key that a raw writer omitted or set wrongly.
std::string Repaired(const Kind& kind, const std::string& document, std::string_view resource_name,
                     std::uint64_t version) {
  const auto parsed = ParseJson(document);
  json object = parsed.has_value() && parsed->is_object() ? parsed.value() : json::object();
  if (kind.from_stored) kind.from_stored(object);
  object["apiVersion"] = kind.ApiVersion();
  object["kind"] = kind.kind;
  json& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  const std::size_t slash = resource_name.find('/');
  if (kind.namespaced && slash != std::string_view::npos) {
    metadata["namespace"] = resource_name.substr(0, slash);
    metadata["name"] = resource_name.substr(slash + 1);
  } else {
    metadata["name"] = resource_name;
  }
  metadata["resourceVersion"] = std::to_string(version);
  return DumpJson(object);
}

}  // namespace

std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name) {
  return ServedDocument(kind, item, resource_name, item.version);
}

std::string ServedDocument(const Kind& kind, const Item& item, std::string_view resource_name,
                           std::uint64_t version) {
  if (kind.from_stored || item.fields == nullptr || !item.fields->canonical ||
      item.fields->metadata_begin == 0) {
    return Repaired(kind, item.document, resource_name, version);
  }
  const std::size_t at = item.fields->metadata_begin;
  const std::string number = std::to_string(version);
  std::string out;
  out.reserve(item.document.size() + number.size() + 24);
  out.append(item.document, 0, at);
  out += R"("resourceVersion":")";
  out += number;
  out += R"(",)";
  out.append(item.document, at, std::string::npos);
  return out;
}

}  // namespace kless::kubernetes
