#include "functions/kubernetes/types/type_graph.h"

#include <gtest/gtest.h>

#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {
namespace {

const Schema* At(const Schema* schema, const std::vector<const char*>& path) {
  for (const char* member : path) {
    if (schema != nullptr && schema->shape == Schema::Shape::kList) schema = schema->element;
    schema = MemberSchema(schema, member);
  }
  return schema;
}

TEST(TypeGraph, TheTextsAreWellFormedAndEveryTypeThatTheyNameExists) {
  EXPECT_EQ(BuiltInTypes().Problems(), std::vector<std::string>());
  EXPECT_GT(BuiltInTypes().types().size(), 250u);
}

TEST(TypeGraph, EveryKindOfTheRegistryHasAType) {
  for (const Kind& kind : Kinds()) {
    ASSERT_NE(kind.schema, nullptr) << kind.kind;
    EXPECT_TRUE(kind.schema->is_kind);
    EXPECT_NE(kind.schema->FindField("metadata"), nullptr) << kind.kind;
  }
}

TEST(TypeGraph, KindsAreFoundByTheirGroup) {
  EXPECT_EQ(FindSchema("v1", "Event")->type_name, "io.k8s.api.core.v1.Event");
  EXPECT_EQ(FindSchema("events.k8s.io/v1", "Event")->type_name, "io.k8s.api.events.v1.Event");
  EXPECT_EQ(FindSchema("v2", "Pod"), nullptr);
  EXPECT_EQ(FindSchema("v1", "PodSpec"), nullptr);
}

TEST(TypeGraph, ListsKnowHowTheyAreMergedAndShared) {
  const Schema* pod = FindSchema("v1", "Pod");
  const Schema* ports = At(pod, {"spec", "containers", "ports"});
  ASSERT_NE(ports, nullptr);
  EXPECT_EQ(ports->go_name, "[]v1.ContainerPort");
  EXPECT_EQ(ports->merge_key, "containerPort");
  ASSERT_EQ(ports->keys.size(), 2u);
  EXPECT_EQ(ports->keys[1].name, "protocol");
  EXPECT_EQ(ports->keys[1].default_value, "TCP");
  EXPECT_EQ(At(pod, {"spec", "tolerations"})->sharing, Schema::Sharing::kAtomic);
  EXPECT_EQ(At(pod, {"metadata", "finalizers"})->sharing, Schema::Sharing::kSet);
  EXPECT_EQ(At(pod, {"metadata", "finalizers"})->merge_key, kMergeSet);
  EXPECT_EQ(At(FindSchema("batch/v1", "Job"), {"spec", "selector"})->sharing,
            Schema::Sharing::kAtomic);
  EXPECT_TRUE(At(pod, {"spec"})->FindField("volumes")->retain_keys);
}

TEST(TypeGraph, TypesMayContainThemselves) {
  const Schema* props = At(FindSchema("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
                           {"spec", "versions", "schema", "openAPIV3Schema"});
  ASSERT_NE(props, nullptr);
  EXPECT_EQ(At(props, {"properties", "any name"}), props);
  EXPECT_EQ(At(props, {"allOf", "not"}), props);
}

TEST(TypeGraph, WrongTextsAreNamed) {
  const TypeGraph graph({"package core p.v1 -\nstruct A\n  b B\n  c []string sett\n"});
  EXPECT_EQ(graph.Problems(), (std::vector<std::string>{"sett", "core.B: no such type"}));
}

}  // namespace
}  // namespace kless::kubernetes
