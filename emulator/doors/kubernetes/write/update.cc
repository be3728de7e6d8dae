#include "emulator/doors/kubernetes/write/update.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/kubernetes/write/create.h"
#include "emulator/doors/kubernetes/write/stored.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

// Checks that a replace has the same names in body and path.
Refusal CheckNames(const ResourcePath& path, const json& body) {
  const std::string name = StringAt(body, {"metadata", "name"});
  if (name.empty()) {
    return BadRequest("the name of the object (" + path.name +
                      " based on URL) was undeterminable: name must be provided");
  }
  return CheckSameNames(path, body);
}

// A uid in the body is a precondition.
Refusal CheckUid(const ResourcePath& path, const json& body, const json& stored) {
  const std::string uid = StringAt(body, {"metadata", "uid"});
  const std::string current = StringAt(stored, {"metadata", "uid"});
  if (uid.empty() || uid == current) return std::nullopt;
  return Conflict(*path.kind, path.name,
                  "StorageError: invalid object, Code: 4, Key: /registry/" + path.kind->plural +
                      "/" + path.Id().name +
                      ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
                      "precondition: " +
                      uid + ", UID in object meta: " + current);
}

}  // namespace

HttpResponse ServeReplace(KubernetesContext& context, const ResourcePath& path,
                          const HttpRequest& request) {
  const Kind& kind = *path.kind;
  ObjectWrite write{path, {}};
  json body;
  if (auto refusal = DecodeWrite(request, "UpdateOptions", &write, &body)) {
    return std::move(*refusal);
  }
  if (auto refusal = CheckNames(path, body)) return std::move(*refusal);
  const std::string version = StringAt(body, {"metadata", "resourceVersion"});
  const bool unconditional = version.empty() || version == "0";
  if (!unconditional && !ParseUnsigned(version)) {
    const std::string quoted = DumpJson(version);
    return BadRequest("metadata.resourceVersion: Invalid value: " + quoted +
                      ": strconv.ParseUint: parsing " + quoted + ": invalid syntax");
  }
  return UntilNotOvertaken(path, [&]() -> std::optional<HttpResponse> {
    const auto found = context.resources().Get(path.Id());
    if (found.has_error()) {
      if (found.error().code != ErrorCode::kNotFound) return StoreFailure(found.error());
      const bool creates = kind.create_on_update && unconditional;
      if (!creates) return NotFound(kind, path.name);
      return CreateObject(context, write, body);
    }
    if (unconditional && !kind.unconditional_update) return VersionRequired(kind, path.name);
    const Item& item = *found.value();
    if (!unconditional && *ParseUnsigned(version) != item.version) {
      return Overtaken(kind, path.name);
    }
    const json stored = Decoded(kind, item);
    if (auto refusal = CheckUid(path, body, stored)) return refusal;
    return UpdateObject(context, write, body, item, stored);
  });
}

std::optional<HttpResponse> UpdateObject(KubernetesContext& context, ObjectWrite write, json object,
                                         const Item& item, const json& stored) {
  json old = stored;  // as the API server would have read it, with defaults
  PrepareUpdate(context, &write, &old, &object);
  if (auto refusal = ValidateUpdate(write.path, old, &object)) return refusal;
  return StoreOver(context, write, item, stored, object);
}

}  // namespace kless::doors
