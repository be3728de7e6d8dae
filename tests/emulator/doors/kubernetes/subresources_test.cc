// scale, bindings, reviews, older watch paths, and replaces that create.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;
using testing::ElementsAre;

constexpr const char* kSets = "/apis/apps/v1/namespaces/default/replicasets";
constexpr const char* kSet = "/apis/apps/v1/namespaces/default/replicasets/r";
constexpr const char* kScale = "/apis/apps/v1/namespaces/default/replicasets/r/scale";

json MakeSet() {
  return {{"apiVersion", "apps/v1"},
          {"kind", "ReplicaSet"},
          {"metadata", {{"name", "r"}}},
          {"spec",
           {{"replicas", 2},
            {"selector", {{"matchLabels", {{"app", "r"}}}}},
            {"template",
             {{"metadata", {{"labels", {{"app", "r"}}}}},
              {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}}}}}}}};
}

class KubernetesSubresourceTest : public KubernetesDoorTest {
 protected:
  Reply PatchScale(const json& patch) {
    HttpRequest request = MakeRequest("PATCH", kScale, DumpJson(patch));
    request.headers["content-type"] = "application/merge-patch+json";
    return Send(std::move(request));
  }
};

TEST_F(KubernetesSubresourceTest, ScaleShowsReplicasAndSelector) {
  Create(kSets, MakeSet());
  const json scale = Get(kScale).body();
  EXPECT_EQ(scale["kind"], "Scale");
  EXPECT_EQ(scale["apiVersion"], "autoscaling/v1");
  EXPECT_EQ(scale["spec"], json({{"replicas", 2}}));
  EXPECT_EQ(scale["status"], json({{"replicas", 0}, {"selector", "app=r"}}));
  EXPECT_EQ(scale["metadata"]["resourceVersion"], Get(kSet).version());
  EXPECT_EQ(Get("/apis/apps/v1/namespaces/default/replicasets/none/scale").status, 404);
}

TEST_F(KubernetesSubresourceTest, ScalingWritesTheReplicasOfTheObject) {
  Create(kSets, MakeSet());
  EXPECT_EQ(PatchScale({{"spec", {{"replicas", 5}}}}).body()["spec"]["replicas"], 5);
  EXPECT_EQ(Get(kSet).body()["spec"]["replicas"], 5);
  EXPECT_EQ(Get(kSet).body()["metadata"]["generation"], 2);
  json scale = Get(kScale).body();
  scale["spec"]["replicas"] = 3;
  EXPECT_EQ(Send("PUT", kScale, scale).status, 200);
  EXPECT_EQ(Get(kSet).body()["spec"]["replicas"], 3);
  const Reply stale = Send("PUT", kScale, scale);
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.body()["details"]["kind"], "replicasets");
}

TEST_F(KubernetesSubresourceTest, NegativeScaleIsInvalid) {
  Create(kSets, MakeSet());
  const Reply reply = PatchScale({{"spec", {{"replicas", -1}}}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.message(),
            "Scale.autoscaling \"r\" is invalid: spec.replicas: Invalid value: -1: must be greater "
            "than or equal to 0");
  EXPECT_EQ(Get(kSet).body()["spec"]["replicas"], 2);
}

TEST_F(KubernetesSubresourceTest, BindingsOfTheNamespaceNameTheirPod) {
  Create(kPods, MakePod("p"));
  const json binding = {{"apiVersion", "v1"},
                        {"kind", "Binding"},
                        {"metadata", {{"name", "p"}}},
                        {"target", {{"kind", "Node"}, {"name", "n"}}}};
  EXPECT_EQ(Send("POST", "/api/v1/namespaces/default/bindings", binding).status, 201);
  EXPECT_EQ(Get(std::string(kPods) + "/p").body()["spec"]["nodeName"], "n");
}

TEST_F(KubernetesSubresourceTest, ReviewsAllowEverything) {
  const std::string root = "/apis/authorization.k8s.io/v1/";
  json review = {{"spec", {{"resourceAttributes", {{"verb", "get"}, {"resource", "pods"}}}}}};
  const Reply allowed = Send("POST", root + "selfsubjectaccessreviews", review);
  EXPECT_EQ(allowed.status, 201);
  EXPECT_EQ(allowed.body()["status"]["allowed"], true);
  EXPECT_EQ(allowed.body()["kind"], "SelfSubjectAccessReview");
  review["spec"] = json::object();
  const Reply empty = Send("POST", root + "selfsubjectaccessreviews", review);
  EXPECT_EQ(empty.status, 422);
  EXPECT_EQ(empty.body()["details"]["causes"][0]["field"], "spec.resourceAttributes");
  EXPECT_EQ(Send("POST", root + "selfsubjectrulesreviews", review).status, 201);
  EXPECT_NE(Send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)
                .body()["status"]["userInfo"]["username"],
            "");
  EXPECT_EQ(Get(root + "selfsubjectaccessreviews").status, 405);
}

TEST_F(KubernetesSubresourceTest, OlderWatchPathsWatch) {
  Create(kPods, MakePod("a"));
  Create(kPods, MakePod("b"));
  EXPECT_THAT(Watch("/api/v1/watch/namespaces/default/pods/b?timeoutSeconds=5")->Summary(),
              ElementsAre("ADDED b"));
  EXPECT_THAT(Watch("/api/v1/watch/pods?timeoutSeconds=5")->Summary(),
              ElementsAre("ADDED a", "ADDED b"));
  EXPECT_EQ(Watch("/api/v1/watch/namespaces/default")->Summary()[0], "ADDED default");
}

TEST_F(KubernetesSubresourceTest, ReplacingALeaseThatIsNotThereCreatesIt) {
  const json lease = {
      {"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}, {"metadata", {{"name", "l"}}}};
  const std::string path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
  EXPECT_EQ(Send("PUT", path, lease).status, 201);
  EXPECT_EQ(Send("PUT", path, lease).status, 200);
  EXPECT_EQ(Send("PUT", std::string(kJobs) + "/nope", MakeJob("nope")).status, 404);
}

TEST_F(KubernetesSubresourceTest, EphemeralContainersAreAllThatTheirSubresourceWrites) {
  Create(kPods, MakePod("p"));
  const std::string path = std::string(kPods) + "/p";
  json pod = Get(path).body();
  pod["spec"]["ephemeralContainers"] = {{{"name", "debug"}, {"image", "busybox"}}};
  pod["spec"]["containers"][0]["image"] = "other";
  EXPECT_EQ(Send("PUT", path + "/ephemeralcontainers", pod).status, 200);
  const json spec = Get(path).body()["spec"];
  EXPECT_EQ(spec["ephemeralContainers"][0]["name"], "debug");
  EXPECT_EQ(spec["containers"][0]["image"], "busybox");
}

}  // namespace
}  // namespace kless::doors
