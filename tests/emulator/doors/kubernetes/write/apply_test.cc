// Server-side apply, managedFields and field validation through the Kubernetes door.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kMap = "/api/v1/namespaces/default/configmaps/a";

class KubernetesApplyTest : public KubernetesDoorTest {
 protected:
  Reply Patch(const std::string& type, const std::string& query, const std::string& body) {
    HttpRequest request = MakeRequest("PATCH", kMap + query, body);
    request.headers["content-type"] = type;
    return Send(std::move(request));
  }
  Reply Apply(const std::string& query, const std::string& data) {
    return Patch("application/apply-patch+yaml", query,
                 "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: " + data + "\n");
  }
};

TEST_F(KubernetesApplyTest, AnApplyCreatesAndThenChangesOnlyWhatDiffers) {
  const Reply created = Apply("?fieldManager=m1", "{k: '1', l: '2'}");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.body()["data"], json({{"k", "1"}, {"l", "2"}}));
  const json entry = created.body()["metadata"]["managedFields"][0];
  EXPECT_EQ(entry["operation"], "Apply");
  EXPECT_EQ(entry["fieldsV1"], json::parse(R"({"f:data":{"f:k":{},"f:l":{}}})"));
  const Reply again = Apply("?fieldManager=m1", "{k: '1', l: '2'}");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body(), created.body());
  EXPECT_EQ(Apply("?fieldManager=m1&dryRun=All", "{k: '2'}").body()["data"]["k"], "2");
  EXPECT_EQ(Get(kMap).body(), created.body());
}

TEST_F(KubernetesApplyTest, AConflictNamesTheFieldAndTheOtherManager) {
  Apply("?fieldManager=m1", "{k: '1'}");
  const Reply refused = Apply("?fieldManager=m2", "{k: '2'}");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.reason(), "Conflict");
  EXPECT_EQ(refused.message(), "Apply failed with 1 conflict: conflict with \"m1\": .data.k");
  EXPECT_EQ(refused.body()["details"]["causes"][0]["reason"], "FieldManagerConflict");
  EXPECT_EQ(Apply("?fieldManager=m2&force=true", "{k: '2'}").status, 200);
}

TEST_F(KubernetesApplyTest, AnApplyNeedsAManagerAndOneObjectOfThePath) {
  EXPECT_EQ(Apply("", "{}").message(),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required "
            "for apply patch");
  const std::string apply = "application/apply-patch+yaml";
  for (const char* body : {"", "[]", "a: [", "kind: ConfigMap", "{\"apiVersion\":\"v1\"",
                           "apiVersion: v2\nkind: ConfigMap", "apiVersion: v1\nkind: Pod",
                           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}"}) {
    EXPECT_EQ(Patch(apply, "?fieldManager=m", body).status, 400) << body;
  }
  EXPECT_EQ(Get(kMap).status, 404);
}

TEST_F(KubernetesApplyTest, WritersAreKnownByFieldManagerOrUserAgent) {
  HttpRequest request = MakeRequest("POST", kMaps, R"({"metadata":{"name":"a"},"data":{"k":"1"}})");
  request.headers["user-agent"] = "tool/v1 (linux)";
  const json created = Send(std::move(request)).body();
  EXPECT_EQ(created["metadata"]["managedFields"][0]["manager"], "tool");
  EXPECT_EQ(created["metadata"]["managedFields"][0]["operation"], "Update");
  const json patched =
      Patch("application/merge-patch+json", "?fieldManager=me", R"({"data":{"k":"2"}})").body();
  EXPECT_EQ(patched["metadata"]["managedFields"][0]["manager"], "me");
  // A replace without them keeps them.
  json body = patched;
  body["metadata"].erase("managedFields");
  EXPECT_EQ(Send("PUT", kMap, body.dump()).body(), patched);
}

TEST_F(KubernetesApplyTest, UnknownFieldsAreWarnedOfRefusedOrDropped) {
  const std::string body = R"({"metadata":{"name":"a"},"data":{"k":"1","k":"1"},"foo":1})";
  const std::string maps = kMaps;
  const Reply strict = Send("POST", maps + "?fieldValidation=Strict", body);
  EXPECT_EQ(strict.status, 400);
  EXPECT_EQ(strict.message(),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: "
            "duplicate field \"data.k\", unknown field \"foo\"");
  const Reply warned = Send("POST", maps, body);
  EXPECT_EQ(warned.status, 201);
  EXPECT_FALSE(warned.body().contains("foo"));
  EXPECT_EQ(warned.warnings().size(), 2u);
  EXPECT_TRUE(Send("PUT", std::string(kMap) + "?fieldValidation=Ignore", body).warnings().empty());
}

TEST_F(KubernetesApplyTest, UnknownFieldsOfPatchesAreShownInTheObjectThatTheyMake) {
  Send("POST", kMaps, R"({"metadata":{"name":"a"},"data":{"k":"1"}})");
  const Reply strategic = Patch("application/strategic-merge-patch+json", "?fieldValidation=Strict",
                                R"({"foo":{"bar":1}})");
  EXPECT_EQ(strategic.status, 422);
  EXPECT_EQ(strategic.message(),
            " \"\" is invalid: patch: Invalid value: \"map[foo:map[bar:1]]\": strict decoding "
            "error: unknown field \"foo\"");
  const Reply merge =
      Patch("application/merge-patch+json", "?fieldValidation=Strict", R"({"foo":1})");
  EXPECT_EQ(merge.status, 422);
  EXPECT_EQ(merge.message().find(R"(patch: Invalid value: "{\"apiVersion\":\"v1\",\"data\")"), 16u);
  EXPECT_EQ(Patch("application/merge-patch+json", "", R"({"foo":1})").warnings().size(), 1u);
  EXPECT_EQ(Patch("application/json", "", "{}").message(), "415: Unsupported Media Type");
  EXPECT_EQ(Patch("application/merge-patch+json", "?force=true", "{}").status, 422);
}

TEST_F(KubernetesApplyTest, OpenApiIsServedByGroupAndVersion) {
  const json index = Get("/openapi/v3").body();
  const std::string url = index["paths"]["apis/batch/v1"]["serverRelativeURL"];
  EXPECT_TRUE(url.starts_with("/openapi/v3/apis/batch/v1?hash="));
  EXPECT_TRUE(Get(url).body()["components"]["schemas"].contains("io.k8s.api.batch.v1.JobSpec"));
  EXPECT_EQ(Get("/openapi/v2").body()["swagger"], "2.0");
  HttpRequest request = MakeRequest("GET", "/openapi/v2", "");
  const std::string protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
  request.headers["accept"] = protobuf;
  EXPECT_EQ(Send(std::move(request)).response.content_type, protobuf);
}

}  // namespace
}  // namespace kless::doors
