#include "emulator/cli/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"
#include "emulator/cli/http_client.h"
#include "functions/kubernetes/kinds/registry.h"

namespace kless::cli {
namespace {

using nlohmann::json;

Error Invalid(const std::string& name, const std::string& message) {
  return MakeError(ErrorCode::kInvalidArgument, name + ": " + message);
}

std::string NodeText(const json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Error UnknownKind(const std::string& name, const std::string& api_version,
                  const std::string& kind) {
  std::string message =
      "no matches for kind \"" + kind + "\" in version \"" + api_version + "\"; known:";
  std::vector<std::string> names;
  for (const kubernetes::Kind& known : kubernetes::Kinds()) {
    message += " " + known.ApiVersion() + " " + known.kind + ",";
    names.push_back(known.kind);
  }
  message.pop_back();
  message += " (custom kinds are created with kubectl)";
  if (const auto near = NearestWord(kind, names)) {
    if (*near != kind) message += "; did you mean '" + *near + "'?";
  }
  return Invalid(name, message);
}

Result<void> AddObject(const json& object, const std::string& name,
                       const std::string& namespace_flag, std::vector<Manifest>* manifests) {
  if (!object.is_object()) return Invalid(name, "a document is not an object");
  const std::string kind_name = NodeText(object, "kind");
  const std::string api_version = NodeText(object, "apiVersion");
  if (kind_name.empty()) return Invalid(name, "an object has no kind");
  if (api_version.empty()) return Invalid(name, "a " + kind_name + " has no apiVersion");
  if (kind_name == "List" && api_version == "v1") {
    const json items = object.value("items", json::array());
    if (!items.is_array()) return Invalid(name, "the items of a List are not a list");
    for (const json& item : items) {
      KLESS_TRY_VOID(AddObject(item, name, namespace_flag, manifests));
    }
    return {};
  }
  const kubernetes::Kind* const kind = kubernetes::FindKind(api_version, kind_name);
  if (kind == nullptr) return UnknownKind(name, api_version, kind_name);
  Manifest manifest;
  manifest.kind = kind;
  manifest.body = DumpJson(object);
  if (kind->namespaced) {
    const std::string own = NodeText(object.value("metadata", json::object()), "namespace");
    if (!own.empty() && !namespace_flag.empty() && own != namespace_flag) {
      return Invalid(name, "the namespace from the provided object \"" + own +
                               "\" does not match the namespace \"" + namespace_flag +
                               "\"; pass '--namespace=" + own + "' to perform this operation");
    }
    manifest.namespace_name = !own.empty()              ? own
                              : !namespace_flag.empty() ? namespace_flag
                                                        : "default";
  }
  manifests->push_back(std::move(manifest));
  return {};
}

}  // namespace

Result<std::vector<Manifest>> ReadManifests(const std::string& text, const std::string& name,
                                            const std::string& namespace_flag) {
  KLESS_TRY(auto documents, ParseDocuments(text, YamlRules::kKubectl, name));
  std::vector<Manifest> manifests;
  for (const json& document : documents) {
    KLESS_TRY_VOID(AddObject(document, name, namespace_flag, &manifests));
  }
  if (manifests.empty()) return Invalid(name, "no objects in it");
  return manifests;
}

Result<Manifest> WithGeneratedName(const Manifest& manifest) {
  json object = json::parse(manifest.body);
  json& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  const std::string name = NodeText(metadata, "name");
  if (!name.empty()) {
    metadata.erase("name");
    metadata["generateName"] = name + "-";
  } else if (NodeText(metadata, "generateName").empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "a " + manifest.kind->kind + " has neither name nor generateName");
  }
  Manifest made = manifest;
  made.body = DumpJson(object);
  return made;
}

std::string CollectionPath(const kubernetes::Kind& kind, const std::string& namespace_name) {
  std::string path = kind.group.empty() ? "/api/" : "/apis/" + kind.group + "/";
  path += kind.version;
  if (kind.namespaced) path += "/namespaces/" + PercentEncode(namespace_name);
  return path + "/" + kind.plural;
}

std::string PrintedKind(const kubernetes::Kind& kind) {
  return kind.group.empty() ? kind.singular : kind.singular + "." + kind.group;
}

}  // namespace kless::cli
