#include "emulator/doors/kubernetes/write/binding.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/write/pod_verbs.h"
#include "emulator/doors/kubernetes/write/stored.h"
#include "functions/kubernetes/objects/pod_binding.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

// The conflict of a verb of a pod: "Operation cannot be fulfilled on pods/binding "a": <why>".
HttpResponse BindingConflict(const std::string& pod, const std::string& why) {
  return StatusResponse(kubernetes::StatusFailure(
      409, "Conflict", "Operation cannot be fulfilled on pods/binding \"" + pod + "\": " + why,
      {{"name", pod}, {"kind", "pods/binding"}}));
}

// The API server reports an invalid binding target as an internal error.
HttpResponse BadTarget(std::string why) {
  return StatusResponse(kubernetes::StatusFailure(500, "", std::move(why), nullptr));
}

}  // namespace

HttpResponse ServeBinding(KubernetesContext& context, const ResourcePath& collection,
                          const HttpRequest& request) {
  ResourcePath path = collection;
  json binding;
  const Kind kind = BodyKind(*path.kind, "Binding", "");
  if (auto refusal = DecodeObject(request, kind, &binding)) return std::move(*refusal);
  bool dry_run = false;
  if (auto refusal = DecodeWriteOptions(request, "CreateOptions", &dry_run)) {
    return std::move(*refusal);
  }
  const std::string name = StringAt(binding, {"metadata", "name"});
  if (path.name.empty()) path.name = name;
  if (!name.empty() && name != path.name) {
    return BadRequest("name in URL does not match name in Binding object");
  }
  const std::string target = StringAt(binding, {"target", "kind"});
  const std::string node = StringAt(binding, {"target", "name"});
  if (!target.empty() && target != "Node") {
    return BadTarget("target.kind: Unsupported value: " + DumpJson(json(target)) +
                     ": supported values: \"Node\", \"<empty>\"");
  }
  if (node.empty()) return BadTarget("target.name: Required value");

  ItemPtr item;
  json pod;
  if (auto refusal = Load(context, path, &item, &pod)) return std::move(*refusal);
  const std::string uid = StringAt(binding, {"metadata", "uid"});
  if (!uid.empty() && uid != StringAt(pod, {"metadata", "uid"})) {
    return BindingConflict(path.name, "the uid in the precondition does not match the pod's");
  }
  const auto node_object = context.stored.Find("node", node);
  const auto problem =
      kubernetes::BindPod(pod, node, node_object.get(), context.event_loop.UnixNanos());
  if (problem) return BindingConflict(path.name, *problem);
  if (!dry_run) {
    if (auto refusal = Save(context, path, pod, item->version)) return std::move(*refusal);
  }
  return VerbDone();
}

}  // namespace kless::doors
