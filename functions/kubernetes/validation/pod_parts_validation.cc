// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go
#include "functions/kubernetes/validation/pod_parts_validation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kPortSentence = "must be between 1 and 65535, inclusive";
constexpr std::size_t kMaxPortName = 15;

// In the order in which the API server checks them.
constexpr const char* kVolumeSources[] = {"emptyDir",
                                          "hostPath",
                                          "gitRepo",
                                          "gcePersistentDisk",
                                          "awsElasticBlockStore",
                                          "secret",
                                          "nfs",
                                          "iscsi",
                                          "glusterfs",
                                          "persistentVolumeClaim",
                                          "rbd",
                                          "cinder",
                                          "cephfs",
                                          "flocker",
                                          "downwardAPI",
                                          "fc",
                                          "azureFile",
                                          "configMap",
                                          "quobyte",
                                          "vsphereVolume",
                                          "photonPersistentDisk",
                                          "portworxVolume",
                                          "azureDisk",
                                          "storageos",
                                          "projected",
                                          "scaleIO",
                                          "csi",
                                          "ephemeral",
                                          "image"};

// The required field of each source.
constexpr const char* kRequired[][2] = {
    {"hostPath", "path"},  {"secret", "secretName"},
    {"configMap", "name"}, {"persistentVolumeClaim", "claimName"},
    {"nfs", "server"},     {"nfs", "path"},
    {"csi", "driver"}};

bool IsPort(std::int64_t number) { return number >= 1 && number <= 65535; }

std::string PartAt(const std::string& field, std::size_t i) {
  return field + "[" + std::to_string(i) + "]";
}

void ValidatePorts(const json* ports, const std::string& field, FieldErrors& errors) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < SizeOf(ports); ++i) {
    const json& port = (*ports)[i];
    const std::string at = PartAt(field, i);
    const std::string name = StringAt(port, "name");
    if (!name.empty()) {
      const std::size_t before = errors.size();
      ValidatePortName(name, at + ".name", errors);
      if (errors.size() == before && !names.insert(name).second) {
        errors.push_back(Duplicate(at + ".name", name));
      }
    }
    const std::int64_t number = IntegerAt(port, "containerPort").value_or(0);
    if (number == 0) {
      errors.push_back(Required(at + ".containerPort", ""));
    } else if (!IsPort(number)) {
      errors.push_back(Invalid(at + ".containerPort", number, kPortSentence));
    }
    const std::int64_t host = IntegerAt(port, "hostPort").value_or(0);
    if (host != 0 && !IsPort(host)) {
      errors.push_back(Invalid(at + ".hostPort", host, kPortSentence));
    }
    const std::string protocol = StringAt(port, "protocol");
    if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") {
      errors.push_back(NotSupported(at + ".protocol", protocol, {"SCTP", "TCP", "UDP"}));
    }
  }
}

bool IsFieldPath(const std::string& path) {
  static const std::set<std::string> kPaths = {
      "metadata.name",        "metadata.namespace", "metadata.uid",       "metadata.labels",
      "metadata.annotations", "spec.nodeName",      "spec.restartPolicy", "spec.serviceAccountName",
      "spec.schedulerName",   "spec.hostNetwork",   "status.phase",       "status.hostIP",
      "status.hostIPs",       "status.podIP",       "status.podIPs"};
  const bool keyed = path.ends_with("']") && (path.starts_with("metadata.labels['") ||
                                              path.starts_with("metadata.annotations['"));
  return keyed || kPaths.contains(path);
}

void ValidateSource(const json& variable, const std::string& field, FieldErrors& errors) {
  const json* source = Find(variable, "valueFrom");
  if (source == nullptr) return;
  int sources = 0;
  for (const char* key : {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"}) {
    const json* reference = Find(*source, key);
    if (reference == nullptr) continue;
    ++sources;
    const std::string at = field + "." + key;
    if (std::string(key) == "fieldRef") {
      const std::string path = StringAt(*reference, "fieldPath");
      if (path.empty()) {
        errors.push_back(Required(at + ".fieldPath", ""));
      } else if (!IsFieldPath(path)) {
        errors.push_back(Invalid(at + ".fieldPath", path,
                                 "error converting fieldPath: field label not supported: " + path));
      }
    } else if (std::string(key) != "resourceFieldRef" && StringAt(*reference, "key").empty()) {
      errors.push_back(Required(at + ".key", ""));
    }
  }
  if (sources == 0) {
    errors.push_back(Invalid(field, "",
                             "must specify one of: `fieldRef`, `resourceFieldRef`, "
                             "`configMapKeyRef` or `secretKeyRef`"));
  } else if (!StringAt(variable, "value").empty()) {
    errors.push_back(Invalid(field, "", "may not be specified when `value` is not empty"));
  } else if (sources > 1) {
    errors.push_back(Invalid(field, "", "may not have more than one field specified at a time"));
  }
}

void ValidateEnvironment(const json* env, const std::string& field, FieldErrors& errors) {
  for (std::size_t i = 0; i < SizeOf(env); ++i) {
    const json& variable = (*env)[i];
    const std::string at = PartAt(field, i);
    const std::string name = StringAt(variable, "name");
    const bool printable = std::all_of(name.begin(), name.end(),
                                       [](char c) { return c >= ' ' && c <= '~' && c != '='; });
    if (name.empty()) {
      errors.push_back(Required(at + ".name", ""));
    } else if (!printable) {
      errors.push_back(Invalid(at + ".name", name,
                               "a valid environment variable name must consist only of printable "
                               "ASCII characters other than '='"));
    }
    ValidateSource(variable, at + ".valueFrom", errors);
  }
}

void ValidateMounts(const json* mounts, const std::string& field,
                    const std::set<std::string>& volumes, FieldErrors& errors) {
  std::set<std::string> paths;
  for (std::size_t i = 0; i < SizeOf(mounts); ++i) {
    const json& mount = (*mounts)[i];
    const std::string at = PartAt(field, i);
    const std::string name = StringAt(mount, "name");
    const std::string path = StringAt(mount, "mountPath");
    if (name.empty()) {
      errors.push_back(Required(at + ".name", ""));
    } else if (!volumes.contains(name)) {
      errors.push_back(NotFound(at + ".name", name));
    }
    if (path.empty()) {
      errors.push_back(Required(at + ".mountPath", ""));
    } else if (!paths.insert(path).second) {
      errors.push_back(Invalid(at + ".mountPath", path, "must be unique"));
    }
  }
}

void ValidateVolumeSource(const json& volume, const std::string& field, FieldErrors& errors) {
  bool found = false;
  for (const char* source : kVolumeSources) {
    const json* value = Find(volume, source);
    if (value == nullptr) continue;
    const std::string at = field + "." + source;
    if (found) {
      errors.push_back(Forbidden(at, "may not specify more than 1 volume type"));
      continue;
    }
    found = true;
    for (const auto& [name, member] : kRequired) {
      if (std::string(name) == source && StringAt(*value, member).empty()) {
        errors.push_back(Required(at + "." + member, ""));
      }
    }
  }
  if (!found) errors.push_back(Required(field, "must specify a volume type"));
}

}  // namespace

void ValidatePortName(const std::string& name, const std::string& field, FieldErrors& errors) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::vector<const char*> problems;
  if (name.size() > kMaxPortName) problems.push_back("must be no more than 15 characters");
  if (!std::all_of(name.begin(), name.end(),
                   [&](char c) { return lower(c) || digit(c) || c == '-'; })) {
    problems.push_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!std::any_of(name.begin(), name.end(), lower)) {
    problems.push_back("must contain at least one letter (a-z)");
  }
  if (name.find("--") != std::string::npos) {
    problems.push_back("must not contain consecutive hyphens");
  }
  if (name.starts_with('-') || name.ends_with('-')) {
    problems.push_back("must not begin or end with a hyphen");
  }
  for (const char* problem : problems) errors.push_back(Invalid(field, name, problem));
}

void ValidateDeletionCost(const json& object, FieldErrors& errors) {
  constexpr const char* kAnnotation = "controller.kubernetes.io/pod-deletion-cost";
  const json* value = Find(object, {"metadata", "annotations", kAnnotation});
  if (value == nullptr || !value->is_string()) return;
  const std::string& text = value->get_ref<const std::string&>();
  const std::string digits = text.starts_with('-') ? text.substr(1) : text;
  const auto number = ParseInteger(text);
  const bool padded = digits.size() > 1 && digits.front() == '0';
  if (number && !padded && *number >= INT32_MIN && *number <= INT32_MAX) return;
  errors.push_back(Invalid(std::string("metadata.annotations[") + kAnnotation + "]", text,
                           "must be a 32bit integer"));
}

std::set<std::string> ValidateVolumes(const json* volumes, const std::string& field,
                                      FieldErrors& errors) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < SizeOf(volumes); ++i) {
    const json& volume = (*volumes)[i];
    const std::string at = PartAt(field, i);
    const std::size_t before = errors.size();
    ValidateVolumeSource(volume, at, errors);
    const std::string name = StringAt(volume, "name");
    if (name.empty()) {
      errors.push_back(Required(at + ".name", ""));
    } else {
      for (const std::string& problem : DnsLabelProblems(name)) {
        errors.push_back(Invalid(at + ".name", name, problem));
      }
      if (names.contains(name)) errors.push_back(Duplicate(at + ".name", name));
    }
    if (errors.size() == before) names.insert(name);
  }
  return names;
}

void ValidateContainerParts(const json& container, const std::string& field,
                            const std::set<std::string>& volumes, FieldErrors& errors) {
  ValidatePorts(Find(container, "ports"), field + ".ports", errors);
  ValidateEnvironment(Find(container, "env"), field + ".env", errors);
  ValidateMounts(Find(container, "volumeMounts"), field + ".volumeMounts", volumes, errors);
}

}  // namespace kless::kubernetes
