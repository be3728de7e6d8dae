#include "functions/controllers/loop/new_pod.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/loop/ownership.h"
#include "functions/kubernetes/objects/pod_defaults.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::controllers {

using nlohmann::json;

Write NewPod(const json& owner, const std::string& namespace_name, std::int64_t unix_nanos) {
  const json& pod_template = kubernetes::FindOrEmpty(owner, {"spec", "template"});
  json spec = kubernetes::FindOrEmpty(pod_template, "spec");
  kubernetes::ApplyPodSpecDefaults(spec);
  kubernetes::ApplyPodOnlyDefaults(spec);
  kubernetes::ApplyPodAdmission(spec);
  json metadata = {{"creationTimestamp", FormatTime(unix_nanos)},
                   {"generation", 1},
                   {"namespace", namespace_name},
                   {"ownerReferences", json::array({ControllerReference(owner)})}};
  for (const char* key : {"labels", "annotations", "finalizers"}) {
    const json* value = kubernetes::Find(pod_template, {"metadata", key});
    if (value != nullptr && !value->empty()) metadata[key] = *value;
  }
  Creation creation;
  creation.generate_name = (kubernetes::StringAt(owner, {"metadata", "name"}) + "-")
                               .substr(0, kubernetes::kMaxGeneratedNameBase);
  metadata["generateName"] = creation.generate_name;
  const json status = {{"phase", "Pending"}, {"qosClass", kubernetes::QosClass(spec)}};
  const auto pod = std::make_shared<const json>(json{{"apiVersion", "v1"},
                                                     {"kind", "Pod"},
                                                     {"metadata", std::move(metadata)},
                                                     {"spec", std::move(spec)},
                                                     {"status", status}});
  creation.render = [pod](const std::string& name, const std::string& uid) {
    json object = *pod;
    object["metadata"]["name"] = name;
    object["metadata"]["uid"] = uid;
    return DumpJson(object);
  };
  return {.id = {"pod", namespace_name + "/"}, .change = std::move(creation)};
}

}  // namespace kless::controllers
