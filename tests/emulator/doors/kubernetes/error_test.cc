// Replies of the Kubernetes door to wrong requests, and its discovery.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;
using testing::ElementsAre;

class KubernetesErrorTest : public KubernetesDoorTest {
 protected:
  Reply Post(const std::string& text) { return Send("POST", kJobs, text); }
};

TEST_F(KubernetesErrorTest, AnotherKindOrVersionIsRefusedInTheWordsOfTheServer) {
  const auto post = [this](const char* api_version, const char* kind) {
    return Post(DumpJson(
                    {{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", "a"}}}}))
        .message();
  };
  EXPECT_EQ(post("v1", "Pod"),
            R"(Pod in version "v1" cannot be handled as a Job: converting (v1.Pod) to )"
            "(batch.Job): unknown conversion");
  EXPECT_EQ(post("batch/v1", "Nope"),
            R"(Nope in version "v1" cannot be handled as a Job: no kind "Nope" is registered for )"
            R"(version "batch/v1" in scheme "pkg/runtime/scheme.go:111")");
  EXPECT_EQ(
      post("batch/v1beta1", "Job"),
      R"(Job in version "v1beta1" cannot be handled as a Job: no kind "Job" is registered for )"
      R"(version "batch/v1beta1" in scheme "pkg/runtime/scheme.go:111")");
  const Reply reply = Post(R"({"apiVersion": "batch/v1/x", "kind": "Job"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(),
            "the object provided is unrecognized (must be of type Job): unexpected GroupVersion "
            R"(string: batch/v1/x ({"apiVersion": "batch/v1/x", " ...))");
}

TEST_F(KubernetesErrorTest, KindAndVersionMayBeLeftOut) {
  json job = MakeJob("a");
  job.erase("kind");
  job.erase("apiVersion");
  EXPECT_EQ(Post(DumpJson(job)).body()["kind"], "Job");
}

TEST_F(KubernetesErrorTest, MalformedJsonIsABadRequest) {
  EXPECT_EQ(Post("{bad").message(),
            "the object provided is unrecognized (must be of type Job): couldn't get version/kind; "
            "json parse error: invalid character 'b' looking for beginning of object key string "
            "({bad)");
  EXPECT_EQ(Post("").message(),
            "the object provided is unrecognized (must be of type Job): couldn't get version/kind; "
            "json parse error: unexpected end of JSON input (<empty>)");
  EXPECT_NE(Post("[1]").message().find("cannot unmarshal array into Go value"), std::string::npos);
  for (const std::string& text :
       {std::string("[1,2"), std::string("nothing"), std::string("{}\0junk", 7),
        std::string(5000, '{'), std::string(300, '[') + std::string(300, ']'), std::string("3"),
        std::string("\"job\""), std::string("{\"kind\":3}"), std::string("{\"metadata\":3}"),
        std::string("{\"metadata\":{\"name\":3}}"), std::string("\0\0", 2)}) {
    const Reply reply = Post(text);
    EXPECT_EQ(reply.status, 400) << text.substr(0, 40) << reply.response.body;
    EXPECT_EQ(reply.reason(), "BadRequest");
    EXPECT_EQ(reply.body()["kind"], "Status");
  }
}

TEST_F(KubernetesErrorTest, OtherMediaTypesThanJsonAndYamlAreRefused) {
  HttpRequest request = MakeRequest("POST", kJobs, DumpJson(MakeJob("a")));
  for (const char* type : {"application/xml", "text/plain"}) {
    request.headers["content-type"] = type;
    const Reply reply = Send(request);
    EXPECT_EQ(reply.status, 415);
    EXPECT_EQ(reply.reason(), "UnsupportedMediaType");
  }
  request.headers["content-type"] = "Application/JSON; charset=utf-8";
  EXPECT_EQ(Send(request).status, 201);

  HttpRequest read = MakeRequest("GET", kJobs);
  for (const char* accept : {"text/html", "application/json;as=Nope;v=v1;g=meta.k8s.io",
                             "application/vnd.kubernetes.protobuf"}) {
    read.headers["accept"] = accept;
    EXPECT_EQ(Send(read).status, 406) << accept;
  }
  for (const char* accept : {"*/*", "application/xml, application/json;q=0.5",
                             "application/json;as=Table;v=v9;g=meta.k8s.io,application/json"}) {
    read.headers["accept"] = accept;
    EXPECT_EQ(Send(read).body()["kind"], "JobList") << accept;
  }
}

TEST_F(KubernetesErrorTest, UnknownPathsAndMethodsAreStatuses) {
  for (const char* path : {"/api/v2", "/api/v1/nopes", "/apis/batch/v9", "/apis/batch/v1/nopes",
                           "/apis/batch/v1/namespaces/default/nopes/x",
                           "/apis/batch/v1/namespaces/default/jobs/a/nope"}) {
    const Reply reply = Get(path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.message(), "the server could not find the requested resource");
    EXPECT_EQ(reply.body()["details"], json::object());
  }
  EXPECT_EQ(Get("/apis/nope.example").response.body, "404 page not found\n");
  for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
           {"PUT", kJobs},
           {"POST", std::string(kJobs) + "/a"},
           {"PATCH", kJobs},
           {"HEAD", kJobs},
           {"FOO", kJobs},
           {"POST", "/version"},
           {"DELETE", "/api/v1/namespaces"},
           {"POST", "/apis/batch/v1"},
           {"DELETE", std::string(kJobs) + "/a/status"}}) {
    const Reply reply = Send(method, path, "{}");
    EXPECT_EQ(reply.status, 405) << method << path;
    EXPECT_EQ(reply.reason(), "MethodNotAllowed");
    EXPECT_EQ(reply.message(), "the server does not allow this method on the requested resource");
  }
}

TEST_F(KubernetesErrorTest, InvalidUtf8IsReplacedAsByGo) {
  const std::string text =
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":")"
      "\xff\xe2\x82 \xe2\x82\xac"
      R"(","b":"\ud800x \udc00 \ud83d\ude00","c":"\\ud800"}})";
  const Reply reply = Send("POST", "/api/v1/namespaces/default/configmaps", text);
  ASSERT_EQ(reply.status, 201) << reply.response.body;
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(reply.body()["data"]["a"], bad + bad + bad + " \xe2\x82\xac");
  EXPECT_EQ(reply.body()["data"]["b"], bad + "x " + bad + " \xf0\x9f\x98\x80");
  EXPECT_EQ(reply.body()["data"]["c"], "\\ud800");
}

TEST_F(KubernetesErrorTest, RefusalsOfTheServerAreStatuses) {
  const HttpRequest request = MakeRequest("POST", kJobs);
  EXPECT_EQ(router_.BodyLimit(kJobs), 3u << 20);
  const auto status = [&](int code) {
    return ParseJson(router_.RenderError(request, code, "why").body).value();
  };
  EXPECT_EQ(status(413)["reason"], "RequestEntityTooLarge");
  EXPECT_EQ(status(413)["message"], "Request entity too large: limit is 3145728");
  EXPECT_EQ(ParseJson(router_.RenderError(MakeRequest("POST", "/other"), 413, "why").body)
                .value()["message"],
            "Request entity too large: why");
  EXPECT_EQ(status(400)["reason"], "BadRequest");
  EXPECT_EQ(status(408)["code"], 408);
  EXPECT_EQ(status(500)["reason"], "InternalError");
}

TEST_F(KubernetesErrorTest, DiscoveryNamesGroupsAndResources) {
  EXPECT_EQ(Get("/api").body()["versions"], json::array({"v1"}));
  std::vector<std::string> groups;
  const json all = Get("/apis").body();
  for (const auto& group : all["groups"]) groups.push_back(group["name"]);
  EXPECT_THAT(groups, testing::ElementsAre("apps", "events.k8s.io", "authentication.k8s.io",
                                           "authorization.k8s.io", "autoscaling", "batch", "policy",
                                           "apiextensions.k8s.io", "scheduling.k8s.io",
                                           "coordination.k8s.io", "discovery.k8s.io"));
  EXPECT_EQ(all["groups"][5],
            (json{{"name", "batch"},
                  {"versions", json::array({{{"groupVersion", "batch/v1"}, {"version", "v1"}}})},
                  {"preferredVersion", {{"groupVersion", "batch/v1"}, {"version", "v1"}}}}));
  EXPECT_EQ(Get("/apis/batch").body()["kind"], "APIGroup");
  const Reply batch = Get("/apis/batch/v1");
  EXPECT_EQ(batch.body()["groupVersion"], "batch/v1");
  EXPECT_EQ(batch.body()["apiVersion"], "v1");
  std::vector<std::string> names;
  const json core = Get("/api/v1").body();
  for (const auto& resource : core["resources"]) names.push_back(resource["name"]);
  EXPECT_THAT(names, testing::IsSupersetOf({"events", "namespaces", "namespaces/finalize",
                                            "namespaces/status", "nodes", "nodes/status", "pods",
                                            "pods/binding", "pods/eviction", "pods/status"}));
  EXPECT_EQ(batch.body()["resources"][0]["name"], "cronjobs");
  EXPECT_EQ(batch.body()["resources"][2]["name"], "jobs");
  EXPECT_EQ(batch.body()["resources"][2]["categories"], json::array({"all"}));
  EXPECT_EQ(batch.body()["resources"][3]["name"], "jobs/status");
}

TEST_F(KubernetesErrorTest, VersionAndHealthAnswer) {
  const json version = Get("/version").body();
  EXPECT_EQ(version["major"], "1");
  EXPECT_TRUE(version["gitVersion"].get<std::string>().starts_with("v1.36.2+kless."));
  for (const char* path : {"/healthz", "/livez", "/readyz"}) {
    EXPECT_EQ(Get(path).response.body, "ok");
    EXPECT_EQ(Get(path).response.content_type, "text/plain; charset=utf-8");
    EXPECT_EQ(Get(std::string(path) + "/ping").response.body, "ok");
    EXPECT_EQ(Get(std::string(path) + "/nope").status, 404);
  }
  EXPECT_EQ(Get("/readyz?verbose&exclude=log").response.body,
            "[+]ping ok\n[+]log excluded: ok\n[+]etcd ok\nreadyz check passed\n");
}

TEST_F(KubernetesErrorTest, AggregatedDiscoveryIsTheSameInOneDocument) {
  HttpRequest request = MakeRequest("GET", "/apis");
  const std::string form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  request.headers["accept"] = form + ",application/json";
  const Reply reply = Send(request);
  EXPECT_EQ(reply.response.content_type, form);
  json batch;
  const json body = reply.body();
  for (const auto& item : body["items"]) {
    if (item["metadata"]["name"] == "batch") batch = item["versions"][0];
  }
  EXPECT_EQ(batch["version"], "v1");
  EXPECT_EQ(batch["resources"][1]["resource"], "jobs");
  EXPECT_EQ(batch["resources"][1]["subresources"][0]["subresource"], "status");
  request.path = "/api";
  const json core = Send(request).body();
  ASSERT_EQ(core["items"].size(), 1u);
  EXPECT_EQ(core["items"][0]["metadata"], json::object());
}

// Replaces every value of a valid body in turn: each reply is a client error.
class Mutations {
 public:
  explicit Mutations(json body) : body_(std::move(body)) { Visit(body_); }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  void Visit(json& value) {
    static const std::vector<json> kHostile = {nullptr,
                                               true,
                                               -1,
                                               18446744073709551615u,
                                               1e300,
                                               "",
                                               "x",
                                               json::array(),
                                               json::object(),
                                               json::array({1, "a", nullptr}),
                                               json{{"a", {{"b", 1}}}},
                                               std::string(300, 'n'),
                                               "\xc3\x28",
                                               "a/b",
                                               "../x"};
    const json saved = value;
    for (const json& hostile : kHostile) {
      value = hostile;
      texts_.push_back(DumpJson(body_));
    }
    value = saved;
    if (value.is_structured()) {
      for (auto& member : value) Visit(member);
    }
  }
  json body_;
  std::vector<std::string> texts_;
};

TEST_F(KubernetesErrorTest, HostileBodiesAreTheClientsFaultAndNeverOurs) {
  json job = MakeJob("a");
  job["metadata"]["labels"] = {{"k", "v"}};
  job["metadata"]["finalizers"] = {"a.com/x"};
  job["metadata"]["ownerReferences"] = json::array(
      {{{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", "p"}, {"uid", "u"}, {"controller", true}}});
  job["spec"]["completionMode"] = "Indexed";
  job["spec"]["completions"] = 2;
  job["spec"]["podFailurePolicy"] = {
      {"rules", json::array({{{"action", "FailJob"},
                              {"onExitCodes", {{"operator", "In"}, {"values", {1, 2}}}}}})}};
  job["spec"]["template"]["metadata"] = {{"labels", {{"a", "b"}}}};
  json pod = MakePod("a", "x");
  pod["status"] = {{"phase", "Running"},
                   {"conditions", json::array({{{"type", "Ready"}, {"status", "True"}}})}};
  const json event = {{"metadata", {{"name", "a"}}},
                      {"involvedObject", {{"kind", "Job"}, {"name", "j"}}},
                      {"count", 1},
                      {"lastTimestamp", "2026-01-01T00:00:00Z"}};
  const json options = {{"kind", "DeleteOptions"},
                        {"propagationPolicy", "Background"},
                        {"gracePeriodSeconds", 5},
                        {"preconditions", {{"uid", "u"}, {"resourceVersion", "1"}}},
                        {"dryRun", {"All"}}};
  int requests = 0;
  const auto check = [&](const std::string& method, const std::string& path,
                         const std::string& text) {
    const Reply reply = Send(method, path, text);
    ++requests;
    // The only 500 of the API server that is the client's fault.
    if (reply.message() == "resourceVersion should not be set on objects to be created") return;
    EXPECT_TRUE(reply.status < 500) << method << path << text << "\n" << reply.response.body;
    EXPECT_TRUE(reply.body().is_object());
  };
  for (const auto& [collection, body] :
       std::vector<std::pair<std::string, json>>{{kJobs, job}, {kPods, pod}, {kEvents, event}}) {
    const std::string object = collection + "/a";
    const Mutations bodies(body);
    for (const std::string& text : bodies.texts()) {
      check("POST", collection, text);
      check("PUT", object, text);
      if (collection != kEvents) check("PUT", object + "/status", text);
    }
    check("GET", collection, "");
    const Mutations deletions(options);
    for (const std::string& text : deletions.texts()) check("DELETE", object, text);
  }
  EXPECT_GT(requests, 1000);
  EXPECT_EQ(event_loop_.failed_tasks(), 0u);
}

TEST_F(KubernetesErrorTest, BodiesCutAnywhereAreRefused) {
  const std::string text = DumpJson(MakeJob("a"));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(Post(text.substr(0, size)).status, 400) << text.substr(0, size);
  }
}

TEST_F(KubernetesErrorTest, RawNonsenseInTheTableIsServedAndDeleted) {
  const std::vector<std::string> documents = {"",
                                              "nonsense",
                                              "[]",
                                              "3",
                                              "{\"metadata\":7}",
                                              "{\"metadata\":{\"finalizers\":{}}}",
                                              "{\"spec\":\"x\",\"status\":[]}"};
  for (std::size_t i = 0; i < documents.size(); ++i) {
    for (const char* type : {"job", "pod", "event", "namespace"}) {
      const std::string name = "raw" + std::to_string(i);
      const bool cluster = std::string(type) == "namespace";
      ASSERT_FALSE(
          store_->resources()
              .Put({type, cluster ? name : "default/" + name}, documents[i], Condition::None())
              .has_error());
      const std::string collection = cluster                        ? "/api/v1/namespaces"
                                     : std::string(type) == "job"   ? kJobs
                                     : std::string(type) == "event" ? kEvents
                                                                    : kPods;
      EXPECT_EQ(Get(collection).status, 200);
      const Reply read = Get(collection + "/" + name);
      EXPECT_EQ(read.status, 200) << documents[i];
      EXPECT_LT(Send("PUT", collection + "/" + name, read.body()).status, 500);
      EXPECT_EQ(Get(collection + "?fieldSelector=metadata.name%3D" + name).status, 200);
      EXPECT_LT(Send("DELETE", collection + "/" + name + "?propagationPolicy=Background").status,
                500);
    }
  }
}

}  // namespace
}  // namespace kless::doors
