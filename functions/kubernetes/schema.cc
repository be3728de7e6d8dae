#include "functions/kubernetes/schema.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/schema_types.h"

namespace kless::kubernetes {

using nlohmann::json;
using Shape = Schema::Shape;

namespace schema_types {

const Schema kString{Shape::kString, "string", nullptr, {}};
const Schema kBool{Shape::kBool, "bool", nullptr, {}};
const Schema kInt32{Shape::kInt32, "int32", nullptr, {}};
const Schema kInt64{Shape::kInt64, "int64", nullptr, {}};
const Schema kTime{Shape::kTime, "v1.Time", nullptr, {}};
const Schema kAny{Shape::kAny, "", nullptr, {}};
const Schema kFinalizers{Shape::kList, "[]string", &kString, {}, kMergeSet};
const Schema kStrings{Shape::kList, "[]string", &kString, {}};
const Schema kUids{Shape::kList, "[]types.UID", &kString, {}};
const Schema kStringMap{Shape::kMap, "map[string]string", &kString, {}};
const Schema kQuantities{Shape::kMap, "v1.ResourceList", &kAny, {}};

const Schema kOwnerReference{Shape::kStruct,
                             "v1.OwnerReference",
                             nullptr,
                             {{"apiVersion", &kString},
                              {"kind", &kString},
                              {"name", &kString},
                              {"uid", &kString},
                              {"controller", &kBool},
                              {"blockOwnerDeletion", &kBool}}};
const Schema kOwnerReferences{Shape::kList, "[]v1.OwnerReference", &kOwnerReference, {}, "uid"};

const Schema kObjectMeta{Shape::kStruct,
                         "v1.ObjectMeta",
                         nullptr,
                         {{"name", &kString},
                          {"generateName", &kString},
                          {"namespace", &kString},
                          {"uid", &kString},
                          {"resourceVersion", &kString},
                          {"generation", &kInt64},
                          {"creationTimestamp", &kTime},
                          {"deletionTimestamp", &kTime},
                          {"deletionGracePeriodSeconds", &kInt64},
                          {"labels", &kStringMap},
                          {"annotations", &kStringMap},
                          {"ownerReferences", &kOwnerReferences},
                          {"finalizers", &kFinalizers}}};

const Schema kLabelSelectorRequirement{
    Shape::kStruct,
    "v1.LabelSelectorRequirement",
    nullptr,
    {{"key", &kString}, {"operator", &kString}, {"values", &kStrings}}};
const Schema kLabelSelectorRequirements{
    Shape::kList, "[]v1.LabelSelectorRequirement", &kLabelSelectorRequirement, {}};
const Schema kLabelSelector{
    Shape::kStruct,
    "v1.LabelSelector",
    nullptr,
    {{"matchLabels", &kStringMap}, {"matchExpressions", &kLabelSelectorRequirements}}};

const Schema kFieldRef{Shape::kStruct,
                       "v1.ObjectFieldSelector",
                       nullptr,
                       {{"apiVersion", &kString}, {"fieldPath", &kString}}};
const Schema kEnvVarSource{Shape::kStruct, "v1.EnvVarSource", nullptr, {{"fieldRef", &kFieldRef}}};
const Schema kEnvVar{Shape::kStruct,
                     "v1.EnvVar",
                     nullptr,
                     {{"name", &kString}, {"value", &kString}, {"valueFrom", &kEnvVarSource}}};
const Schema kEnvVars{Shape::kList, "[]v1.EnvVar", &kEnvVar, {}, "name"};
const Schema kContainerPort{Shape::kStruct,
                            "v1.ContainerPort",
                            nullptr,
                            {{"name", &kString},
                             {"hostPort", &kInt32},
                             {"containerPort", &kInt32},
                             {"protocol", &kString},
                             {"hostIP", &kString}}};
const Schema kContainerPorts{
    Shape::kList, "[]v1.ContainerPort", &kContainerPort, {}, "containerPort"};
const Schema kResources{Shape::kStruct,
                        "v1.ResourceRequirements",
                        nullptr,
                        {{"limits", &kQuantities}, {"requests", &kQuantities}}};
const Schema kHttpGet{Shape::kStruct,
                      "v1.HTTPGetAction",
                      nullptr,
                      {{"path", &kString}, {"host", &kString}, {"scheme", &kString}}};
const Schema kProbe{Shape::kStruct,
                    "v1.Probe",
                    nullptr,
                    {{"httpGet", &kHttpGet},
                     {"initialDelaySeconds", &kInt32},
                     {"timeoutSeconds", &kInt32},
                     {"periodSeconds", &kInt32},
                     {"successThreshold", &kInt32},
                     {"failureThreshold", &kInt32}}};
const Schema kVolumeMount{
    Shape::kStruct, "v1.VolumeMount", nullptr, {{"name", &kString}, {"mountPath", &kString}}};
const Schema kVolumeMounts{Shape::kList, "[]v1.VolumeMount", &kVolumeMount, {}, "mountPath"};
const Schema kContainer{Shape::kStruct,
                        "v1.Container",
                        nullptr,
                        {{"name", &kString},
                         {"image", &kString},
                         {"command", &kStrings},
                         {"args", &kStrings},
                         {"workingDir", &kString},
                         {"ports", &kContainerPorts},
                         {"env", &kEnvVars},
                         {"resources", &kResources},
                         {"volumeMounts", &kVolumeMounts},
                         {"livenessProbe", &kProbe},
                         {"readinessProbe", &kProbe},
                         {"startupProbe", &kProbe},
                         {"restartPolicy", &kString},
                         {"terminationMessagePath", &kString},
                         {"terminationMessagePolicy", &kString},
                         {"imagePullPolicy", &kString},
                         {"stdin", &kBool},
                         {"tty", &kBool}}};
const Schema kContainers{Shape::kList, "[]v1.Container", &kContainer, {}, "name"};
const Schema kToleration{Shape::kStruct,
                         "v1.Toleration",
                         nullptr,
                         {{"key", &kString},
                          {"operator", &kString},
                          {"value", &kString},
                          {"effect", &kString},
                          {"tolerationSeconds", &kInt64}}};
const Schema kTolerations{Shape::kList, "[]v1.Toleration", &kToleration, {}};
const Schema kSecurityContext{Shape::kStruct, "v1.PodSecurityContext", nullptr, {}};
const Schema kVolume{Shape::kStruct, "v1.Volume", nullptr, {{"name", &kString}}};
const Schema kVolumes{Shape::kList, "[]v1.Volume", &kVolume, {}, "name"};
const Schema kSchedulingGate{Shape::kStruct, "v1.PodSchedulingGate", nullptr, {{"name", &kString}}};
const Schema kSchedulingGates{Shape::kList, "[]v1.PodSchedulingGate", &kSchedulingGate, {}, "name"};
const Schema kLocalObjectReference{
    Shape::kStruct, "v1.LocalObjectReference", nullptr, {{"name", &kString}}};
const Schema kLocalObjectReferences{
    Shape::kList, "[]v1.LocalObjectReference", &kLocalObjectReference, {}, "name"};
const Schema kTopologySpreadConstraint{Shape::kStruct,
                                       "v1.TopologySpreadConstraint",
                                       nullptr,
                                       {{"maxSkew", &kInt32},
                                        {"topologyKey", &kString},
                                        {"whenUnsatisfiable", &kString},
                                        {"labelSelector", &kLabelSelector},
                                        {"minDomains", &kInt32}}};
const Schema kTopologySpreadConstraints{
    Shape::kList, "[]v1.TopologySpreadConstraint", &kTopologySpreadConstraint, {}, "topologyKey"};
const Schema kPodSpec{Shape::kStruct,
                      "v1.PodSpec",
                      nullptr,
                      {{"volumes", &kVolumes},
                       {"initContainers", &kContainers},
                       {"containers", &kContainers},
                       {"restartPolicy", &kString},
                       {"terminationGracePeriodSeconds", &kInt64},
                       {"activeDeadlineSeconds", &kInt64},
                       {"dnsPolicy", &kString},
                       {"nodeSelector", &kStringMap},
                       {"serviceAccountName", &kString},
                       {"nodeName", &kString},
                       {"hostNetwork", &kBool},
                       {"securityContext", &kSecurityContext},
                       {"hostname", &kString},
                       {"subdomain", &kString},
                       {"schedulerName", &kString},
                       {"tolerations", &kTolerations},
                       {"topologySpreadConstraints", &kTopologySpreadConstraints},
                       {"schedulingGates", &kSchedulingGates},
                       {"imagePullSecrets", &kLocalObjectReferences},
                       {"overhead", &kQuantities},
                       {"priorityClassName", &kString},
                       {"priority", &kInt32},
                       {"preemptionPolicy", &kString},
                       {"enableServiceLinks", &kBool}}};
const Schema kPodTemplateSpec{Shape::kStruct,
                              "v1.PodTemplateSpec",
                              nullptr,
                              {{"metadata", &kObjectMeta}, {"spec", &kPodSpec}}};

const Schema kPodFailurePolicyOnPodCondition{Shape::kStruct,
                                             "v1.PodFailurePolicyOnPodConditionsPattern",
                                             nullptr,
                                             {{"type", &kString}, {"status", &kString}}};
const Schema kPodFailurePolicyOnPodConditions{Shape::kList,
                                              "[]v1.PodFailurePolicyOnPodConditionsPattern",
                                              &kPodFailurePolicyOnPodCondition,
                                              {}};
const Schema kInt32s{Shape::kList, "[]int32", &kInt32, {}};
const Schema kPodFailurePolicyOnExitCodes{
    Shape::kStruct,
    "v1.PodFailurePolicyOnExitCodesRequirement",
    nullptr,
    {{"containerName", &kString}, {"operator", &kString}, {"values", &kInt32s}}};
const Schema kPodFailurePolicyRule{Shape::kStruct,
                                   "v1.PodFailurePolicyRule",
                                   nullptr,
                                   {{"action", &kString},
                                    {"onExitCodes", &kPodFailurePolicyOnExitCodes},
                                    {"onPodConditions", &kPodFailurePolicyOnPodConditions}}};
const Schema kPodFailurePolicyRules{
    Shape::kList, "[]v1.PodFailurePolicyRule", &kPodFailurePolicyRule, {}};
const Schema kPodFailurePolicy{
    Shape::kStruct, "v1.PodFailurePolicy", nullptr, {{"rules", &kPodFailurePolicyRules}}};
const Schema kSuccessPolicyRule{Shape::kStruct,
                                "v1.SuccessPolicyRule",
                                nullptr,
                                {{"succeededIndexes", &kString}, {"succeededCount", &kInt32}}};
const Schema kSuccessPolicyRules{Shape::kList, "[]v1.SuccessPolicyRule", &kSuccessPolicyRule, {}};
const Schema kSuccessPolicy{
    Shape::kStruct, "v1.SuccessPolicy", nullptr, {{"rules", &kSuccessPolicyRules}}};

const Schema kJobSpec{Shape::kStruct,
                      "v1.JobSpec",
                      nullptr,
                      {{"parallelism", &kInt32},
                       {"completions", &kInt32},
                       {"activeDeadlineSeconds", &kInt64},
                       {"podFailurePolicy", &kPodFailurePolicy},
                       {"successPolicy", &kSuccessPolicy},
                       {"backoffLimit", &kInt32},
                       {"backoffLimitPerIndex", &kInt32},
                       {"maxFailedIndexes", &kInt32},
                       {"selector", &kLabelSelector},
                       {"manualSelector", &kBool},
                       {"template", &kPodTemplateSpec},
                       {"ttlSecondsAfterFinished", &kInt32},
                       {"completionMode", &kString},
                       {"suspend", &kBool},
                       {"podReplacementPolicy", &kString},
                       {"managedBy", &kString}}};

const Schema kCondition{Shape::kStruct,
                        "v1.JobCondition",
                        nullptr,
                        {{"type", &kString},
                         {"status", &kString},
                         {"lastProbeTime", &kTime},
                         {"lastTransitionTime", &kTime},
                         {"reason", &kString},
                         {"message", &kString}}};
const Schema kConditions{Shape::kList, "[]v1.JobCondition", &kCondition, {}, "type"};
const Schema kUncounted{Shape::kStruct,
                        "v1.UncountedTerminatedPods",
                        nullptr,
                        {{"succeeded", &kUids}, {"failed", &kUids}}};
const Schema kJobStatus{Shape::kStruct,
                        "v1.JobStatus",
                        nullptr,
                        {{"conditions", &kConditions},
                         {"startTime", &kTime},
                         {"completionTime", &kTime},
                         {"active", &kInt32},
                         {"succeeded", &kInt32},
                         {"failed", &kInt32},
                         {"terminating", &kInt32},
                         {"completedIndexes", &kString},
                         {"failedIndexes", &kString},
                         {"uncountedTerminatedPods", &kUncounted},
                         {"ready", &kInt32}}};

const Schema kPodCondition{
    Shape::kStruct, "v1.PodCondition", nullptr, {{"type", &kString}, {"status", &kString}}};
const Schema kPodConditions{Shape::kList, "[]v1.PodCondition", &kPodCondition, {}, "type"};
const Schema kPodStatus{Shape::kStruct,
                        "v1.PodStatus",
                        nullptr,
                        {{"phase", &kString},
                         {"conditions", &kPodConditions},
                         {"message", &kString},
                         {"reason", &kString},
                         {"hostIP", &kString},
                         {"podIP", &kString},
                         {"nominatedNodeName", &kString},
                         {"startTime", &kTime},
                         {"qosClass", &kString}}};

const Schema kNamespaceSpec{
    Shape::kStruct, "v1.NamespaceSpec", nullptr, {{"finalizers", &kStrings}}};
const Schema kNamespaceCondition{
    Shape::kStruct, "v1.NamespaceCondition", nullptr, {{"type", &kString}, {"status", &kString}}};
const Schema kNamespaceConditions{
    Shape::kList, "[]v1.NamespaceCondition", &kNamespaceCondition, {}, "type"};
const Schema kNamespaceStatus{Shape::kStruct,
                              "v1.NamespaceStatus",
                              nullptr,
                              {{"phase", &kString}, {"conditions", &kNamespaceConditions}}};
const Schema kObjectReference{Shape::kStruct,
                              "v1.ObjectReference",
                              nullptr,
                              {{"kind", &kString},
                               {"namespace", &kString},
                               {"name", &kString},
                               {"uid", &kString},
                               {"apiVersion", &kString},
                               {"resourceVersion", &kString},
                               {"fieldPath", &kString}}};
const Schema kObjectReferences{Shape::kList, "[]v1.ObjectReference", &kObjectReference, {}, "name"};
const Schema kEventSource{
    Shape::kStruct, "v1.EventSource", nullptr, {{"component", &kString}, {"host", &kString}}};

Schema KindSchema(const char* name, const Schema* spec, const Schema* status) {
  Schema schema{Shape::kStruct, name, nullptr, {{"metadata", &kObjectMeta}}};
  if (spec != nullptr) schema.fields.push_back({"spec", spec});
  if (status != nullptr) schema.fields.push_back({"status", status});
  return schema;
}

}  // namespace schema_types

namespace {

// Walks a value; path and struct_name are as Go's UnmarshalTypeError has them.
class Walk {
 public:
  std::optional<std::string> Check(const Schema& schema, const json& value) {
    if (value.is_null()) return std::nullopt;
    switch (schema.shape) {
      case Shape::kAny:
        return std::nullopt;
      case Shape::kString:
        return value.is_string() ? std::nullopt : Mismatch(schema, value);
      case Shape::kBool:
        return value.is_boolean() ? std::nullopt : Mismatch(schema, value);
      case Shape::kInt32:
        return Fits<std::int32_t>(value) ? std::nullopt : Mismatch(schema, value);
      case Shape::kInt64:
        return Fits<std::int64_t>(value) ? std::nullopt : Mismatch(schema, value);
      case Shape::kTime:
        return CheckTime(value);
      case Shape::kMap:
        return value.is_object() ? CheckElements(*schema.element, value) : Mismatch(schema, value);
      case Shape::kList:
        return value.is_array() ? CheckElements(*schema.element, value) : Mismatch(schema, value);
      case Shape::kStruct:
        return value.is_object() ? CheckFields(schema, value) : Mismatch(schema, value);
    }
    return std::nullopt;
  }

 private:
  template <class Integer>
  static bool Fits(const json& value) {
    if (!value.is_number_integer()) return false;
    if (value.is_number_unsigned()) {
      return value.get<std::uint64_t>() <=
             static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
    }
    const auto number = value.get<std::int64_t>();
    return number >= std::numeric_limits<Integer>::min() &&
           number <= std::numeric_limits<Integer>::max();
  }

  std::optional<std::string> CheckTime(const json& value) {
    if (!value.is_string()) {
      return "json: cannot unmarshal " + Describe(value) + " into Go value of type string";
    }
    const auto& text = value.get_ref<const std::string&>();
    if (ParseTime(text)) return std::nullopt;
    const std::string quoted = DumpJson(value);
    return "parsing time " + quoted + " as \"2006-01-02T15:04:05Z07:00\": cannot parse " + quoted +
           " as \"2006\"";
  }

  std::optional<std::string> CheckElements(const Schema& element, const json& values) {
    for (const json& value : values) {
      if (auto problem = Check(element, value)) return problem;
    }
    return std::nullopt;
  }

  std::optional<std::string> CheckFields(const Schema& schema, const json& object) {
    std::string_view go_name = schema.go_name;
    if (auto dot = go_name.find('.'); dot != std::string_view::npos) go_name.remove_prefix(dot + 1);
    for (const Schema::Field& field : schema.fields) {
      auto found = object.find(field.name);
      if (found == object.end()) continue;
      const std::size_t length = path_.size();
      const std::string_view outer = struct_name_;
      if (!path_.empty()) path_ += '.';
      path_ += field.name;
      struct_name_ = go_name;
      if (auto problem = Check(*field.type, *found)) return problem;
      path_.resize(length);
      struct_name_ = outer;
    }
    return std::nullopt;
  }

  std::optional<std::string> Mismatch(const Schema& schema, const json& value) const {
    std::string message = "json: cannot unmarshal " + Describe(value);
    // A number that does not fit is named.
    if (value.is_number() && (schema.shape == Shape::kInt32 || schema.shape == Shape::kInt64)) {
      message += " " + DumpJson(value);
    }
    if (path_.empty()) return message + " into Go value of type " + schema.go_name;
    return message + " into Go struct field " + std::string(struct_name_) + "." + path_ +
           " of type " + schema.go_name;
  }

  // What Go calls a JSON value.
  static std::string Describe(const json& value) {
    switch (value.type()) {
      case json::value_t::string:
        return "string";
      case json::value_t::boolean:
        return "bool";
      case json::value_t::array:
        return "array";
      case json::value_t::object:
        return "object";
      default:
        return "number";
    }
  }

  std::string path_;
  std::string_view struct_name_;
};

}  // namespace

using namespace schema_types;

const Schema& NamespaceSchema() {
  static const Schema schema = KindSchema("v1.Namespace", &kNamespaceSpec, &kNamespaceStatus);
  return schema;
}

const Schema& JobSchema() {
  static const Schema schema = KindSchema("v1.Job", &kJobSpec, &kJobStatus);
  return schema;
}

const Schema& PodSchema() {
  static const Schema schema = KindSchema("v1.Pod", &kPodSpec, &kPodStatus);
  return schema;
}

const Schema& EventSchema() {
  static const Schema schema = [] {
    Schema event = KindSchema("v1.Event", nullptr, nullptr);
    for (const char* name :
         {"reason", "message", "type", "reportingComponent", "reportingInstance", "action"}) {
      event.fields.push_back({name, &kString});
    }
    event.fields.push_back({"involvedObject", &kObjectReference});
    event.fields.push_back({"source", &kEventSource});
    event.fields.push_back({"firstTimestamp", &kTime});
    event.fields.push_back({"lastTimestamp", &kTime});
    event.fields.push_back({"count", &kInt32});
    return event;
  }();
  return schema;
}

std::optional<std::string> SchemaProblem(const Schema& schema, const json& value) {
  return Walk().Check(schema, value);
}

}  // namespace kless::kubernetes
