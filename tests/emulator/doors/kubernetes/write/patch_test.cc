// PATCH through the Kubernetes door.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;

class KubernetesPatchTest : public KubernetesDoorTest {
 protected:
  Reply Patch(const std::string& type, const std::string& target, const std::string& body) {
    HttpRequest request = MakeRequest("PATCH", target, body);
    if (!type.empty()) request.headers["content-type"] = type;
    return Send(std::move(request));
  }
  Reply Merge(const std::string& target, const std::string& body) {
    return Patch("application/merge-patch+json", target, body);
  }
  const std::string pi_ = std::string(kJobs) + "/pi";
  const std::string pod_ = std::string(kPods) + "/a";
};

TEST_F(KubernetesPatchTest, EachPatchIsAppliedDefaultedAndStored) {
  Create(kJobs, MakeJob("pi"));
  const Reply merged = Merge(pi_, R"({"spec":{"parallelism":3}})");
  EXPECT_EQ(merged.status, 200);
  EXPECT_EQ(merged.body()["spec"]["parallelism"], 3);
  EXPECT_EQ(merged.body()["metadata"]["generation"], 2);
  const Reply strategic = Patch("application/strategic-merge-patch+json; charset=utf-8", pi_,
                                R"({"metadata":{"finalizers":["a.b/c"]}})");
  EXPECT_EQ(strategic.body()["metadata"]["finalizers"], json::array({"a.b/c"}));
  const Reply operations = Patch("application/json-patch+json", pi_,
                                 R"([{"op":"replace","path":"/spec/suspend","value":true}])");
  EXPECT_EQ(operations.body()["spec"]["suspend"], true);
  EXPECT_EQ(Get(pi_).body(), operations.body());
}

TEST_F(KubernetesPatchTest, PatchThatChangesNothingKeepsTheVersion) {
  const json job = Create(kJobs, MakeJob("pi"));
  EXPECT_EQ(Merge(pi_, R"({"spec":{"suspend":false}})").body(), job);
  EXPECT_EQ(Merge(pi_ + "?dryRun=All", R"({"spec":{"suspend":true}})").body()["spec"]["suspend"],
            true);
  EXPECT_EQ(Get(pi_).body(), job);
}

TEST_F(KubernetesPatchTest, D2_FinalizerGoesByStrategicPatchAndTheObjectWithIt) {
  json pod = MakePod("a");
  pod["metadata"]["finalizers"] = {"batch.kubernetes.io/job-tracking"};
  Create(kPods, pod);
  Send("DELETE", pod_);
  const Reply reply = Patch("application/strategic-merge-patch+json", pod_,
                            R"({"metadata":{"$deleteFromPrimitiveList/finalizers":
                                ["batch.kubernetes.io/job-tracking"]}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(Get(pod_).status, 404);
}

TEST_F(KubernetesPatchTest, VersionInAPatchIsAPrecondition) {
  const json job = Create(kJobs, MakeJob("pi"));
  const Reply stale =
      Merge(pi_, R"({"metadata":{"resourceVersion":"1"},"spec":{"parallelism":2}})");
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.message(),
            R"(Operation cannot be fulfilled on jobs.batch "pi": the object has been modified; )"
            "please apply your changes to the latest version and try again");
  json patch = {{"spec", {{"parallelism", 2}}}};
  patch["metadata"]["resourceVersion"] = job["metadata"]["resourceVersion"];
  EXPECT_EQ(Merge(pi_, DumpJson(patch)).status, 200);
}

TEST_F(KubernetesPatchTest, V29_ValidationIsThatOfAReplace) {
  Create(kJobs, MakeJob("pi"));
  EXPECT_EQ(Merge(pi_, R"({"spec":{"completions":3}})").message(),
            R"(Job.batch "pi" is invalid: spec.completions: Invalid value: 3: field is immutable)");
  const Reply uid = Merge(pi_, R"({"metadata":{"uid":"1"}})");
  EXPECT_EQ(uid.status, 422);
  EXPECT_NE(uid.message().find("metadata.uid: Invalid value: \"1\": field is immutable"),
            std::string::npos);
}

TEST_F(KubernetesPatchTest, A9_StatusSubresourceTakesOnlyTheStatus) {
  Create(kJobs, MakeJob("pi"));
  const Reply reply = Merge(pi_ + "/status", R"({"status":{"active":2},"spec":{"parallelism":9}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body()["status"]["active"], 2);
  EXPECT_EQ(reply.body()["spec"]["parallelism"], 1);
  EXPECT_EQ(reply.body()["metadata"]["generation"], 1);
  // Conversely, the main resource leaves the status alone.
  EXPECT_EQ(Merge(pi_, R"({"status":{"active":5}})").body()["status"]["active"], 2);
}

TEST_F(KubernetesPatchTest, V32_StatusThatBreaksItsRulesIsRefused) {
  Create(kJobs, MakeJob("pi"));
  const Reply reply =
      Merge(pi_ + "/status", R"({"status":{"conditions":[{"type":"Complete","status":"True"}]}})");
  EXPECT_EQ(reply.status, 422);
  EXPECT_NE(reply.message().find("cannot set Complete=True condition without the "
                                 "SuccessCriteriaMet=true condition"),
            std::string::npos);
}

TEST_F(KubernetesPatchTest, OtherMediaTypesAre415) {
  Create(kJobs, MakeJob("pi"));
  EXPECT_EQ(Patch("application/json", pi_, "{}").status, 415);
  EXPECT_EQ(Patch("", pi_, "{}").status, 415);
}

TEST_F(KubernetesPatchTest, BadPatchesAreTheClientsFault) {
  Create(kJobs, MakeJob("pi"));
  EXPECT_EQ(Merge(pi_, "{bad").status, 400);
  EXPECT_EQ(Merge(pi_, "[]").status, 400);
  EXPECT_EQ(
      Patch("application/json-patch+json", pi_, R"([{"op":"remove","path":"/no"}])").message(),
      "the server rejected our request due to an error in our request");
  const Reply type = Merge(pi_, R"({"spec":{"parallelism":"x"}})");
  EXPECT_EQ(type.status, 422);
  EXPECT_NE(type.message().find("json: cannot unmarshal string into Go struct field "
                                "JobSpec.spec.parallelism of type int32"),
            std::string::npos);
  EXPECT_EQ(Merge(pi_, R"({"metadata":{"name":"pa"}})").message(),
            "the name of the object (pa) does not match the name on the URL (pi)");
  EXPECT_EQ(Merge(std::string(kJobs) + "/none", "{}").status, 404);
  EXPECT_EQ(
      Patch("application/json-patch+json", pi_, R"([{"op":"replace","path":"","value":7}])").status,
      422);
  for (const char* type_name : {"merge-patch+json", "strategic-merge-patch+json"}) {
    for (const char* body : {R"({"metadata":7})", R"({"metadata":null})", R"({"spec":[]})",
                             R"({"kind":"Pod"})", R"({"apiVersion":3})"}) {
      const Reply reply = Patch(std::string("application/") + type_name, pi_, body);
      EXPECT_GE(reply.status, 400) << body;
      EXPECT_LT(reply.status, 500) << body << reply.response.body;
    }
  }
}

TEST_F(KubernetesPatchTest, HostilePatchesAreTheClientsFaultAndNeverOurs) {
  Create(kJobs, MakeJob("pi"));
  Create(kPods, MakePod("a"));
  Create("/api/v1/nodes", {{"metadata", {{"name", "n1"}}}});
  const json values[] = {nullptr,
                         true,
                         -1,
                         1e300,
                         "",
                         "x",
                         json::array({1, nullptr}),
                         json{{"a", {{"b", 1}}}},
                         json::array({{{"name", 1}}}),
                         json{{"$patch", "replace"}},
                         json{{"$patch", 7}},
                         json{{"$setElementOrder/x", 3}, {"$retainKeys", "y"}}};
  const char* const paths[] = {
      "/metadata",          "/metadata/finalizers",
      "/metadata/labels",   "/spec",
      "/spec/template",     "/spec/containers",
      "/spec/taints",       "/status",
      "/status/conditions", "/metadata/$deleteFromPrimitiveList~1finalizers"};
  for (const std::string& target : {pi_, pod_, std::string("/api/v1/nodes/n1")}) {
    for (const char* path : paths) {
      for (const json& value : values) {
        json patch;
        patch[json::json_pointer(path)] = value;
        for (const char* suffix : {"", "/status"}) {
          for (const char* type : {"merge-patch+json", "strategic-merge-patch+json"}) {
            const Reply reply = Patch(std::string("application/") + type,
                                      target + suffix + "?dryRun=All", DumpJson(patch));
            // The API server's own 500 about directives and merge keys.
            const std::string message = reply.body().value("message", "");
            if (message.starts_with("unknown patch type: ") || message.starts_with("map: "))
              continue;
            EXPECT_LT(reply.status, 500) << target << suffix << patch << reply.response.body;
          }
        }
      }
    }
  }
  EXPECT_EQ(event_loop_.failed_tasks(), 0u);
}

TEST_F(KubernetesPatchTest, RawObjectIsPatchedAsItIsServed) {
  ASSERT_FALSE(store_->resources()
                   .Put({"configmap", "default/raw"}, R"({"data":{"a":"b"}})", Condition::None())
                   .has_error());
  const Reply reply = Merge("/api/v1/namespaces/default/configmaps/raw", R"({"data":{"c":"d"}})");
  EXPECT_EQ(reply.status, 200) << reply.response.body;
  EXPECT_EQ(reply.body()["data"], (json{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(reply.body()["metadata"]["name"], "raw");
}

TEST_F(KubernetesPatchTest, EveryKindIsPatched) {
  const std::string nodes = "/api/v1/nodes";
  Create(nodes, {{"metadata", {{"name", "n1"}}}});
  EXPECT_EQ(
      Merge(nodes + "/n1", R"({"spec":{"unschedulable":true}})").body()["spec"]["unschedulable"],
      true);
  const Reply status = Patch("application/strategic-merge-patch+json", nodes + "/n1/status",
                             R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})");
  EXPECT_EQ(status.body()["status"]["conditions"][0]["status"], "True");
  EXPECT_EQ(status.body()["spec"]["unschedulable"], true);
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
  Create(leases, {{"metadata", {{"name", "n1"}}}, {"spec", {{"holderIdentity", "n1"}}}});
  EXPECT_EQ(Merge(leases + "/n1", R"({"spec":{"leaseTransitions":1}})").status, 200);
}

}  // namespace
}  // namespace kless::doors
