// The three patches (reference kubernetes.md (c) 9).
#include "functions/kubernetes/patch/patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

json Patched(PatchType type, const char* object, const char* patch, const char* kind = "pod") {
  json result = json::parse(object);
  const auto problem = ApplyPatch(KindOf(kind), type, json::parse(patch), result);
  return problem ? json(problem->message) : result;
}
json Strategic(const char* object, const char* patch, const char* kind = "pod") {
  return Patched(PatchType::kStrategic, object, patch, kind);
}
int Code(PatchType type, const json& patch, json object = json::object()) {
  const auto problem = ApplyPatch(KindOf("pod"), type, patch, object);
  return problem ? problem->code : 0;
}

TEST(PatchTest, StrategicListsAreMergedByTheirKeys) {
  EXPECT_EQ(
      Strategic(R"({"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},
          {"name":"b"}],"volumes":[{"name":"v","emptyDir":{}}]}})",
                R"({"spec":{"containers":[{"name":"a","image":"2","env":[{"name":"Y","value":"2"}],
          "ports":[{"containerPort":80}]}],"volumes":[{"name":"w"}]}})"),
      json::parse(R"({"spec":{"containers":[{"name":"a","image":"2",
          "env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}],
          "ports":[{"containerPort":80}]},{"name":"b"}],
          "volumes":[{"name":"v","emptyDir":{}},{"name":"w"}]}})"));
  EXPECT_EQ(
      Strategic(R"({"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"X"}]}})",
                R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})"),
      json::parse(R"({"status":{"conditions":[{"type":"Ready","status":"True"},
                            {"type":"X"}]}})"));
  EXPECT_EQ(Strategic(R"({"metadata":{"ownerReferences":[{"uid":"1","name":"a"}]}})",
                      R"({"metadata":{"ownerReferences":[{"uid":"1","$patch":"delete"},
                          {"uid":"2"}]}})"),
            json::parse(R"({"metadata":{"ownerReferences":[{"uid":"2"}]}})"));
}

TEST(PatchTest, StrategicListsWithoutAKeyAreReplaced) {
  EXPECT_EQ(Strategic(R"({"spec":{"tolerations":[{"key":"a"}]}})",
                      R"({"spec":{"tolerations":[{"key":"b"}]}})"),
            json::parse(R"({"spec":{"tolerations":[{"key":"b"}]}})"));
}

TEST(PatchTest, D2_FinalizersAreASet) {
  EXPECT_EQ(Strategic(R"({"metadata":{"finalizers":["a","b"]}})",
                      R"({"metadata":{"finalizers":["b","c"]}})"),
            json::parse(R"({"metadata":{"finalizers":["a","b","c"]}})"));
  EXPECT_EQ(Strategic(R"({"metadata":{"finalizers":["a","b"]}})",
                      R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})"),
            json::parse(R"({"metadata":{"finalizers":["b"]}})"));
  EXPECT_EQ(Strategic(R"({"metadata":{"name":"x","finalizers":["a"]}})",
                      R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})"),
            json::parse(R"({"metadata":{"name":"x"}})"));
}

TEST(PatchTest, StrategicDirectivesReplaceDeleteAndRetain) {
  EXPECT_EQ(Strategic(R"({"spec":{"securityContext":{"a":1,"b":2}}})",
                      R"({"spec":{"securityContext":{"$patch":"replace","c":3}}})"),
            json::parse(R"({"spec":{"securityContext":{"c":3}}})"));
  EXPECT_EQ(Strategic(R"({"spec":{"securityContext":{"a":1},"x":1}})",
                      R"({"spec":{"securityContext":{"$patch":"delete"}}})"),
            json::parse(R"({"spec":{"x":1}})"));
  EXPECT_EQ(Strategic(R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
                      R"({"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}})"),
            json::parse(R"({"spec":{"containers":[{"name":"c"}]}})"));
  EXPECT_EQ(Strategic(R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})",
                      R"({"spec":{"volumes":[{"name":"v","$retainKeys":["name","secret"],
                          "secret":{"secretName":"s"}}]}})"),
            json::parse(R"({"spec":{"volumes":[{"name":"v","secret":{"secretName":"s"}}]}})"));
}

TEST(PatchTest, StrategicElementOrderIsFollowed) {
  EXPECT_EQ(Strategic(R"({"spec":{"containers":[{"name":"a"},{"name":"x"},{"name":"b"}]}})",
                      R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"},
                          {"name":"c"}],"containers":[{"name":"c","image":"1"}]}})"),
            json::parse(R"({"spec":{"containers":[{"name":"x"},{"name":"b"},{"name":"a"},
                            {"name":"c","image":"1"}]}})"));
  EXPECT_EQ(Strategic(R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
                      R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}})"),
            json::parse(R"({"spec":{"containers":[{"name":"b"},{"name":"a"}]}})"));
}

TEST(PatchTest, MergeKeysAreOfTheKind) {
  EXPECT_EQ(Strategic(R"({"spec":{"ports":[{"port":80,"name":"a"}]}})",
                      R"({"spec":{"ports":[{"port":80,"name":"b"},{"port":81}]}})", "service"),
            json::parse(R"({"spec":{"ports":[{"port":80,"name":"b"},{"port":81}]}})"));
  EXPECT_EQ(Strategic(R"({"spec":{"template":{"spec":{"containers":[{"name":"a","image":"1"}]}}}})",
                      R"({"spec":{"template":{"spec":{"containers":[{"name":"a","tty":true}]}}}})",
                      "job"),
            json::parse(R"({"spec":{"template":{"spec":{"containers":[{"name":"a","image":"1",
                            "tty":true}]}}}})"));
  EXPECT_EQ(Strategic("{}", R"({"spec":{"containers":[{"image":"1"}]}})"),
            "map: map[image:1] does not contain declared merge key: name");
}

TEST(PatchTest, NullsDeleteInMergeAndStrategicPatches) {
  for (const PatchType type : {PatchType::kMerge, PatchType::kStrategic}) {
    EXPECT_EQ(Patched(type, R"({"a":{"b":1,"c":2}})", R"({"a":{"b":null},"d":{"e":1}})"),
              json::parse(R"({"a":{"c":2},"d":{"e":1}})"));
  }
}

TEST(PatchTest, JsonPatchIsAListOfOperations) {
  EXPECT_EQ(Patched(PatchType::kJson, R"({"a":[1,2],"b":{"c":1}})",
                    R"([{"op":"test","path":"/a/0","value":1},{"op":"remove","path":"/a/0"},
                        {"op":"add","path":"/a/-","value":3},{"op":"replace","path":"/b/c","value":2},
                        {"op":"copy","from":"/b","path":"/d"},{"op":"move","from":"/b/c","path":"/e"}])"),
            json::parse(R"({"a":[2,3],"b":{},"d":{"c":2},"e":2})"));
}

TEST(PatchTest, BadPatchesAreRefusedAndNeverThrow) {
  EXPECT_EQ(Code(PatchType::kJson, json::parse(R"([{"op":"test","path":"/a","value":1}])")), 422);
  EXPECT_EQ(Code(PatchType::kJson, json::parse(R"([{"op":"remove","path":"/a/b"}])")), 422);
  EXPECT_EQ(Code(PatchType::kJson, json::parse(R"([{"op":"nope"},3])")), 422);
  EXPECT_EQ(Code(PatchType::kJson, json::parse(R"([3])")), 422);
  EXPECT_EQ(Code(PatchType::kJson, json::object()), 400);
  EXPECT_EQ(Code(PatchType::kJson, json(std::vector<int>(10001, 1))), 413);
  EXPECT_EQ(Code(PatchType::kMerge, json::array()), 400);
  EXPECT_EQ(Code(PatchType::kStrategic, json("x")), 400);
  EXPECT_EQ(Code(PatchType::kStrategic, json::parse(R"({"a":{"$patch":"nope"}})")), 500);
}

TEST(PatchTest, AReplaceOfAMissingMemberAddsItAndATestForNullHoldsWithoutIt) {
  EXPECT_EQ(Patched(PatchType::kJson, R"({"a":{}})",
                    R"([{"op":"replace","path":"/a/b","value":1},
                        {"op":"test","path":"/a/c","value":null}])"),
            json::parse(R"({"a":{"b":1}})"));
  EXPECT_EQ(Code(PatchType::kJson, json::parse(R"([{"op":"replace","path":"/a/b/c","value":1}])")),
            422);
}

TEST(PatchTest, WhatReplacesAnObjectThatIsNotThereIsDropped) {
  EXPECT_EQ(
      Patched(PatchType::kStrategic, R"({"a":{}})", R"({"a":{"b":{"$patch":"replace","c":1}}})"),
      json::parse(R"({"a":{}})"));
  EXPECT_EQ(Patched(PatchType::kStrategic, R"({"a":{"b":{"d":2}}})",
                    R"({"a":{"b":{"$patch":"replace","c":1}}})"),
            json::parse(R"({"a":{"b":{"c":1}}})"));
}

TEST(PatchTest, CopiesThatDoubleAnObjectEnd) {
  json patch = json::array();
  for (int i = 0; i < 100; ++i) {
    patch.push_back({{"op", "copy"}, {"from", ""}, {"path", "/" + std::to_string(i)}});
  }
  EXPECT_EQ(Code(PatchType::kJson, patch, {{"a", "b"}}), 422);
  json wide = json::array();
  for (int i = 0; i < 100; ++i) {
    wide.push_back({{"op", "copy"}, {"from", "/a"}, {"path", "/a/-"}});
  }
  EXPECT_EQ(Code(PatchType::kJson, wide, {{"a", json::array({std::string(1000, 'x')})}}), 422);
}

}  // namespace
}  // namespace kless::kubernetes
