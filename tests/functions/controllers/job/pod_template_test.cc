// Compares rendered pods with the bodies that a real cluster stored (job_probe).
#include "functions/controllers/job/pod_template.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/job/job_world.h"

namespace kless::controllers {
namespace {

json ExpectedPod(const std::string& name, const std::string& uid, const std::string& job_uid,
                 int index) {
  json pod = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"j-",
    "namespace":"default","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z",
    "ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"j","controller":true,
      "blockOwnerDeletion":true}],"finalizers":["batch.kubernetes.io/job-tracking"]},
    "spec":{"containers":[{"name":"c","image":"b","resources":{},
      "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",
      "imagePullPolicy":"Always"}],"restartPolicy":"Never","terminationGracePeriodSeconds":30,
      "dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler",
      "tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists",
        "effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable",
        "operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"priority":0,
      "enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},
    "status":{"phase":"Pending","qosClass":"BestEffort"}})");
  json& metadata = pod["metadata"];
  metadata["name"] = name;
  metadata["uid"] = uid;
  metadata["labels"] = {{"batch.kubernetes.io/controller-uid", job_uid},
                        {"batch.kubernetes.io/job-name", "j"},
                        {"controller-uid", job_uid},
                        {"job-name", "j"}};
  metadata["ownerReferences"][0]["uid"] = job_uid;
  if (index < 0) return pod;
  const std::string number = std::to_string(index);
  metadata["generateName"] = "j-" + number + "-";
  metadata["labels"]["batch.kubernetes.io/job-completion-index"] = number;
  metadata["annotations"]["batch.kubernetes.io/job-completion-index"] = number;
  pod["spec"]["hostname"] = "j-" + number;
  pod["spec"]["containers"][0]["env"] = json::parse(R"([{"name":"JOB_COMPLETION_INDEX",
    "valueFrom":{"fieldRef":{"apiVersion":"v1",
      "fieldPath":"metadata.labels['batch.kubernetes.io/job-completion-index']"}}}])");
  return pod;
}

TEST(PodTemplateTest, C5_PodOfAPlainJobIsTheRecordedOne) {
  JobWorld world(json{{"completions", 3}, {"parallelism", 1}});
  world.Settle();
  ASSERT_EQ(world.PodNames().size(), 1U);
  const std::string name = world.PodNames()[0];
  const json pod = world.Pod(name);
  const std::string job_uid = world.Job()["metadata"]["uid"];
  EXPECT_EQ(pod, ExpectedPod(name.substr(8), pod["metadata"]["uid"], job_uid, -1));
}

TEST(PodTemplateTest, C2_C3_C4_PodOfAnIndexedJobIsTheRecordedOne) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 2}, {"parallelism", 2}});
  world.Settle();
  ASSERT_EQ(world.PodNames().size(), 2U);
  for (int index : {0, 1}) {
    const std::string name = world.PodWithIndex(index);
    const json pod = world.Pod(name);
    const std::string job_uid = world.Job()["metadata"]["uid"];
    EXPECT_EQ(pod, ExpectedPod(name.substr(8), pod["metadata"]["uid"], job_uid, index));
  }
}

TEST(PodTemplateTest, TextIsThatOfTheSortedDump) {
  JobWorld world(json{{"completionMode", "Indexed"}, {"completions", 1}});
  world.PatchJob(json::parse(R"({"spec":{"template":{"metadata":{"annotations":{"a":"1","z":"2"}},
      "spec":{"hostname":"mine","nodeSelector":{"x":"y"}}}}})"));
  world.Settle();
  const auto pods = world.Observe(world.Job()["metadata"]["uid"]);
  ASSERT_EQ(pods.size(), 1U);
  const json pod = world.Pod(pods[0].resource.name);
  EXPECT_EQ(pod["metadata"]["annotations"].size(), 3U);
  EXPECT_EQ(pod["spec"]["hostname"], "j-0");
  EXPECT_EQ(world.PodText(pods[0].resource.name), pod.dump());
}

TEST(PodTemplateTest, C4_VariableOfTheUserIsKept) {
  JobWorld world(json::parse(R"({"completionMode":"Indexed","completions":1,"template":{"spec":{
      "initContainers":[{"name":"i","image":"b"}],
      "containers":[{"name":"c","image":"b","env":[{"name":"JOB_COMPLETION_INDEX","value":"7"}]}]
      }}})"));
  world.Settle();
  const json spec = world.Pod(world.PodWithIndex(0))["spec"];
  EXPECT_EQ(spec["containers"][0]["env"],
            json::parse(R"([{"name":"JOB_COMPLETION_INDEX","value":"7"}])"));
  EXPECT_EQ(spec["initContainers"][0]["env"].size(), 1U);
}

TEST(PodTemplateTest, C1_C2_LongNamesAreCut) {
  const std::string longest(63, 'a');
  JobWorld world(json::object(), longest);
  world.Settle();
  ASSERT_EQ(world.PodNames().size(), 1U);
  EXPECT_EQ(world.PodNames()[0].substr(0, 8 + 58), "default/" + std::string(58, 'a'));
  EXPECT_EQ(world.PodNames()[0].size(), 8U + 63U);

  const std::string name(60, 'b');
  JobWorld indexed(json{{"completionMode", "Indexed"}, {"completions", 11}, {"parallelism", 11}},
                   name);
  indexed.Settle();
  const std::string tenth = indexed.PodWithIndex(10);
  EXPECT_EQ(tenth.substr(8, 58), std::string(54, 'b') + "-10-");
}

}  // namespace
}  // namespace kless::controllers
