// The scale subresource through the Kubernetes door; replaces that create.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;

class KubernetesScaleTest : public KubernetesDoorTest {
 protected:
  void AddSet(int replicas) {
    json set = json::parse(R"({"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"r"},
        "spec":{"selector":{"matchLabels":{"app":"a"},
                            "matchExpressions":[{"key":"b","operator":"NotIn","values":["y","x"]}]},
                "template":{"metadata":{"labels":{"app":"a"}},
                            "spec":{"containers":[{"name":"c","image":"i"}]}}}})");
    set["spec"]["replicas"] = replicas;
    Create("/apis/apps/v1/namespaces/default/replicasets", set);
  }
  Reply Merge(const std::string& target, const std::string& body) {
    HttpRequest request = MakeRequest("PATCH", target, body);
    request.headers["content-type"] = "application/merge-patch+json";
    return Send(std::move(request));
  }
  const std::string set_ = "/apis/apps/v1/namespaces/default/replicasets/r";
  const std::string scale_ = set_ + "/scale";
};

TEST_F(KubernetesScaleTest, RS23_ScaleShowsSizeAndSelector) {
  AddSet(0);
  const json scale = Get(scale_).body();
  EXPECT_EQ(scale["apiVersion"], "autoscaling/v1");
  EXPECT_EQ(scale["kind"], "Scale");
  EXPECT_EQ(scale["spec"], json::object());
  EXPECT_EQ(scale["status"], json({{"replicas", 0}, {"selector", "app=a,b notin (x,y)"}}));
  EXPECT_EQ(Get(set_ + "x/scale").status, 404);
}

TEST_F(KubernetesScaleTest, WritesOfScaleChangeTheObject) {
  AddSet(1);
  const Reply patched = Merge(scale_, R"({"spec":{"replicas":4}})");
  EXPECT_EQ(patched.status, 200);
  EXPECT_EQ(patched.body()["spec"]["replicas"], 4);
  EXPECT_EQ(Get(set_).body()["spec"]["replicas"], 4);
  EXPECT_EQ(Get(set_).body()["metadata"]["generation"], 2);
  const Reply refused = Merge(scale_, R"({"spec":{"replicas":-1}})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.message(),
            "Scale.autoscaling \"r\" is invalid: spec.replicas: Invalid value: -1: must be "
            "greater than or equal to 0");
  const std::string body =
      R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"r"%},"spec":{"replicas":2}})";
  const auto with = [&body](const std::string& more) {
    std::string text = body;
    return text.replace(text.find('%'), 1, more);
  };
  EXPECT_EQ(Send("PUT", scale_, with(R"(,"resourceVersion":"1")")).status, 409);
  EXPECT_EQ(Send("PUT", scale_ + "?dryRun=All", with("")).body()["spec"]["replicas"], 2);
  EXPECT_EQ(Get(set_).body()["spec"]["replicas"], 4);
  EXPECT_EQ(Send("PUT", scale_, with("")).status, 200);
  EXPECT_EQ(Get(set_).body()["spec"]["replicas"], 2);
}

TEST_F(KubernetesScaleTest, AReplaceCreatesWhereTheKindAllowsIt) {
  const std::string lease =
      R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"},"spec":{}})";
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
  EXPECT_EQ(Send("PUT", leases, lease).status, 201);
  EXPECT_EQ(Send("PUT", leases, lease).status, 200);
  EXPECT_EQ(Send("PUT", "/api/v1/namespaces/default/configmaps/c",
                 R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}})")
                .status,
            404);
}

}  // namespace
}  // namespace kless::doors
