#include "functions/kubernetes/apply/server_side_apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/apply/field_changes.h"
#include "functions/kubernetes/apply/type_problems.h"
#include "functions/kubernetes/kinds/registry.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

constexpr std::int64_t kApplySecond = 1'000'000'000;

// One object and its writers.
class ApplyTest : public testing::Test {
 protected:
  explicit ApplyTest(const char* type = "pod") : kind_(*FindKindByType(type)) {}

  void Create(const std::string& manager, const std::string& text) {
    object_ = Body(text);
    SetManagedFields(object_, ManagedFieldsOfCreate(kind_, object_, {manager, "", kApplySecond}));
  }
  void Update(const std::string& manager, const std::string& patch,
              const std::string& subresource = "") {
    json object = object_;
    object.merge_patch(json::parse(patch));
    SetManagedFields(object, ManagedFieldsOfUpdate(kind_, object, object_,
                                                   {manager, subresource, 2 * kApplySecond}));
    object_ = std::move(object);
  }
  std::optional<ApplyProblem> Apply(const std::string& manager, const std::string& text,
                                    bool force = false) {
    json object;
    json managed_fields;
    const bool exists = !object_.is_null();
    auto problem =
        ApplyConfiguration(kind_, exists ? &object_ : nullptr, Body(text),
                           {manager, "", 3 * kApplySecond}, force, &object, &managed_fields);
    if (problem) return problem;
    SetManagedFields(object, std::move(managed_fields));
    object_ = std::move(object);
    return std::nullopt;
  }
  json Body(const std::string& text) const {
    json body = {
        {"apiVersion", kind_.ApiVersion()}, {"kind", kind_.kind}, {"metadata", {{"name", "a"}}}};
    body.update(json::parse(text), true);
    return body;
  }
  // The fields of a manager.
  json Owned(const std::string& manager) const {
    for (const ManagedFieldsEntry& entry : DecodeManagedFields(object_)) {
      if (entry.manager == manager) return entry.fields.ToJson();
    }
    return nullptr;
  }

  const Kind& kind_;
  json object_;
};

class ApplyConfigMapTest : public ApplyTest {
 protected:
  ApplyConfigMapTest() : ApplyTest("configmap") {}
};

TEST_F(ApplyTest, ACreateOwnsItsFieldsAndThoseThatGoPrintsAnywayHaveNoOwner) {
  Create("creator", R"({"metadata":{"name":"a","labels":{"x":"y"}},
      "spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],"command":["a"]}],
              "nodeSelector":{"a":"b"}},"status":{"phase":"Running"}})");
  EXPECT_EQ(Owned("creator"), json::parse(R"({
      "f:metadata":{"f:labels":{".":{},"f:x":{}}},
      "f:spec":{"f:nodeSelector":{},"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{},"f:image":{},
          "f:command":{},"f:ports":{".":{},
          "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}})"));
}

TEST_F(ApplyTest, WhatACreateOwnsIsWhatComparingWithNothingFinds) {
  for (
      const char* text :
      {R"({"spec":{"containers":[{"name":"c","resources":{},"ports":[],"env":[{"name":"b"},{"name":"a"}]}],
           "securityContext":{},"nodeName":"","volumes":[]},"status":{"conditions":null}})",
       R"({"spec":{"containers":[]},"x":{"y":[1],"z":{}},"metadata":{"finalizers":["b","a"]}})",
       R"({"spec":[1],"metadata":7})"}) {
    const json object = Body(text);
    EXPECT_EQ(CreatedFields(kind_.schema, object).ToJson(),
              Compare(kind_.schema, nullptr, &object, true).Taken().ToJson());
  }
}

TEST_F(ApplyConfigMapTest, AnApplyOwnsItsLeavesAndWhatItNoLongerSaysGoes) {
  EXPECT_FALSE(Apply("m1", R"({"data":{"k":"1","l":"2"}})"));
  EXPECT_EQ(Owned("m1"), json::parse(R"({"f:data":{"f:k":{},"f:l":{}}})"));
  const json before = object_;
  EXPECT_FALSE(Apply("m1", R"({"data":{"k":"1","l":"2"}})"));
  EXPECT_EQ(object_, before);
  EXPECT_FALSE(Apply("m1", R"({"data":{"k":"1"}})"));
  EXPECT_EQ(object_["data"], json({{"k", "1"}}));
  EXPECT_FALSE(Apply("m1", "{}"));
  EXPECT_FALSE(object_.contains("data"));
}

TEST_F(ApplyConfigMapTest, WhatAnotherOwnsIsAConflictUnlessItIsTheSameOrForced) {
  Create("creator", R"({"data":{"k":"1"}})");
  const auto problem = Apply("m1", R"({"data":{"k":"2"}})");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, 409);
  EXPECT_EQ(problem->message,
            "Apply failed with 1 conflict: conflict with \"creator\" using v1: .data.k");
  EXPECT_EQ(problem->conflicts[0].field, ".data.k");
  EXPECT_FALSE(Apply("m1", R"({"data":{"k":"1"}})"));
  EXPECT_EQ(Owned("creator"), json::parse(R"({"f:data":{".":{},"f:k":{}}})"));
  EXPECT_FALSE(Apply("m1", R"({"data":{"k":"2"}})", true));
  EXPECT_EQ(Owned("creator"), json::parse(R"({"f:data":{}})"));
  EXPECT_EQ(object_["data"]["k"], "2");
}

TEST_F(ApplyConfigMapTest, SeveralConflictsAreListedByManager) {
  Create("b", R"({"data":{"k":"1","l":"1"}})");
  EXPECT_FALSE(Apply("a", R"({"data":{"m":"1"}})"));
  EXPECT_EQ(Apply("c", R"({"data":{"k":"2","l":"2","m":"2"}})")->message,
            "Apply failed with 3 conflicts: conflicts with \"a\":\n- .data.m\n"
            "conflicts with \"b\" using v1:\n- .data.k\n- .data.l");
}

TEST_F(ApplyConfigMapTest, AnUpdateTakesTheFieldsThatItChanges) {
  EXPECT_FALSE(Apply("m1", R"({"data":{"k":"1","n":"1"}})"));
  Update("patcher", R"({"data":{"n":"2"}})");
  EXPECT_EQ(Owned("m1"), json::parse(R"({"f:data":{"f:k":{}}})"));
  EXPECT_EQ(Owned("patcher"), json::parse(R"({"f:data":{"f:n":{}}})"));
  const json before = object_;
  Update("another", R"({"data":{"n":"2"}})");
  EXPECT_EQ(object_, before);
  Update("another", R"({"data":{"n":null}})");
  EXPECT_EQ(Owned("patcher"), nullptr);
}

TEST_F(ApplyTest, ListsAreMergedByTheirKeys) {
  EXPECT_FALSE(Apply("m1", R"({"spec":{"containers":[{"name":"a","image":"a:1"},
                                                     {"name":"b","image":"b:1"}]}})"));
  EXPECT_FALSE(Apply("m2", R"({"spec":{"containers":[{"name":"b","args":["x"]},
                                                     {"name":"c","image":"c:1"}]}})"));
  EXPECT_EQ(object_["spec"]["containers"], json::parse(R"([{"name":"a","image":"a:1"},
      {"name":"b","image":"b:1","args":["x"]},{"name":"c","image":"c:1"}])"));
  // The element stays for its remaining owner; the member is removed.
  EXPECT_FALSE(Apply("m1", R"({"spec":{"containers":[{"name":"a","image":"a:2"}]}})"));
  EXPECT_EQ(object_["spec"]["containers"], json::parse(R"([{"name":"a","image":"a:2"},
      {"name":"b","args":["x"]},{"name":"c","image":"c:1"}])"));
  EXPECT_EQ(
      Apply("m3", R"({"spec":{"containers":[{"name":"c","image":"c:2"}]}})")->conflicts[0].field,
      R"(.spec.containers[name="c"].image)");
}

TEST_F(ApplyTest, LongListsLoseAndChangeElementsInAnyOrder) {
  const auto configuration = [](int step, const char* image) {
    json containers = json::array();
    for (int i = 0; i < 200; i += step) {
      containers.push_back({{"name", "c" + std::to_string(i)}, {"image", image}});
    }
    return json({{"spec", {{"containers", containers}}}}).dump();
  };
  EXPECT_FALSE(Apply("m1", configuration(1, "a")));
  EXPECT_FALSE(Apply("m1", configuration(2, "b")));
  EXPECT_EQ(object_["spec"]["containers"].size(), 100u);
  EXPECT_EQ(Owned("m1")["f:spec"]["f:containers"].size(), 100u);
  EXPECT_EQ(object_["spec"]["containers"][99]["image"], "b");
}

TEST_F(ApplyTest, SetsAndAtomicListsAreWhatTheirTypesSay) {
  EXPECT_FALSE(Apply("m1", R"({"metadata":{"name":"a","finalizers":["a/x"]},
                               "spec":{"tolerations":[{"key":"a"}]}})"));
  EXPECT_FALSE(Apply("m2", R"({"metadata":{"name":"a","finalizers":["b/y"]}})"));
  EXPECT_EQ(object_["metadata"]["finalizers"], json({"a/x", "b/y"}));
  EXPECT_EQ(Owned("m2"), json::parse(R"({"f:metadata":{"f:finalizers":{"v:\"b/y\"":{}}}})"));
  EXPECT_EQ(Apply("m2", R"({"spec":{"tolerations":[{"key":"b"}]}})")->conflicts[0].field,
            ".spec.tolerations");
  EXPECT_FALSE(Apply("m2", "{}"));
  EXPECT_EQ(object_["metadata"]["finalizers"], json({"a/x"}));
}

TEST_F(ApplyTest, TheStatusIsOwnedThroughItsSubresource) {
  Create("creator", R"({"spec":{"containers":[{"name":"c"}]}})");
  Update("kubelet", R"({"status":{"phase":"Running"},"spec":{"x":1}})", "status");
  EXPECT_EQ(Owned("kubelet"), json::parse(R"({"f:status":{"f:phase":{}}})"));
  EXPECT_EQ(DecodeManagedFields(object_)[1].subresource, "status");
}

TEST_F(ApplyConfigMapTest, WhatWasThereBeforeTheFirstApplyHasAnOwner) {
  object_ = Body(R"({"data":{"k":"1"}})");
  EXPECT_EQ(Apply("m1", R"({"data":{"k":"2"}})")->message,
            "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.k");
}

TEST_F(ApplyConfigMapTest, KubectlTakesOverWhatItsClientSideApplySet) {
  Create(
      "kubectl-client-side-apply",
      R"({"metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":
             "{\"data\":{\"k\":\"1\"}}"}},"data":{"k":"1","l":"1"}})");
  EXPECT_FALSE(Apply("kubectl", R"({"data":{"k":"2"}})"));
  EXPECT_TRUE(Apply("kubectl", R"({"data":{"k":"2","l":"2"}})"));
}

TEST_F(ApplyConfigMapTest, FieldsThatTheTypeHasNotAreRefused) {
  const auto problem = Apply("m1", R"({"foo":1})");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, 500);
  EXPECT_EQ(problem->message,
            "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field not "
            "declared in schema");
  EXPECT_EQ(Apply("m1", R"({"metadata":{"managedFields":[{}]}})")->code, 400);
}

TEST_F(ApplyConfigMapTest, ValuesOfAnotherTypeAreRefused) {
  const auto problem = Apply("m1", R"({"data":{"k":5}})");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, 500);
  EXPECT_EQ(problem->message,
            "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.k: expected "
            "string, got &value.valueUnstructured{Value:5}");
}

TEST(TypeProblemsTest, SayWhereWhatIsExpected) {
  using testing::ElementsAre;
  const Schema* deployment = FindSchema("apps/v1", "Deployment");
  EXPECT_THAT(
      TypeProblems(deployment, json::parse(R"({"spec":{"replicas":"x","paused":1,"template":{"spec":
          {"containers":[{"name":"c","tty":"y"}],"volumes":5}},"selector":[]}})")),
      ElementsAre(".spec.paused: expected boolean, got 1",
                  ".spec.replicas: expected numeric (int or float), got string",
                  ".spec.selector: expected map, got &{[]}",
                  ".spec.template.spec.containers[name=\"c\"].tty: expected boolean, got \"y\"",
                  ".spec.template.spec.volumes: expected list, got &{5}"));
  EXPECT_THAT(TypeProblems(deployment, json::parse(R"({"spec":{"template":{"spec":{"containers":[
                  {"name":"c","image":"x"},{"name":"c","image":"y"}]}}}})")),
              ElementsAre(".spec.template.spec.containers: duplicate entries for key "
                          "[name=\"c\"]"));
  EXPECT_THAT(TypeProblems(deployment, json::parse(R"({"spec":{"replicas":null}})")),
              ElementsAre());
}

TEST_F(ApplyTest, ConfigurationsOfAnyShapeAreSurvived) {
  for (const char* text :
       {R"({"spec":1})", R"({"spec":{"containers":{"a":1}}})", R"({"spec":{"containers":[1,[2]]}})",
        R"({"spec":{"containers":[{},{}]}})", R"({"spec":null})", R"({"metadata":[]})"}) {
    object_ = nullptr;
    static_cast<void>(Apply("m1", text));
    Apply("m1", R"({"spec":{"containers":[{"name":"c"}]}})");
    Update("m2", text);
    EXPECT_TRUE(object_.is_object());
  }
}

TEST(ManagedFields, BeyondTenTheOldestUpdatesAreOne) {
  const Kind& kind = *FindKindByType("configmap");
  json object = {{"data", json::object()}};
  for (int i = 0; i < 14; ++i) {
    json next = object;
    next["data"]["k" + std::to_string(i)] = "v";
    SetManagedFields(next, ManagedFieldsOfUpdate(kind, next, object,
                                                 {"m" + std::to_string(i), "", i * kApplySecond}));
    object = std::move(next);
  }
  const auto entries = DecodeManagedFields(object);
  EXPECT_EQ(entries.size(), 10u);
  EXPECT_EQ(entries[0].manager, "ancient-changes");
  EXPECT_NE(entries[0].fields.Find("f:data")->Find("f:k4"), nullptr);
  EXPECT_EQ(entries[1].manager, "m5");
}

}  // namespace
}  // namespace kless::kubernetes
