// Deletions through the Kubernetes door.  Case numbers: reference/kubernetes.md and controllers.md.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class KubernetesDeleteTest : public KubernetesDoorTest {
 protected:
  // A pod with a finalizer.
  json Held(const std::string& name) {
    json pod = MakePod(name);
    pod["metadata"]["finalizers"] = {"a.com/x"};
    return Create(kPods, pod);
  }
  static std::string Pod(const std::string& name) { return std::string(kPods) + "/" + name; }
  static std::string Job(const std::string& name) { return std::string(kJobs) + "/" + name; }
};

TEST_F(KubernetesDeleteTest, BackgroundRemovesAJobAtOnceAndNamesItsUid) {
  const json job = Create(kJobs, MakeJob("pi"));
  const Reply reply = Send("DELETE", Job("pi"), json{{"propagationPolicy", "Background"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body(), (json{{"kind", "Status"},
                                {"apiVersion", "v1"},
                                {"metadata", json::object()},
                                {"status", "Success"},
                                {"details",
                                 {{"name", "pi"},
                                  {"group", "batch"},
                                  {"kind", "jobs"},
                                  {"uid", job["metadata"]["uid"]}}}}));
  EXPECT_EQ(Get(Job("pi")).status, 404);
  EXPECT_EQ(Send("DELETE", Job("pi")).status, 404);
}

TEST_F(KubernetesDeleteTest, A14_JobIsOrphanedByDefaultWithAWarning) {
  Create(kJobs, MakeJob("pi"));
  const Reply reply = Send("DELETE", Job("pi"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body()["kind"], "Job");
  EXPECT_EQ(reply.body()["metadata"]["finalizers"], json::array({"orphan"}));
  EXPECT_EQ(reply.body()["metadata"]["deletionTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(reply.body()["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(reply.body()["metadata"]["generation"], 2);
  EXPECT_THAT(reply.warnings(),
              ElementsAre("299 - \"child pods are preserved by default when jobs are deleted; set "
                          "propagationPolicy=Background to remove them or set "
                          "propagationPolicy=Orphan to suppress this warning\""));
  EXPECT_EQ(Get(Job("pi")).body(), reply.body());
}

TEST_F(KubernetesDeleteTest, OrphanByQueryHasNoWarning) {
  Create(kJobs, MakeJob("pi"));
  const Reply reply = Send("DELETE", Job("pi") + "?propagationPolicy=Orphan");
  EXPECT_EQ(reply.body()["metadata"]["finalizers"], json::array({"orphan"}));
  EXPECT_THAT(reply.warnings(), IsEmpty());
}

TEST_F(KubernetesDeleteTest, D21_GC3_ForegroundMarksTheObjectAndKeepsIt) {
  Create(kJobs, MakeJob("pi"));
  const Reply reply = Send("DELETE", Job("pi"), json{{"propagationPolicy", "Foreground"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body()["kind"], "Job");
  const json metadata = reply.body()["metadata"];
  EXPECT_EQ(metadata["finalizers"], json::array({"foregroundDeletion"}));
  EXPECT_EQ(metadata["deletionTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(metadata["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(metadata["generation"], 2);
  // Again without a policy: as before, and without the default of Jobs.
  EXPECT_EQ(Send("DELETE", Job("pi")).body(), reply.body());
  // Removing the last finalizer removes the object (GC8).
  json free = reply.body();
  free["metadata"].erase("finalizers");
  EXPECT_EQ(Send("PUT", Job("pi"), free).status, 200);
  EXPECT_EQ(Get(Job("pi")).status, 404);
}

TEST_F(KubernetesDeleteTest, GC2_GC3_GC9_EveryKindKnowsTheThreePolicies) {
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  for (const char* name : {"a", "b", "c", "d"}) Create(maps, {{"metadata", {{"name", name}}}});
  EXPECT_EQ(Send("DELETE", maps + "/a").body()["status"], "Success");
  EXPECT_EQ(Get(maps + "/a").status, 404);
  const Reply foreground = Send("DELETE", maps + "/b?propagationPolicy=Foreground");
  EXPECT_EQ(foreground.body()["metadata"]["finalizers"], json::array({"foregroundDeletion"}));
  EXPECT_EQ(foreground.body()["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_FALSE(foreground.body()["metadata"].contains("generation"));
  for (const json& options :
       {json{{"propagationPolicy", "Orphan"}}, json{{"orphanDependents", true}}}) {
    const std::string name = options.contains("orphanDependents") ? "/c" : "/d";
    const Reply orphan = Send("DELETE", maps + name, options);
    EXPECT_EQ(orphan.body()["metadata"]["finalizers"], json::array({"orphan"}));
  }
  // Background overrides the earlier request.
  EXPECT_EQ(Send("DELETE", maps + "/c?propagationPolicy=Background").body()["status"], "Success");
  EXPECT_EQ(Get(maps + "/c").status, 404);
}

TEST_F(KubernetesDeleteTest, EventsAreNotGarbageCollected) {
  Create(kEvents, {{"metadata", {{"name", "e"}}}, {"involvedObject", {{"namespace", "default"}}}});
  EXPECT_EQ(Send("DELETE", std::string(kEvents) + "/e?propagationPolicy=Foreground").status, 200);
  EXPECT_EQ(Get(std::string(kEvents) + "/e").status, 404);
}

TEST_F(KubernetesDeleteTest, GC23_UnknownAndDoublePoliciesAreInvalid) {
  Create(kJobs, MakeJob("pi"));
  EXPECT_EQ(Send("DELETE", Job("pi") + "?propagationPolicy=Nope").message(),
            R"(DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: )"
            R"("Nope": supported values: "Foreground", "Background", "Orphan", "nil")");
  const Reply both = Send("DELETE", Job("pi"),
                          json{{"propagationPolicy", "Background"}, {"orphanDependents", true}});
  EXPECT_EQ(both.status, 422);
  EXPECT_EQ(both.message(),
            R"(DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: )"
            R"("Background": orphanDependents and deletionPropagation cannot be both set)");
}

TEST_F(KubernetesDeleteTest, GC24_PreconditionsAreChecked) {
  const json pod = Create(kPods, MakePod("a"));
  const Reply uid = Send("DELETE", Pod("a"), json{{"preconditions", {{"uid", "zzz"}}}});
  EXPECT_EQ(uid.status, 409);
  EXPECT_EQ(
      uid.message(),
      R"(Operation cannot be fulfilled on Pod "a": the UID in the precondition (zzz) does not )"
      "match the UID in record (" +
          pod["metadata"]["uid"].get<std::string>() +
          "). The object might have been deleted and then recreated");
  const Reply version =
      Send("DELETE", Pod("a"), json{{"preconditions", {{"resourceVersion", "1"}}}});
  EXPECT_EQ(version.message(),
            R"(Operation cannot be fulfilled on Pod "a": the ResourceVersion in the precondition )"
            "(1) does not match the ResourceVersion in record (" +
                pod["metadata"]["resourceVersion"].get<std::string>() +
                "). The object might have been modified");
  EXPECT_EQ(
      Send("DELETE", Pod("a"), json{{"preconditions", {{"uid", pod["metadata"]["uid"]}}}}).status,
      200);
}

TEST_F(KubernetesDeleteTest, CM4_PodWithoutNodeIsSeenMarkedAndGoes) {
  const json pod = Create(kPods, MakePod("a"));
  const auto watch = Watch(std::string(kPods) + "?watch=true&resourceVersion=" +
                           pod["metadata"]["resourceVersion"].get<std::string>());
  const Reply reply = Send("DELETE", Pod("a"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body()["metadata"]["deletionTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(reply.body()["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(reply.body()["metadata"]["generation"], 2);
  Settle();
  EXPECT_THAT(watch->Summary(), ElementsAre("MODIFIED a", "DELETED a"));
  EXPECT_EQ(watch->Event(0)["object"], reply.body());
  EXPECT_EQ(Get(Pod("a")).status, 404);
}

TEST_F(KubernetesDeleteTest, CM5_BoundPodStaysForItsGracePeriod) {
  json pod = MakePod("a");
  pod["spec"]["nodeName"] = "n1";
  Create(kPods, pod);
  const Reply reply = Send("DELETE", Pod("a"));
  EXPECT_EQ(reply.body()["metadata"]["deletionTimestamp"], "2026-01-01T00:00:30Z");
  EXPECT_EQ(reply.body()["metadata"]["deletionGracePeriodSeconds"], 30);
  EXPECT_EQ(Get(Pod("a")).status, 200);
  const auto watch = Watch(std::string(kPods) + "?watch=true&resourceVersion=" + reply.version());
  Advance(std::chrono::seconds(6));
  EXPECT_EQ(Send("DELETE", Pod("a") + "?gracePeriodSeconds=0").status, 200);
  EXPECT_EQ(Get(Pod("a")).status, 404);
  Settle();
  EXPECT_THAT(watch->Summary(), ElementsAre("MODIFIED a", "DELETED a"));
  const json last = watch->Event(0)["object"]["metadata"];
  EXPECT_EQ(last["deletionTimestamp"], "2026-01-01T00:00:06Z");
  EXPECT_EQ(last["deletionGracePeriodSeconds"], 0);
}

TEST_F(KubernetesDeleteTest, CM5_FinishedPodOnANodeGoesAtOnce) {
  json pod = MakePod("a");
  pod["spec"]["nodeName"] = "n1";
  json created = Create(kPods, pod);
  created["status"]["phase"] = "Succeeded";
  Send("PUT", Pod("a") + "/status", created);
  EXPECT_EQ(Send("DELETE", Pod("a")).body()["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(Get(Pod("a")).status, 404);
}

TEST_F(KubernetesDeleteTest, FinalizersHoldAnObjectUntilTheLastOneGoes) {
  Held("a");
  const Reply deleted = Send("DELETE", Pod("a"));
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body()["metadata"]["finalizers"], json::array({"a.com/x"}));
  EXPECT_EQ(Send("DELETE", Pod("a")).body(), deleted.body());
  EXPECT_EQ(Send("POST", kPods, MakePod("a")).message(),
            R"(object is being deleted: pods "a" already exists)");

  json more = deleted.body();
  more["metadata"]["finalizers"] = {"a.com/x", "a.com/y"};
  const Reply refused = Send("PUT", Pod("a"), more);
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.message().find("no new finalizers can be added if the object is being deleted"),
            std::string::npos);

  json none = deleted.body();
  none["metadata"].erase("finalizers");
  const Reply freed = Send("PUT", Pod("a"), none);
  EXPECT_EQ(freed.status, 200);
  EXPECT_EQ(freed.version(), deleted.version());
  EXPECT_EQ(Get(Pod("a")).status, 404);
}

TEST_F(KubernetesDeleteTest, DryRunDeletesNothing) {
  Create(kJobs, MakeJob("pi"));
  Create(kPods, MakePod("a"));
  const std::uint64_t before = store_->feed().Latest();
  EXPECT_EQ(
      Send("DELETE", Job("pi"), json{{"propagationPolicy", "Background"}, {"dryRun", {"All"}}})
          .body()["status"],
      "Success");
  EXPECT_EQ(Send("DELETE", Job("pi") + "?dryRun=All&propagationPolicy=Orphan").status, 200);
  EXPECT_EQ(Send("DELETE", Pod("a") + "?dryRun=All").status, 200);
  EXPECT_EQ(store_->feed().Latest(), before);
}

TEST_F(KubernetesDeleteTest, BadOptionsAreRefusedInTheWordsOfTheServer) {
  Create(kPods, MakePod("a"));
  EXPECT_EQ(
      Send("DELETE", Pod("a"), json{{"gracePeriodSeconds", "x"}}).message(),
      "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of "
      "type int64");
  EXPECT_EQ(Send("DELETE", Pod("a"), "{bad").message(),
            "couldn't get version/kind; json parse error: invalid character 'b' looking for "
            "beginning of object key string");
  EXPECT_EQ(
      Send("DELETE", Pod("a"), MakePod("a")).message(),
      R"(no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111")");
  EXPECT_EQ(Get(Pod("a")).status, 200);
}

TEST_F(KubernetesDeleteTest, NS13_SomeNamespacesAreProtected) {
  const Reply reply = Send("DELETE", "/api/v1/namespaces/default");
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.message(),
            R"(namespaces "default" is forbidden: this namespace may not be deleted)");
  EXPECT_EQ(Send("DELETE", "/api/v1/namespaces/kube-node-lease").status, 200);
}

TEST_F(KubernetesDeleteTest, NS3_NamespaceTurnsTerminating) {
  Create("/api/v1/namespaces", {{"metadata", {{"name", "n"}}}});
  const Reply reply = Send("DELETE", "/api/v1/namespaces/n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body()["status"]["phase"], "Terminating");
  EXPECT_EQ(reply.body()["spec"]["finalizers"], json::array({"kubernetes"}));
  EXPECT_TRUE(reply.body()["metadata"].contains("deletionTimestamp"));
  EXPECT_FALSE(reply.body()["metadata"].contains("deletionGracePeriodSeconds"));
  EXPECT_EQ(Send("DELETE", "/api/v1/namespaces/n").body(), reply.body());
}

TEST_F(KubernetesDeleteTest, NS5_NothingIsCreatedInATerminatingNamespace) {
  Create("/api/v1/namespaces", {{"metadata", {{"name", "n"}}}});
  Send("DELETE", "/api/v1/namespaces/n");
  const Reply reply =
      Send("POST", "/api/v1/namespaces/n/configmaps", json{{"metadata", {{"name", "new"}}}});
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.message(),
            R"(configmaps "new" is forbidden: unable to create new content in namespace n )"
            "because it is being terminated");
  EXPECT_EQ(reply.body()["details"],
            (json{{"name", "new"},
                  {"kind", "configmaps"},
                  {"causes", json::array({{{"reason", "NamespaceTerminating"},
                                           {"message", "namespace n is being terminated"},
                                           {"field", "metadata.namespace"}}})}}));
}

TEST_F(KubernetesDeleteTest, NS11_NS12_NamespaceGoesWhenItIsFinalized) {
  const json created =
      Create("/api/v1/namespaces",
             {{"metadata", {{"name", "n"}}}, {"spec", {{"finalizers", {"foo.io/custom"}}}}});
  EXPECT_EQ(created["spec"]["finalizers"], json::array({"foo.io/custom", "kubernetes"}));
  json body = Send("DELETE", "/api/v1/namespaces/n").body();
  body["spec"]["finalizers"] = {"foo.io/custom"};
  const Reply custom = Send("PUT", "/api/v1/namespaces/n/finalize", body);
  EXPECT_EQ(custom.status, 200);
  EXPECT_EQ(custom.body()["spec"]["finalizers"], json::array({"foo.io/custom"}));
  EXPECT_EQ(custom.body()["status"]["phase"], "Terminating");
  body = custom.body();
  body["spec"]["finalizers"] = json::array();
  EXPECT_EQ(Send("PUT", "/api/v1/namespaces/n/finalize", body).status, 200);
  EXPECT_EQ(Get("/api/v1/namespaces/n").status, 404);
}

TEST_F(KubernetesDeleteTest, CollectionIsDeletedBySelector) {
  Create(kPods, MakePod("a", "x"));
  Create(kPods, MakePod("b", "y"));
  Create(kPods, MakePod("c", "x"));
  const Reply reply = Send("DELETE", std::string(kPods) + "?labelSelector=app%3Dx");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body()["kind"], "PodList");
  EXPECT_EQ(reply.body()["items"].size(), 2u);
  EXPECT_THAT(Names(kPods), ElementsAre("b"));
  EXPECT_EQ(Send("DELETE", kPods).status, 200);
  EXPECT_THAT(Names(kPods), IsEmpty());
  EXPECT_EQ(Send("DELETE", "/api/v1/namespaces").status, 405);
}

}  // namespace
}  // namespace kless::doors
