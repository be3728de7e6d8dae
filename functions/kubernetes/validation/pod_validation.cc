#include "functions/kubernetes/validation/pod_validation.h"

#include <nlohmann/json.hpp>
#include <set>

#include "functions/kubernetes/validation/pod_parts_validation.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go
constexpr const char* kPodUpdateSentence =
    "pod updates may not change fields other than "
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing "
    "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)";

bool HasSpaceAtEnds(const std::string& text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  return !text.empty() && (space(text.front()) || space(text.back()));
}

void ValidateContainers(const json* containers, const std::string& field,
                        const std::set<std::string>& volumes, std::set<std::string>& names,
                        FieldErrors& errors) {
  if (containers == nullptr || !containers->is_array()) return;
  for (std::size_t i = 0; i < containers->size(); ++i) {
    const json& container = (*containers)[i];
    const std::string at = field + "[" + std::to_string(i) + "]";
    const std::string name = StringAt(container, "name");
    const std::string image = StringAt(container, "image");
    if (name.empty()) {
      errors.push_back(Required(at + ".name", ""));
    } else {
      for (const std::string& problem : DnsLabelProblems(name)) {
        errors.push_back(Invalid(at + ".name", name, problem));
      }
      if (!names.insert(name).second) errors.push_back(Duplicate(at + ".name", name));
    }
    if (image.empty()) {
      errors.push_back(Required(at + ".image", ""));
    } else if (HasSpaceAtEnds(image)) {
      errors.push_back(
          Invalid(at + ".image", image, "must not have leading or trailing whitespace"));
    }
    ValidateContainerParts(container, at, volumes, errors);
  }
}

// Copies container images of `old` into `spec`, so that only other differences remain.
void CopyImages(json& spec, const json& old, const char* key) {
  json* containers = Find(spec, key);
  const json* before = Find(old, key);
  if (SizeOf(containers) != SizeOf(before)) return;
  for (std::size_t i = 0; i < SizeOf(containers); ++i) {
    if (const json* image = Find((*before)[i], "image")) Set((*containers)[i], "image", *image);
  }
}

bool OnlyAdds(const json* now, const json* before) {
  if (before == nullptr || !before->is_array()) return true;
  for (const json& toleration : *before) {
    bool kept = false;
    for (std::size_t i = 0; !kept && i < SizeOf(now); ++i) kept = (*now)[i] == toleration;
    if (!kept) return false;
  }
  return true;
}

void CopyOptional(json& to, const json& from, const char* key) {
  if (const json* value = Find(from, key)) {
    Set(to, key, *value);
  } else {
    Erase(to, key);
  }
}

bool HasGate(const json& spec, const std::string& name) {
  const json* gates = Find(spec, "schedulingGates");
  for (std::size_t i = 0; i < SizeOf(gates); ++i) {
    if (StringAt((*gates)[i], "name") == name) return true;
  }
  return false;
}

// The placement of a gated pod may become stricter: node labels may be added, and node affinity if
// there is none.
void CopyPlacement(json& rest, const json& old) {
  const json& wanted = FindOrEmpty(rest, "nodeSelector");
  const json& before = FindOrEmpty(old, "nodeSelector");
  bool kept = wanted.is_object() && before.is_object();
  if (kept) {
    for (const auto& [key, value] : before.items()) {
      kept = kept && ValueOrNull(wanted, key.c_str()) == value;
    }
  }
  if (kept) CopyOptional(rest, old, "nodeSelector");
  const json& affinity = FindOrEmpty(rest, "affinity");
  const bool only_nodes = affinity.size() == 1 && affinity.contains("nodeAffinity");
  if (Find(old, "affinity") == nullptr && only_nodes) Erase(rest, "affinity");
}

}  // namespace

void ValidatePodSpec(const json& spec, const std::string& field, FieldErrors& errors) {
  const auto volumes = ValidateVolumes(Find(spec, "volumes"), field + ".volumes", errors);
  const json* containers = Find(spec, "containers");
  if (SizeOf(containers) == 0) errors.push_back(Required(field + ".containers", ""));
  std::set<std::string> names;
  ValidateContainers(containers, field + ".containers", volumes, names, errors);
  ValidateContainers(Find(spec, "initContainers"), field + ".initContainers", volumes, names,
                     errors);
  const std::string policy = StringAt(spec, "restartPolicy");
  if (policy.empty()) {
    errors.push_back(Required(field + ".restartPolicy", ""));
  } else if (policy != "Always" && policy != "OnFailure" && policy != "Never") {
    errors.push_back(
        NotSupported(field + ".restartPolicy", policy, {"Always", "OnFailure", "Never"}));
  }
}

void ValidatePodTemplate(const json& pod_template, const std::string& field, FieldErrors& errors) {
  ValidateLabels(Find(pod_template, {"metadata", "labels"}), field + ".labels", errors);
  const json* spec = Find(pod_template, "spec");
  static const json kEmpty = json::object();
  ValidatePodSpec(spec == nullptr ? kEmpty : *spec, field + ".spec", errors);
}

void ValidatePodSpecUpdate(const json& spec, const json& old, FieldErrors& errors) {
  for (const char* key : {"containers", "initContainers"}) {
    if (SizeOf(Find(spec, key)) != SizeOf(Find(old, key))) {
      errors.push_back(
          Forbidden(std::string("spec.") + key, "pod updates may not add or remove containers"));
      return;
    }
  }
  if (const auto before = IntegerAt(old, "activeDeadlineSeconds")) {
    const auto now = IntegerAt(spec, "activeDeadlineSeconds");
    if (!now) {
      errors.push_back(Invalid("spec.activeDeadlineSeconds", json(),
                               "must not update from a positive integer to nil value"));
      return;
    }
    if (*now > *before) {
      errors.push_back(Invalid("spec.activeDeadlineSeconds", *now,
                               "must be less than or equal to previous value"));
      return;
    }
  }
  const json* gates = Find(spec, "schedulingGates");
  for (std::size_t i = 0; i < SizeOf(gates); ++i) {
    const std::string name = StringAt((*gates)[i], "name");
    if (HasGate(old, name)) continue;
    errors.push_back(
        Forbidden("spec.schedulingGates[" + std::to_string(i) + "].name",
                  "only deletion is allowed, but found new scheduling gate '" + name + "'"));
  }
  if (!errors.empty()) return;
  json rest = spec;
  CopyOptional(rest, old, "schedulingGates");
  if (SizeOf(Find(old, "schedulingGates")) > 0) CopyPlacement(rest, old);
  CopyImages(rest, old, "containers");
  CopyImages(rest, old, "initContainers");
  CopyOptional(rest, old, "activeDeadlineSeconds");
  if (OnlyAdds(Find(spec, "tolerations"), Find(old, "tolerations"))) {
    CopyOptional(rest, old, "tolerations");
  }
  const auto grace = IntegerAt(old, "terminationGracePeriodSeconds");
  if (grace && *grace < 0 && IntegerAt(spec, "terminationGracePeriodSeconds") == 1) {
    CopyOptional(rest, old, "terminationGracePeriodSeconds");
  }
  if (rest != old) errors.push_back(Forbidden("spec", kPodUpdateSentence));
}

}  // namespace kless::kubernetes
