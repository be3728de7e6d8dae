// Creates and replaces through the Kubernetes door.  Case numbers: reference/kubernetes.md.
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::EndsWith;

using KubernetesWriteTest = KubernetesDoorTest;

TEST_F(KubernetesWriteTest, A1_A5_A8_CreatedJobIsAnsweredWithItsDefaultsAndGeneratedSelector) {
  const json job = Create(kJobs, MakeJob("pi"));
  EXPECT_EQ(job["spec"]["parallelism"], 1);
  EXPECT_EQ(job["spec"]["completions"], 1);
  EXPECT_EQ(job["spec"]["completionMode"], "NonIndexed");
  EXPECT_EQ(job["metadata"]["namespace"], "default");
  EXPECT_EQ(job["metadata"]["generation"], 1);
  EXPECT_EQ(job["metadata"]["creationTimestamp"], "2026-01-01T00:00:00Z");
  const std::string uid = job["metadata"]["uid"];
  EXPECT_EQ(uid.size(), 36u);
  EXPECT_EQ(job["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"], uid);
  EXPECT_EQ(job["spec"]["template"]["metadata"]["labels"]["job-name"], "pi");
  // A7.
  EXPECT_EQ(job["metadata"]["labels"], job["spec"]["template"]["metadata"]["labels"]);
  EXPECT_EQ(Get(std::string(kJobs) + "/pi").body(), job);
  EXPECT_EQ(Get(std::string(kJobs) + "/pi/status").body(), job);
}

TEST_F(KubernetesWriteTest, ResourceVersionIsTheSequenceOfTheWrite) {
  const std::uint64_t before = store_->feed().Latest();
  EXPECT_EQ(Create(kJobs, MakeJob("a"))["metadata"]["resourceVersion"], std::to_string(before + 1));
  EXPECT_EQ(Create(kPods, MakePod("b"))["metadata"]["resourceVersion"], std::to_string(before + 2));
}

TEST_F(KubernetesWriteTest, NothingIsReadBackToAnswerAWrite) {
  const auto reads = [&](const std::function<void()>& write) {
    const std::uint64_t before = store_->Stats().reads;
    write();
    return store_->Stats().reads - before;
  };
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  json map = {{"metadata", {{"name", "m"}}}, {"data", {{"k", "1"}}}};
  EXPECT_EQ(reads([&] { Create(maps, map); }), 1u) << "the namespace";
  map["data"]["k"] = "2";
  EXPECT_EQ(reads([&] { Send("PUT", maps + "/m", map); }), 1u) << "the replaced object";
  EXPECT_EQ(reads([&] { Send("POST", maps, map); }), 2u) << "the namespace and who has the name";
}

TEST_F(KubernetesWriteTest, StrictProblemsComeInTheOrderOfTheText) {
  const auto problems = [&](const std::string& type, const std::string& body) {
    HttpRequest request = MakeRequest(
        "POST", "/api/v1/namespaces/default/configmaps?dryRun=All&fieldValidation=Strict", body);
    request.headers["content-type"] = type;
    return Send(std::move(request)).message();
  };
  const std::string json_type = "application/json";
  EXPECT_THAT(problems(json_type, R"({"metadata":{"name":"m"},"z":1,"data":{"k":"1"},"a":2})"),
              EndsWith(R"(strict decoding error: unknown field "z", unknown field "a")"));
  EXPECT_THAT(problems(json_type, R"({"z":1,"metadata":{"name":"m"},"data":{"k":"1","k":"2"}})"),
              EndsWith(R"(strict decoding error: unknown field "z", duplicate field "data.k")"));
  // YAML is converted to JSON with sorted members before it is decoded.
  EXPECT_THAT(problems("application/yaml", "metadata:\n  name: m\nz: 1\na: 2\n"),
              EndsWith(R"(strict decoding error: unknown field "a", unknown field "z")"));
}

TEST_F(KubernetesWriteTest, BootstrapMakesTheFourNamespacesOnce) {
  EXPECT_THAT(Names("/api/v1/namespaces"),
              ElementsAre("default", "kube-node-lease", "kube-public", "kube-system"));
  const std::uint64_t before = store_->feed().Latest();
  EXPECT_FALSE(door_->Bootstrap().has_error());
  store_->EndTurn();
  EXPECT_EQ(store_->feed().Latest(), before);
}

TEST_F(KubernetesWriteTest, NameThatExistsIsAConflict) {
  Create(kJobs, MakeJob("pi"));
  const Reply reply = Send("POST", kJobs, MakeJob("pi"));
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.reason(), "AlreadyExists");
  EXPECT_EQ(reply.message(), R"(jobs.batch "pi" already exists)");
  EXPECT_EQ(reply.body()["details"], (json{{"name", "pi"}, {"group", "batch"}, {"kind", "jobs"}}));
}

TEST_F(KubernetesWriteTest, GeneratedNamesAreDrawnFromTheAlphabetOfKubernetes) {
  json job = MakeJob("");
  job["metadata"] = {{"generateName", "pi-"}};
  const std::string first = Create(kJobs, job)["metadata"]["name"];
  EXPECT_THAT(first, testing::MatchesRegex("pi-[bcdfghjklmnpqrstvwxz2456789]{5}"));
  EXPECT_NE(Create(kJobs, job)["metadata"]["name"], first);
}

TEST_F(KubernetesWriteTest, DryRunAnswersAndStoresNothing) {
  const std::uint64_t before = store_->feed().Latest();
  const Reply reply = Send("POST", std::string(kJobs) + "?dryRun=All", MakeJob("pi"));
  EXPECT_EQ(reply.status, 201);
  EXPECT_FALSE(reply.body()["metadata"].contains("resourceVersion"));
  EXPECT_TRUE(reply.body()["metadata"].contains("uid"));
  EXPECT_EQ(Get(std::string(kJobs) + "/pi").status, 404);
  Create(kJobs, MakeJob("pi"));
  EXPECT_EQ(Send("POST", std::string(kJobs) + "?dryRun=All", MakeJob("pi")).status, 409);
  EXPECT_EQ(store_->feed().Latest(), before + 1);
  EXPECT_EQ(Send("POST", std::string(kJobs) + "?dryRun=Some", MakeJob("pi")).message(),
            R"(CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: "Some": )"
            R"(supported values: "All")");
}

TEST_F(KubernetesWriteTest, NamespaceMustExist) {
  const Reply reply = Send("POST", "/apis/batch/v1/namespaces/none/jobs", MakeJob("pi"));
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.message(), R"(namespaces "none" not found)");
  EXPECT_EQ(reply.body()["details"], (json{{"name", "none"}, {"kind", "namespaces"}}));
}

TEST_F(KubernetesWriteTest, NS5_NothingIsCreatedInATerminatingNamespace) {
  Create("/api/v1/namespaces", {{"metadata", {{"name", "n"}}}});
  const Reply deleted = Send("DELETE", "/api/v1/namespaces/n");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body()["status"]["phase"], "Terminating");
  const Reply reply = Send("POST", "/apis/batch/v1/namespaces/n/jobs", MakeJob("late"));
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(
      reply.message(),
      R"(jobs.batch "late" is forbidden: unable to create new content in namespace n because )"
      "it is being terminated");
  EXPECT_EQ(reply.body()["details"]["causes"],
            json::array({{{"reason", "NamespaceTerminating"},
                          {"message", "namespace n is being terminated"},
                          {"field", "metadata.namespace"}}}));
}

TEST_F(KubernetesWriteTest, V1_InvalidJobIsRefusedWithItsCauses) {
  json job = MakeJob("pi");
  job["spec"]["template"]["spec"]["restartPolicy"] = "Always";
  const Reply reply = Send("POST", kJobs, job);
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.body()["details"]["causes"][0]["field"], "spec.template.spec.restartPolicy");
  EXPECT_EQ(reply.message(),
            R"(Job.batch "pi" is invalid: spec.template.spec.restartPolicy: Required value: valid )"
            R"(values: "OnFailure", "Never")");
}

TEST_F(KubernetesWriteTest, A13_NameThatIsNotALabelIsCreatedWithAWarning) {
  const Reply reply = Send("POST", kJobs, MakeJob("a.b"));
  EXPECT_EQ(reply.status, 201);
  ASSERT_EQ(reply.warnings().size(), 1u);
  EXPECT_TRUE(reply.warnings()[0].starts_with("299 - \"metadata.name: this is used in Pod names"));
}

TEST_F(KubernetesWriteTest, NamespaceOfTheObjectMustMatchThePath) {
  json job = MakeJob("pi");
  job["metadata"]["namespace"] = "other";
  EXPECT_EQ(Send("POST", kJobs, job).message(),
            "the namespace of the provided object does not match the namespace sent on the "
            "request");
}

TEST_F(KubernetesWriteTest, ReplaceNeedsTheVersionThatIsThere) {
  json job = Create(kJobs, MakeJob("pi"));
  job["spec"]["parallelism"] = 2;
  const Reply first = Send("PUT", std::string(kJobs) + "/pi", job);
  EXPECT_EQ(first.status, 200) << first.response.body;
  EXPECT_EQ(first.body()["metadata"]["generation"], 2);
  const Reply stale = Send("PUT", std::string(kJobs) + "/pi", job);
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.reason(), "Conflict");
  EXPECT_EQ(stale.message(),
            R"(Operation cannot be fulfilled on jobs.batch "pi": the object has been modified; )"
            "please apply your changes to the latest version and try again");
  job["metadata"].erase("resourceVersion");
  job["spec"]["parallelism"] = 3;
  EXPECT_EQ(Send("PUT", std::string(kJobs) + "/pi", job).body()["spec"]["parallelism"], 3);
}

TEST_F(KubernetesWriteTest, ReplaceOfAnotherIncarnationIsAConflict) {
  json job = Create(kJobs, MakeJob("pi"));
  job["metadata"]["uid"] = "another";
  const Reply reply = Send("PUT", std::string(kJobs) + "/pi", job);
  EXPECT_EQ(reply.status, 409);
  EXPECT_NE(reply.message().find("UID in precondition: another, UID in object meta: "),
            std::string::npos);
}

TEST_F(KubernetesWriteTest, ReplaceThatChangesNothingKeepsTheVersion) {
  const json job = Create(kJobs, MakeJob("pi"));
  const std::uint64_t before = store_->feed().Latest();
  EXPECT_EQ(Send("PUT", std::string(kJobs) + "/pi", job).body(), job);
  EXPECT_EQ(store_->feed().Latest(), before);
}

TEST_F(KubernetesWriteTest, A9_MainResourceKeepsTheStatusAndTheStatusKeepsTheSpec) {
  json job = Create(kJobs, MakeJob("pi"));
  job["status"] = {{"active", 2}};
  job["spec"]["parallelism"] = 5;
  const Reply main = Send("PUT", std::string(kJobs) + "/pi", job);
  EXPECT_EQ(main.body()["spec"]["parallelism"], 5);
  EXPECT_FALSE(main.body()["status"].contains("active"));
  job["metadata"].erase("resourceVersion");
  job["spec"]["parallelism"] = 7;
  const Reply status = Send("PUT", std::string(kJobs) + "/pi/status", job);
  EXPECT_EQ(status.status, 200) << status.response.body;
  EXPECT_EQ(status.body()["status"]["active"], 2);
  EXPECT_EQ(status.body()["spec"]["parallelism"], 5);
  EXPECT_EQ(status.body()["metadata"]["generation"], 2);
}

TEST_F(KubernetesWriteTest, A9_CreateWipesTheStatus) {
  json job = MakeJob("pi");
  job["status"] = {{"active", 9}};
  EXPECT_FALSE(Create(kJobs, job)["status"].contains("active"));
}

TEST_F(KubernetesWriteTest, V29_ImmutableFieldsCannotBeReplaced) {
  json job = Create(kJobs, MakeJob("pi"));
  job["spec"]["completions"] = 4;
  const Reply reply = Send("PUT", std::string(kJobs) + "/pi", job);
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.message(),
            R"(Job.batch "pi" is invalid: spec.completions: Invalid value: 4: field is immutable)");
}

TEST_F(KubernetesWriteTest, ReplaceOfWhatIsNotThereIsNotFound) {
  EXPECT_EQ(Send("PUT", std::string(kJobs) + "/pi", MakeJob("pi")).status, 404);
  EXPECT_EQ(Send("PUT", std::string(kJobs) + "/pi", MakeJob("pa")).message(),
            "the name of the object (pa) does not match the name on the URL (pi)");
}

TEST_F(KubernetesWriteTest, RawObjectIsServedWithWhatItsKeySays) {
  const ResourceId id{"job", "default/raw"};
  ASSERT_FALSE(store_->resources().Put(id, R"({"spec":{"x":1}})", Condition::None()).has_error());
  const Reply reply = Get(std::string(kJobs) + "/raw");
  EXPECT_EQ(reply.body()["kind"], "Job");
  EXPECT_EQ(reply.body()["metadata"]["name"], "raw");
  EXPECT_EQ(reply.body()["metadata"]["namespace"], "default");
  EXPECT_EQ(reply.body()["spec"]["x"], 1);
}

}  // namespace
}  // namespace kless::doors
