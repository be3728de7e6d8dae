// Nothing here throws, whatever a raw writer put into the table: every value of a valid object is
// replaced by wrong values of every kind.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "emulator/base/random.h"
#include "functions/kubernetes/custom/custom_kinds.h"
#include "functions/kubernetes/objects/decode_problem.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/metadata.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

void CollectPaths(const json& value, const json::json_pointer& at,
                  std::vector<json::json_pointer>& paths) {
  paths.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) CollectPaths(member, at / key, paths);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) CollectPaths(value[i], at / i, paths);
  }
}

void Exercise(const Kind& kind, const json& mutant, const json& good) {
  Random random(1, "robustness");
  std::vector<std::string> warnings;
  const WriteContext context{kNow, &random, &warnings};
  (void)DecodeProblem(kind, mutant);
  json object = mutant;
  if (kind.apply_defaults) kind.apply_defaults(object);
  (void)ValidateMetadata(kind, object);
  (void)kind.validate(object);
  (void)kind.validate_update(object, good);
  (void)kind.validate_update(good, object);
  if (kind.validate_status_update) {
    (void)kind.validate_status_update(object, good);
    (void)kind.validate_status_update(good, object);
  }
  for (const std::string& field : kind.selectable_fields) (void)kind.field_value(object, field);
  (void)MarkForDeletion(kind, object, {.grace_seconds = {}, .orphan = true}, kNow);
  (void)DeleteObject(kind, object, {}, kNow);
  (void)ReadyToVanish(kind, object);
  json updated = object;
  PrepareForUpdate(kind, updated, good, true, context);
  updated = good;
  PrepareForUpdate(kind, updated, object, true, context);
  updated = good;
  PrepareForUpdate(kind, updated, object, false, context);
  PrepareMetadataForCreate(kind, object, "default", context);
  if (kind.admit) (void)kind.admit(object, context);
  if (kind.held_values) (void)kind.held_values(object);
  if (kind.prepare_create) kind.prepare_create(object, context);
  for (const Subresource& subresource : kind.subresources) {
    if (subresource.with_part == nullptr) continue;
    (void)subresource.with_part(good, mutant);
    (void)subresource.with_part(mutant, good);
  }
}

void ForEachMutant(const json& good, const std::function<void(const json&)>& exercise) {
  std::vector<json::json_pointer> paths;
  CollectPaths(good, json::json_pointer(), paths);
  const json wrong[] = {json(),
                        json("x"),
                        json(-3),
                        json(true),
                        json::array({json(), json(1), json("y")}),
                        json({{"a", {{"b", 1}}}}),
                        json(18446744073709551615ULL)};
  for (const json::json_pointer& path : paths) {
    for (const json& value : wrong) {
      json mutant = good;
      mutant[path] = value;
      ASSERT_NO_THROW(exercise(mutant)) << path.to_string() << " = " << value.dump();
    }
  }
}

void ExerciseMutants(const Kind& kind, const json& good) {
  ForEachMutant(good, [&](const json& mutant) { Exercise(kind, mutant, good); });
}

TEST(RobustnessTest, NoJobMakesAKindThrow) {
  json body = JobBody("j", json::parse(R"({"completionMode":"Indexed","completions":3,
      "podFailurePolicy":{"rules":[{"action":"Ignore","onPodConditions":[{"type":"X"}]}]},
      "managedBy":"a.b/c"})"));
  json job = Create(KindOf("job"), body).object;
  job["metadata"]["finalizers"] = {"a.com/x"};
  job["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  ExerciseMutants(KindOf("job"), job);
}

TEST(RobustnessTest, NoPolicyOrStatusOfAJobMakesAKindThrow) {
  json job = Create(KindOf("job"), JobBody("j", json::parse(R"({"completionMode":"Indexed",
      "completions":3,"suspend":true,"backoffLimitPerIndex":1,"maxFailedIndexes":1,
      "podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In",
        "containerName":"c","values":[1,2]}}]},
      "successPolicy":{"rules":[{"succeededIndexes":"0-1","succeededCount":1}]}})")))
                 .object;
  job["status"] =
      json::parse(R"({"active":1,"ready":1,"failed":1,"startTime":"2026-01-01T00:00:00Z",
      "completedIndexes":"0","failedIndexes":"1","uncountedTerminatedPods":{"succeeded":["u"]},
      "conditions":[{"type":"Suspended","status":"True"}]})");
  job["spec"]["template"]["spec"]["affinity"] = {{"nodeAffinity", json::object()}};
  ExerciseMutants(KindOf("job"), job);
}

TEST(RobustnessTest, NoClusterObjectMakesAKindThrow) {
  const std::pair<const char*, const char*> bodies[] = {
      {"node", R"({"spec":{"podCIDR":"10.0.0.0/24","taints":[{"key":"a","effect":"NoExecute"}]},
                   "status":{"capacity":{"cpu":"1"},"nodeInfo":{"osImage":"x"}}})"},
      {"priorityclass", R"({"value":5,"globalDefault":true,"preemptionPolicy":"Never"})"},
      {"poddisruptionbudget",
       R"({"spec":{"minAvailable":"5%","selector":{"matchLabels":{"a":"b"}}}})"},
      {"replicaset", R"({"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":
                         {"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})"},
      {"service", R"({"spec":{"ports":[{"port":80},{"name":"x","port":81}]}})"},
      {"persistentvolumeclaim", R"({"spec":{"accessModes":["ReadWriteOnce"],
                                    "resources":{"requests":{"storage":"1Gi"}}}})"},
      {"lease",
       R"({"spec":{"leaseDurationSeconds":40,"renewTime":"2026-01-01T00:00:00.000000Z"}})"},
      {"configmap", R"({"data":{"a":"b"},"binaryData":{"c":"ZA=="},"immutable":true})"},
      {"secret", R"({"stringData":{"a":"b"},"data":{"c":"ZA=="}})"},
      {"podtemplate", R"({"template":{"metadata":{"labels":{"a":"b"}},
                          "spec":{"containers":[{"name":"c","image":"i"}]}}})"},
      {"serviceaccount", R"({"secrets":[{"name":"x"}]})"}};
  for (const auto& [type, text] : bodies) {
    json body = json::parse(text);
    body["metadata"]["name"] = "o";
    ExerciseMutants(KindOf(type), Create(KindOf(type), body).object);
  }
}

// A definition that uses most keywords of schemas.
json RichDefinition() {
  return json::parse(R"({"metadata":{"name":"widgets.x.k8s.io",
      "annotations":{"api-approved.kubernetes.io":"https://a.b/c"}},
    "spec":{"group":"x.k8s.io","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
      "versions":[{"name":"v1","served":true,"storage":true,
        "selectableFields":[{"jsonPath":".spec.color"}],
        "additionalPrinterColumns":[{"name":"A","type":"integer","jsonPath":".spec.size"}],
        "subresources":{"status":{},"scale":{"specReplicasPath":".spec.size",
          "statusReplicasPath":".status.size","labelSelectorPath":".status.selector"}},
        "schema":{"openAPIV3Schema":{"type":"object","properties":{
          "metadata":{"type":"object","properties":{"name":{"type":"string"}}},
          "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
          "spec":{"type":"object","required":["color"],"oneOf":[{"required":["size"]}],
            "properties":{
              "color":{"type":"string","enum":["a"],"default":"a"},
              "size":{"type":"integer","minimum":1,"maximum":9,"multipleOf":1},
              "port":{"x-kubernetes-int-or-string":true,
                      "anyOf":[{"type":"integer"},{"type":"string"}]},
              "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
              "list":{"type":"array","x-kubernetes-list-type":"map",
                "x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],
                  "default":{"k":"x"},"properties":{"k":{"type":"string"}}}},
              "pod":{"type":"object","x-kubernetes-embedded-resource":true,
                     "x-kubernetes-preserve-unknown-fields":true,"not":{"required":["x"]}},
              "map":{"type":"object","additionalProperties":{"type":"number"}}}}}}}}]}})");
}

TEST(RobustnessTest, NoDefinitionMakesItsKindOrTheKindsThatItMakesThrow) {
  const Kind& kind = KindOf("customresourcedefinition");
  const json definition = Create(kind, RichDefinition()).object;
  EXPECT_TRUE(kind.validate(definition).empty());
  ForEachMutant(definition, [&](const json& mutant) {
    const bool fits = !DecodeProblem(kind, mutant);
    if (kind.validate(mutant).empty() && fits) (void)KindsOfDefinition(mutant);
  });
}

TEST(RobustnessTest, NoCustomObjectMakesItsKindThrow) {
  const KindPtr kind = KindsOfDefinition(RichDefinition()).at(0);
  const json widget = json::parse(R"({"metadata":{"name":"w","finalizers":["x"]},"spec":{
      "color":"a","size":2,"port":"p","tags":["a","b"],"list":[{"k":"a"},null],
      "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}},"map":{"a":1.5}},
      "status":{"size":1,"selector":"a=b"}})");
  EXPECT_TRUE(kind->validate(Create(*kind, widget).object).empty());
  ExerciseMutants(*kind, widget);
}

TEST(RobustnessTest, NoPodMakesAKindThrow) {
  json body = PodBody("p");
  body["spec"] = json::parse(R"({"hostNetwork":true,
    "containers":[{"name":"c","image":"x:1","ports":[{"containerPort":80}],
      "env":[{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
      "resources":{"limits":{"cpu":"1","memory":"1Gi"}},
      "livenessProbe":{"httpGet":{"port":80},"grpc":{"port":1}},
      "lifecycle":{"preStop":{"httpGet":{"port":1}}}}],
    "volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"x"}},
      {"downwardAPI":{"items":[{"fieldRef":{}}]}}]}}],"tolerations":[{"key":"k"}],"schedulingGates":[{"name":"g"}],
    "nodeSelector":{"a":"b"},"affinity":{"nodeAffinity":{}}})");
  json pod = Create(KindOf("pod"), body).object;
  pod["metadata"]["ownerReferences"] = json::parse(R"([{"uid":"u","controller":true}])");
  ExerciseMutants(KindOf("pod"), pod);
}

TEST(RobustnessTest, NoNamespaceOrEventMakesAKindThrow) {
  ExerciseMutants(KindOf("namespace"),
                  Create(KindOf("namespace"), {{"metadata", {{"name", "n"}}}}).object);
  ExerciseMutants(KindOf("event"), json::parse(R"({"metadata":{"name":"e"},"source":{},
      "involvedObject":{"namespace":"default"},"count":1})"));
}

}  // namespace
}  // namespace kless::kubernetes
