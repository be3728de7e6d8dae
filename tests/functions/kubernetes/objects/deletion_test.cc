// Deletion: reference CM4, CM5, D20, D21, and goldens del-*.
#include "functions/kubernetes/objects/deletion.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/objects/status_object.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

json Pod(const json& patch) {
  json pod = Create(KindOf("pod"), PodBody("p")).object;
  pod.merge_patch(patch);
  return pod;
}

TEST(DeletionTest, CM4_UnboundPodGoesAtOnce) {
  const json pod = Pod(json::object());
  EXPECT_FALSE(DeleteObject(KindOf("pod"), pod, {}, kNow).has_value());
  const json marked = MarkForDeletion(KindOf("pod"), pod, {}, kNow);
  EXPECT_EQ(marked["metadata"]["deletionTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(marked["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(marked["metadata"]["generation"], 2);
}

TEST(DeletionTest, CM5_BoundPodGetsItsGrace) {
  const json pod = Pod(json::parse(R"({"spec":{"nodeName":"n"}})"));
  const auto marked = DeleteObject(KindOf("pod"), pod, {}, kNow);
  ASSERT_TRUE(marked.has_value());
  EXPECT_EQ((*marked)["metadata"]["deletionTimestamp"], "2026-01-01T00:00:30Z");
  EXPECT_EQ((*marked)["metadata"]["deletionGracePeriodSeconds"], 30);
  EXPECT_EQ((*marked)["metadata"]["generation"], 2);
  EXPECT_FALSE(ReadyToVanish(KindOf("pod"), *marked));

  // A repeated deletion without a grace of its own changes nothing.  With grace 0, as from the
  // kubelet, the pod is removed.
  EXPECT_EQ(DeleteObject(KindOf("pod"), *marked, {}, kNow + 5'000'000'000), marked);
  EXPECT_FALSE(DeleteObject(KindOf("pod"), *marked, {.grace_seconds = 0, .orphan = false}, kNow)
                   .has_value());
}

TEST(DeletionTest, CM5_GraceZeroEndsNowAndNotInThePast) {
  const json pod = Pod(json::parse(R"({"spec":{"nodeName":"n"}})"));
  const auto marked = DeleteObject(KindOf("pod"), pod, {}, kNow);
  const json last =
      MarkForDeletion(KindOf("pod"), *marked, {.grace_seconds = 0}, kNow + 7'000'000'000);
  EXPECT_EQ(last["metadata"]["deletionTimestamp"], "2026-01-01T00:00:07Z");
  EXPECT_EQ(last["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(last["metadata"]["generation"], 2);
}

TEST(DeletionTest, CM5_FinishedPodGoesAtOnce) {
  const json pod = Pod(json::parse(R"({"spec":{"nodeName":"n"},"status":{"phase":"Succeeded"}})"));
  EXPECT_FALSE(DeleteObject(KindOf("pod"), pod, {}, kNow).has_value());
}

TEST(DeletionTest, D12_FinalizerKeepsAForceDeletedPod) {
  const json pod = Pod(json::parse(R"({"metadata":{"finalizers":["a.com/x"]}})"));
  auto marked = DeleteObject(KindOf("pod"), pod, {.grace_seconds = 0, .orphan = false}, kNow);
  ASSERT_TRUE(marked.has_value());
  EXPECT_FALSE(ReadyToVanish(KindOf("pod"), *marked));
  (*marked)["metadata"].erase("finalizers");
  EXPECT_TRUE(ReadyToVanish(KindOf("pod"), *marked));
}

TEST(DeletionTest, GraceIsOnlyEverShortened) {
  const json pod = Pod(json::parse(R"({"spec":{"nodeName":"n"}})"));
  const auto marked = DeleteObject(KindOf("pod"), pod, {}, kNow);
  const auto longer =
      DeleteObject(KindOf("pod"), *marked, {.grace_seconds = 60, .orphan = false}, kNow);
  EXPECT_EQ(longer, marked);
  const auto shorter =
      DeleteObject(KindOf("pod"), *marked, {.grace_seconds = 10, .orphan = false}, kNow);
  EXPECT_EQ((*shorter)["metadata"]["deletionTimestamp"], "2026-01-01T00:00:10Z");
  EXPECT_EQ((*shorter)["metadata"]["generation"], 2);
}

TEST(DeletionTest, D20_OrphanedJobWaitsForItsFinalizer) {
  const json job = Create(KindOf("job"), JobBody("k")).object;
  const auto marked = DeleteObject(KindOf("job"), job, {.grace_seconds = {}, .orphan = true}, kNow);
  ASSERT_TRUE(marked.has_value());
  EXPECT_EQ((*marked)["metadata"]["finalizers"], json::array({"orphan"}));
  EXPECT_EQ((*marked)["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ((*marked)["metadata"]["generation"], 2);
  // A repeated deletion changes nothing; Background overrides it.
  EXPECT_EQ(DeleteObject(KindOf("job"), *marked, {.grace_seconds = {}, .orphan = true}, kNow + 1),
            marked);
  EXPECT_FALSE(DeleteObject(KindOf("job"), *marked, {}, kNow).has_value());
}

TEST(DeletionTest, D21_GC3_ForegroundWaitsForItsFinalizer) {
  for (const char* type : {"job", "configmap", "node", "pod"}) {
    json object = {{"metadata", {{"name", "k"}, {"generation", 1}}}};
    const auto marked =
        DeleteObject(KindOf(type), object, {.grace_seconds = {}, .foreground = true}, kNow);
    ASSERT_TRUE(marked.has_value());
    const json& metadata = (*marked)["metadata"];
    EXPECT_EQ(metadata["finalizers"], json::array({"foregroundDeletion"}));
    EXPECT_EQ(metadata["deletionTimestamp"], "2026-01-01T00:00:00Z");
    EXPECT_EQ(metadata["deletionGracePeriodSeconds"], 0);
    EXPECT_EQ(metadata["generation"], 2);
    EXPECT_FALSE(ReadyToVanish(KindOf(type), *marked));
  }
}

TEST(DeletionTest, OtherFinalizersAreKeptWithTheCollectors) {
  const json object = json::parse(R"({"metadata":{"name":"k","finalizers":["orphan","a.b/c"]}})");
  const auto marked =
      DeleteObject(KindOf("configmap"), object, {.grace_seconds = {}, .foreground = true}, kNow);
  EXPECT_EQ((*marked)["metadata"]["finalizers"], json::array({"a.b/c", "foregroundDeletion"}));
}

TEST(DeletionTest, BackgroundJobGoesAtOnce) {
  const json job = Create(KindOf("job"), JobBody("k")).object;
  EXPECT_FALSE(DeleteObject(KindOf("job"), job, {}, kNow).has_value());
}

TEST(DeletionTest, NamespaceIsMarkedTerminating) {
  const json object = Create(KindOf("namespace"), {{"metadata", {{"name", "n"}}}}).object;
  const auto marked = DeleteObject(KindOf("namespace"), object, {}, kNow);
  ASSERT_TRUE(marked.has_value());
  EXPECT_EQ((*marked)["status"]["phase"], "Terminating");
  EXPECT_EQ((*marked)["metadata"]["deletionTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_FALSE((*marked)["metadata"].contains("deletionGracePeriodSeconds"));
}

TEST(DeletionTest, StatusOfASuccessNamesTheResource) {
  EXPECT_EQ(StatusSuccess(KindOf("job"), "j", "u"),
            json::parse(R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success",
                            "details":{"name":"j","group":"batch","kind":"jobs","uid":"u"}})"));
}

}  // namespace
}  // namespace kless::kubernetes
