// The forms that clients request: YAML, indented JSON, Tables, PartialObjectMetadata.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kConfigMaps = "/api/v1/namespaces/default/configmaps";

std::string As(const std::string& kind) {
  return "application/json;as=" + kind + ";v=v1;g=meta.k8s.io";
}

json MakeMap(const std::string& name) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}}},
          {"data", {{"k", "v"}}}};
}

class KubernetesFormsTest : public KubernetesDoorTest {
 protected:
  Reply GetAs(const std::string& target, const std::string& accept) {
    HttpRequest request = MakeRequest("GET", target);
    request.headers["accept"] = accept;
    return Send(std::move(request));
  }
};

TEST_F(KubernetesFormsTest, YamlIsWrittenWhereItIsAskedFor) {
  Create(kConfigMaps, MakeMap("a"));
  const Reply reply = GetAs(std::string(kConfigMaps) + "/a", "application/yaml");
  EXPECT_EQ(reply.response.content_type, "application/yaml");
  EXPECT_TRUE(reply.response.body.starts_with("apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\n"))
      << reply.response.body;
  EXPECT_THAT(GetAs(std::string(kConfigMaps) + "/b", "application/yaml").response.body,
              HasSubstr("reason: NotFound"));
}

TEST_F(KubernetesFormsTest, YamlIsReadWhereItIsSent) {
  HttpRequest request = MakeRequest("POST", kConfigMaps,
                                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n"
                                    "data: {k: \"yes\"}\n");
  request.headers["content-type"] = "application/yaml";
  const Reply reply = Send(request);
  EXPECT_EQ(reply.status, 201) << reply.response.body;
  EXPECT_EQ(reply.body()["data"]["k"], "yes");
  request.body = "a: [";
  EXPECT_EQ(Send(request).status, 400);
  EXPECT_THAT(Send(request).message(), HasSubstr("error converting YAML to JSON"));
}

TEST_F(KubernetesFormsTest, TheRangeWithTheHighestQIsTaken) {
  Create(kConfigMaps, MakeMap("a"));
  const std::string target = std::string(kConfigMaps) + "/a";
  EXPECT_EQ(GetAs(target, "application/json;q=0.4, application/yaml;q=0.9").response.content_type,
            "application/yaml");
  EXPECT_EQ(
      GetAs(target, "application/vnd.kubernetes.protobuf, application/json").response.content_type,
      "application/json");
  EXPECT_EQ(GetAs(target, "text/html").message(),
            "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
            "application/vnd.kubernetes.protobuf");
  EXPECT_EQ(GetAs(target, As("Nope")).message(),
            "only the following media types are accepted: application/json, application/yaml, "
            "application/vnd.kubernetes.protobuf");
}

TEST_F(KubernetesFormsTest, PrettyJsonMeansTheSame) {
  Create(kConfigMaps, MakeMap("a"));
  const std::string target = std::string(kConfigMaps) + "/a";
  const std::string pretty = Get(target + "?pretty=true").response.body;
  EXPECT_THAT(pretty, HasSubstr("\n  \"kind\": \"ConfigMap\""));
  EXPECT_EQ(ParseJson(pretty).value(), Get(target).body());
  HttpRequest request = MakeRequest("GET", target);
  request.headers["user-agent"] = "curl/8.0";
  EXPECT_EQ(Send(request).response.body, pretty);
}

TEST_F(KubernetesFormsTest, TableHasARowForEachObject) {
  Create(kConfigMaps, MakeMap("a"));
  Create(kConfigMaps, MakeMap("b"));
  const json table = GetAs(kConfigMaps, As("Table") + ",application/json").body();
  EXPECT_EQ(table["kind"], "Table");
  EXPECT_EQ(table["columnDefinitions"][0]["format"], "name");
  ASSERT_EQ(table["rows"].size(), 2u);
  EXPECT_EQ(table["rows"][1]["cells"], json({"b", 1, "0s"}));
  EXPECT_EQ(table["rows"][1]["object"]["kind"], "PartialObjectMetadata");
  EXPECT_EQ(table["rows"][1]["object"]["metadata"]["name"], "b");
  EXPECT_EQ(table["metadata"]["resourceVersion"], Get(kConfigMaps).version());
  const json page = GetAs(std::string(kConfigMaps) + "?limit=1", As("Table")).body();
  EXPECT_EQ(page["metadata"]["remainingItemCount"], 1);
}

TEST_F(KubernetesFormsTest, TableRowsCarryAsMuchOfTheObjectAsAskedFor) {
  Create(kConfigMaps, MakeMap("a"));
  const auto row = [this](const std::string& part) {
    return GetAs(std::string(kConfigMaps) + "/a?includeObject=" + part, As("Table"))
        .body()["rows"][0];
  };
  EXPECT_TRUE(row("None")["object"].is_null());
  EXPECT_EQ(row("Object")["object"]["data"]["k"], "v");
  EXPECT_EQ(row("Object")["object"]["kind"], "ConfigMap");
  const Reply bad = GetAs(std::string(kConfigMaps) + "?includeObject=Nope", As("Table"));
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.message(), HasSubstr("must be 'Metadata', 'Object', 'None', or empty"));
}

TEST_F(KubernetesFormsTest, PartialObjectMetadataIsTheMetadataAlone) {
  Create(kConfigMaps, MakeMap("a"));
  const json list = GetAs(kConfigMaps, As("PartialObjectMetadataList")).body();
  EXPECT_EQ(list["kind"], "PartialObjectMetadataList");
  EXPECT_EQ(list["items"][0]["kind"], "PartialObjectMetadata");
  EXPECT_EQ(list["items"][0].size(), 3u);
  const json one = GetAs(std::string(kConfigMaps) + "/a", As("PartialObjectMetadata")).body();
  EXPECT_EQ(one["metadata"], Get(std::string(kConfigMaps) + "/a").body()["metadata"]);
  EXPECT_EQ(GetAs(kConfigMaps, As("PartialObjectMetadata")).message(),
            "you requested PartialObjectMetadata, but the requested object is a list "
            "(*core.ConfigMapList)");
  HttpRequest deletion = MakeRequest("DELETE", std::string(kConfigMaps) + "/a");
  deletion.headers["accept"] = As("PartialObjectMetadata");
  EXPECT_EQ(Send(deletion).body()["kind"], "Status");
}

TEST_F(KubernetesFormsTest, EventsOfAWatchAreTablesOfWhichTheFirstHasColumns) {
  const std::string version = Get(kConfigMaps).version();
  const auto client =
      Watch(std::string(kConfigMaps) + "?watch=true&resourceVersion=" + version, As("Table"));
  Create(kConfigMaps, MakeMap("a"));
  Create(kConfigMaps, MakeMap("b"));
  Settle();
  ASSERT_EQ(client->events.size(), 2u);
  EXPECT_EQ(client->Event(0)["object"]["columnDefinitions"].size(), 3u);
  EXPECT_EQ(client->Event(0)["object"]["rows"][0]["cells"][0], "a");
  EXPECT_TRUE(client->Event(1)["object"]["columnDefinitions"].is_null());
  EXPECT_EQ(client->Event(1)["type"], "ADDED");
}

TEST_F(KubernetesFormsTest, DocumentsOfSeveralLinesAreOneInTables) {
  const auto watch = Watch(std::string(kConfigMaps) + "?watch=true", As("Table"));
  const std::string text = DumpJson(MakeMap("a"));
  store_->resources()
      .Put({"configmap", "default/a"}, "\n  {\n" + text.substr(1), Condition::None())
      .value();
  store_->EndTurn();
  Settle();
  ASSERT_EQ(watch->events.size(), 1u);
  const json table = watch->Event(0)["object"];
  EXPECT_EQ(table["rows"][0]["cells"][0], "a") << table;
  EXPECT_EQ(table["rows"][0]["object"]["metadata"]["name"], "a");
  for (const std::string& path : {std::string(kConfigMaps), std::string(kConfigMaps) + "/a"}) {
    const Reply reply = GetAs(path, As("Table"));
    EXPECT_EQ(reply.body()["kind"], "Table") << reply.response.body;
    EXPECT_EQ(reply.body()["rows"][0]["cells"][0], "a");
  }
}

TEST_F(KubernetesFormsTest, WatchesAreJsonOnly) {
  EXPECT_EQ(GetAs(std::string(kConfigMaps) + "?watch=true", "application/yaml").status, 406);
}

}  // namespace
}  // namespace kless::doors
