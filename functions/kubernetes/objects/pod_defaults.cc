#include "functions/kubernetes/objects/pod_defaults.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/quantity.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr int kDefaultMode = 0644;  // mode of files in volumes

// Calls `visit` for every object in the array `object[key]`.
template <class Visit>
void ForEachObject(json& object, const char* key, Visit visit) {
  json* array = Find(object, key);
  if (array == nullptr || !array->is_array()) return;
  for (json& entry : *array) {
    if (entry.is_object()) visit(entry);
  }
}

void DefaultHttpGet(json& handler) {
  if (json* http = Find(handler, "httpGet")) {
    if (StringAt(*http, "path").empty()) Set(*http, "path", "/");
    SetDefault(*http, "scheme", "HTTP");
  }
}

void DefaultProbe(json& container, const char* key) {
  json* probe = Find(container, key);
  if (probe == nullptr || !probe->is_object()) return;
  SetDefault(*probe, "timeoutSeconds", 1);
  SetDefault(*probe, "periodSeconds", 10);
  SetDefault(*probe, "successThreshold", 1);
  SetDefault(*probe, "failureThreshold", 3);
  DefaultHttpGet(*probe);
  if (json* grpc = Find(*probe, "grpc")) SetDefault(*grpc, "service", "");
}

void DefaultFieldRef(json& holder) {
  if (json* reference = Find(holder, "fieldRef")) SetDefault(*reference, "apiVersion", "v1");
}

// "Always" for no tag or :latest, else "IfNotPresent".
const char* ImagePullPolicy(const std::string& image) {
  if (image.find('@') != std::string::npos) return "IfNotPresent";
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.rfind(':');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return tagged && image.substr(colon + 1) != "latest" ? "IfNotPresent" : "Always";
}

void DefaultContainer(json& container) {
  SetDefault(container, "resources", json::object());
  if (json* resources = Find(container, "resources")) {
    for (const char* key : {"limits", "requests"}) CanonicalizeQuantities(Find(*resources, key));
  }
  SetDefault(container, "terminationMessagePath", "/dev/termination-log");
  SetDefault(container, "terminationMessagePolicy", "File");
  SetDefault(container, "imagePullPolicy", ImagePullPolicy(StringAt(container, "image")));
  ForEachObject(container, "ports", [](json& port) { SetDefault(port, "protocol", "TCP"); });
  ForEachObject(container, "env", [](json& variable) {
    if (json* source = Find(variable, "valueFrom")) DefaultFieldRef(*source);
  });
  DefaultProbe(container, "livenessProbe");
  DefaultProbe(container, "readinessProbe");
  DefaultProbe(container, "startupProbe");
  if (json* lifecycle = Find(container, "lifecycle")) {
    for (const char* hook : {"postStart", "preStop"}) {
      if (json* handler = Find(*lifecycle, hook)) DefaultHttpGet(*handler);
    }
  }
}

void DefaultVolume(json& volume) {
  if (volume.size() <= 1 && volume.contains("name")) volume["emptyDir"] = json::object();
  for (const char* source : {"configMap", "secret", "downwardAPI", "projected"}) {
    if (json* value = Find(volume, source)) SetDefault(*value, "defaultMode", kDefaultMode);
  }
  if (json* path = Find(volume, "hostPath")) SetDefault(*path, "type", "");
  if (json* downward = Find(volume, "downwardAPI")) {
    ForEachObject(*downward, "items", [](json& item) { DefaultFieldRef(item); });
  }
  if (json* projected = Find(volume, "projected")) {
    ForEachObject(*projected, "sources", [](json& source) {
      if (json* token = Find(source, "serviceAccountToken")) {
        SetDefault(*token, "expirationSeconds", 3600);
      }
      if (json* downward = Find(source, "downwardAPI")) {
        ForEachObject(*downward, "items", [](json& item) { DefaultFieldRef(item); });
      }
    });
  }
}

bool HasToleration(const json& toleration, const std::string& key) {
  const std::string tolerated = StringAt(toleration, "key");
  const std::string effect = StringAt(toleration, "effect");
  return (tolerated.empty() || tolerated == key) && (effect.empty() || effect == "NoExecute");
}

// Requests or limits of one container for the two resources that determine the QoS class.
struct ContainerResources {
  double cpu = 0, memory = 0;
};

ContainerResources ResourcesAt(const json& container, const char* which) {
  ContainerResources resources;
  if (const json* list = Find(container, {"resources", which})) {
    if (const json* cpu = Find(*list, "cpu")) resources.cpu = QuantityValue(*cpu);
    if (const json* memory = Find(*list, "memory")) resources.memory = QuantityValue(*memory);
  }
  return resources;
}

}  // namespace

void ApplyPodSpecDefaults(json& spec) {
  if (!spec.is_object()) return;
  SetDefault(spec, "dnsPolicy", "ClusterFirst");
  SetDefault(spec, "restartPolicy", "Always");
  SetDefault(spec, "securityContext", json::object());
  SetDefault(spec, "terminationGracePeriodSeconds", 30);
  SetDefault(spec, "schedulerName", "default-scheduler");
  if (StringAt(spec, "schedulerName").empty() && spec["schedulerName"].is_string()) {
    spec["schedulerName"] = "default-scheduler";
  }
  ForEachObject(spec, "initContainers", DefaultContainer);
  ForEachObject(spec, "containers", DefaultContainer);
  ForEachObject(spec, "volumes", DefaultVolume);
  if (BoolAt(spec, "hostNetwork")) {
    for (const char* key : {"initContainers", "containers"}) {
      ForEachObject(spec, key, [](json& container) {
        ForEachObject(container, "ports", [](json& port) {
          if (auto number = IntegerAt(port, "containerPort")) SetDefault(port, "hostPort", *number);
        });
      });
    }
  }
}

void ApplyPodOnlyDefaults(json& spec) {
  if (!spec.is_object()) return;
  SetDefault(spec, "enableServiceLinks", true);
  for (const char* key : {"initContainers", "containers"}) {
    ForEachObject(spec, key, [](json& container) {
      json* resources = Find(container, "resources");
      json* limits = resources == nullptr ? nullptr : Find(*resources, "limits");
      if (limits == nullptr || !limits->is_object()) return;
      json* requests = ObjectAt(*resources, "requests");
      if (requests == nullptr) return;
      limits = Find(*resources, "limits");
      for (const auto& [name, quantity] : limits->items()) {
        SetDefault(*requests, name.c_str(), quantity);
      }
    });
  }
}

void ApplyPodAdmission(json& spec) {
  if (!spec.is_object()) return;
  SetDefault(spec, "priority", 0);
  SetDefault(spec, "preemptionPolicy", "PreemptLowerPriority");
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    json& tolerations = spec["tolerations"];
    if (tolerations.is_null()) tolerations = json::array();
    if (!tolerations.is_array()) return;
    bool tolerated = false;
    for (const json& toleration : tolerations)
      tolerated = tolerated || HasToleration(toleration, key);
    if (tolerated) continue;
    tolerations.push_back({{"effect", "NoExecute"},
                           {"key", key},
                           {"operator", "Exists"},
                           {"tolerationSeconds", 300}});
  }
}

std::string QosClass(const json& spec) {
  bool any = false;
  bool guaranteed = true;
  for (const char* key : {"initContainers", "containers"}) {
    const json* containers = Find(spec, key);
    if (containers == nullptr || !containers->is_array()) continue;
    for (const json& container : *containers) {
      const ContainerResources limits = ResourcesAt(container, "limits");
      const ContainerResources requests = ResourcesAt(container, "requests");
      any = any || limits.cpu > 0 || limits.memory > 0 || requests.cpu > 0 || requests.memory > 0;
      guaranteed = guaranteed && limits.cpu > 0 && limits.memory > 0 &&
                   requests.cpu == limits.cpu && requests.memory == limits.memory;
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace kless::kubernetes
