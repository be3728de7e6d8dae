// The Go types of nodes, budgets, leases and the kinds that are only stored.
#include "functions/kubernetes/schema_types.h"

namespace kless::kubernetes {

using namespace schema_types;
using Shape = Schema::Shape;

namespace {

const Schema kTaint{
    Shape::kStruct,
    "v1.Taint",
    nullptr,
    {{"key", &kString}, {"value", &kString}, {"effect", &kString}, {"timeAdded", &kTime}}};
const Schema kTaints{Shape::kList, "[]v1.Taint", &kTaint, {}};
const Schema kNodeSpec{Shape::kStruct,
                       "v1.NodeSpec",
                       nullptr,
                       {{"podCIDR", &kString},
                        {"podCIDRs", &kStrings},
                        {"providerID", &kString},
                        {"unschedulable", &kBool},
                        {"taints", &kTaints}}};
const Schema kNodeCondition{Shape::kStruct,
                            "v1.NodeCondition",
                            nullptr,
                            {{"type", &kString},
                             {"status", &kString},
                             {"lastHeartbeatTime", &kTime},
                             {"lastTransitionTime", &kTime},
                             {"reason", &kString},
                             {"message", &kString}}};
const Schema kNodeConditions{Shape::kList, "[]v1.NodeCondition", &kNodeCondition, {}, "type"};
const Schema kNodeAddress{
    Shape::kStruct, "v1.NodeAddress", nullptr, {{"type", &kString}, {"address", &kString}}};
const Schema kNodeAddresses{Shape::kList, "[]v1.NodeAddress", &kNodeAddress, {}, "type"};
const Schema kContainerImage{
    Shape::kStruct, "v1.ContainerImage", nullptr, {{"names", &kStrings}, {"sizeBytes", &kInt64}}};
const Schema kContainerImages{Shape::kList, "[]v1.ContainerImage", &kContainerImage, {}};
const Schema kNodeInfo{Shape::kStruct, "v1.NodeSystemInfo", nullptr, {}};
const Schema kNodeStatus{Shape::kStruct,
                         "v1.NodeStatus",
                         nullptr,
                         {{"capacity", &kQuantities},
                          {"allocatable", &kQuantities},
                          {"phase", &kString},
                          {"conditions", &kNodeConditions},
                          {"addresses", &kNodeAddresses},
                          {"nodeInfo", &kNodeInfo},
                          {"images", &kContainerImages}}};

const Schema kLeaseSpec{Shape::kStruct,
                        "v1.LeaseSpec",
                        nullptr,
                        {{"holderIdentity", &kString},
                         {"leaseDurationSeconds", &kInt32},
                         {"acquireTime", &kTime},
                         {"renewTime", &kTime},
                         {"leaseTransitions", &kInt32}}};

const Schema kMetaCondition{Shape::kStruct,
                            "v1.Condition",
                            nullptr,
                            {{"type", &kString},
                             {"status", &kString},
                             {"observedGeneration", &kInt64},
                             {"lastTransitionTime", &kTime},
                             {"reason", &kString},
                             {"message", &kString}}};
const Schema kMetaConditions{Shape::kList, "[]v1.Condition", &kMetaCondition, {}, "type"};
const Schema kBudgetSpec{Shape::kStruct,
                         "v1.PodDisruptionBudgetSpec",
                         nullptr,
                         {{"selector", &kLabelSelector}, {"unhealthyPodEvictionPolicy", &kString}}};
const Schema kTimes{Shape::kMap, "map[string]v1.Time", &kTime, {}};
const Schema kBudgetStatus{Shape::kStruct,
                           "v1.PodDisruptionBudgetStatus",
                           nullptr,
                           {{"observedGeneration", &kInt64},
                            {"disruptedPods", &kTimes},
                            {"disruptionsAllowed", &kInt32},
                            {"currentHealthy", &kInt32},
                            {"desiredHealthy", &kInt32},
                            {"expectedPods", &kInt32},
                            {"conditions", &kMetaConditions}}};

const Schema kClaimSpec{Shape::kStruct,
                        "v1.PersistentVolumeClaimSpec",
                        nullptr,
                        {{"accessModes", &kStrings},
                         {"selector", &kLabelSelector},
                         {"resources", &kResources},
                         {"volumeName", &kString},
                         {"storageClassName", &kString},
                         {"volumeMode", &kString}}};
const Schema kClaimStatus{
    Shape::kStruct, "v1.PersistentVolumeClaimStatus", nullptr, {{"phase", &kString}}};

const Schema kServicePort{
    Shape::kStruct,
    "v1.ServicePort",
    nullptr,
    {{"name", &kString}, {"protocol", &kString}, {"port", &kInt32}, {"nodePort", &kInt32}}};
const Schema kServicePorts{Shape::kList, "[]v1.ServicePort", &kServicePort, {}, "port"};
const Schema kServiceSpec{Shape::kStruct,
                          "v1.ServiceSpec",
                          nullptr,
                          {{"ports", &kServicePorts},
                           {"selector", &kStringMap},
                           {"clusterIP", &kString},
                           {"clusterIPs", &kStrings},
                           {"type", &kString},
                           {"externalName", &kString},
                           {"sessionAffinity", &kString}}};
const Schema kServiceStatus{Shape::kStruct, "v1.ServiceStatus", nullptr, {}};

const Schema kReplicaSetSpec{Shape::kStruct,
                             "v1.ReplicaSetSpec",
                             nullptr,
                             {{"replicas", &kInt32},
                              {"minReadySeconds", &kInt32},
                              {"selector", &kLabelSelector},
                              {"template", &kPodTemplateSpec}}};
const Schema kReplicaSetCondition{
    Shape::kStruct, "v1.ReplicaSetCondition", nullptr, {{"type", &kString}, {"status", &kString}}};
const Schema kReplicaSetConditions{
    Shape::kList, "[]v1.ReplicaSetCondition", &kReplicaSetCondition, {}, "type"};
const Schema kReplicaSetStatus{Shape::kStruct,
                               "v1.ReplicaSetStatus",
                               nullptr,
                               {{"replicas", &kInt32},
                                {"fullyLabeledReplicas", &kInt32},
                                {"readyReplicas", &kInt32},
                                {"availableReplicas", &kInt32},
                                {"observedGeneration", &kInt64},
                                {"conditions", &kReplicaSetConditions}}};

Schema With(Schema schema, std::vector<Schema::Field> fields) {
  schema.fields.insert(schema.fields.end(), fields.begin(), fields.end());
  return schema;
}

}  // namespace

const Schema& NodeSchema() {
  static const Schema schema = KindSchema("v1.Node", &kNodeSpec, &kNodeStatus);
  return schema;
}

const Schema& LeaseSchema() {
  static const Schema schema = KindSchema("v1.Lease", &kLeaseSpec, nullptr);
  return schema;
}

const Schema& DisruptionBudgetSchema() {
  static const Schema schema = KindSchema("v1.PodDisruptionBudget", &kBudgetSpec, &kBudgetStatus);
  return schema;
}

const Schema& PriorityClassSchema() {
  static const Schema schema =
      With(KindSchema("v1.PriorityClass", nullptr, nullptr), {{"value", &kInt32},
                                                              {"globalDefault", &kBool},
                                                              {"description", &kString},
                                                              {"preemptionPolicy", &kString}});
  return schema;
}

const Schema& PersistentVolumeClaimSchema() {
  static const Schema schema = KindSchema("v1.PersistentVolumeClaim", &kClaimSpec, &kClaimStatus);
  return schema;
}

const Schema& ServiceSchema() {
  static const Schema schema = KindSchema("v1.Service", &kServiceSpec, &kServiceStatus);
  return schema;
}

const Schema& ReplicaSetSchema() {
  static const Schema schema = KindSchema("v1.ReplicaSet", &kReplicaSetSpec, &kReplicaSetStatus);
  return schema;
}

const Schema& ConfigMapSchema() {
  static const Schema schema =
      With(KindSchema("v1.ConfigMap", nullptr, nullptr),
           {{"data", &kStringMap}, {"binaryData", &kStringMap}, {"immutable", &kBool}});
  return schema;
}

const Schema& SecretSchema() {
  static const Schema schema =
      With(KindSchema("v1.Secret", nullptr, nullptr), {{"data", &kStringMap},
                                                       {"stringData", &kStringMap},
                                                       {"type", &kString},
                                                       {"immutable", &kBool}});
  return schema;
}

const Schema& ServiceAccountSchema() {
  static const Schema schema =
      With(KindSchema("v1.ServiceAccount", nullptr, nullptr),
           {{"secrets", &kObjectReferences}, {"automountServiceAccountToken", &kBool}});
  return schema;
}

}  // namespace kless::kubernetes
