// pods/log, and the subresources that need a kubelet.
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;

class KubernetesLogTest : public KubernetesDoorTest {
 protected:
  // A pod on a node whose container started now and ended after `end_after` seconds, if given.
  void CreateRunning(const std::string& script, int end_after = -1) {
    json pod = MakePod("p");
    pod["spec"]["nodeName"] = "n";
    pod["spec"]["containers"][0]["command"] = {"sh", "-c", script};
    Create(kPods, pod);
    const std::int64_t start = event_loop_.UnixNanos() / 1'000'000'000 * 1'000'000'000;
    json state = {{"running", {{"startedAt", FormatTime(start)}}}};
    if (end_after >= 0) {
      state = {{"terminated",
                {{"exitCode", 0},
                 {"startedAt", FormatTime(start)},
                 {"finishedAt", FormatTime(start + end_after * 1'000'000'000LL)}}}};
    }
    pod["status"] = {{"phase", "Running"},
                     {"containerStatuses", {{{"name", "c"}, {"state", state}}}}};
    EXPECT_EQ(Send("PUT", path_ + "/status", pod).status, 200);
  }
  Reply Log(const std::string& query = "") { return Get(path_ + "/log" + query); }

  const std::string path_ = std::string(kPods) + "/p";
};

TEST_F(KubernetesLogTest, LogHoldsWhatTheContainerHasWrittenSoFar) {
  CreateRunning("echo one; echo two; sleep 5; echo three");
  const Reply log = Log();
  EXPECT_EQ(log.status, 200);
  EXPECT_EQ(log.response.content_type, "text/plain");
  EXPECT_EQ(log.response.body, "one\ntwo\n");
  Advance(std::chrono::seconds(6));
  EXPECT_EQ(Log().response.body, "one\ntwo\nthree\n");
  EXPECT_EQ(Log("?tailLines=1").response.body, "three\n");
  EXPECT_EQ(Log("?tailLines=0").response.body, "");
  EXPECT_EQ(Log("?limitBytes=5").response.body, "one\nt");
  EXPECT_EQ(Log("?sinceSeconds=3").response.body, "three\n");
}

TEST_F(KubernetesLogTest, TimestampsStandInFront) {
  CreateRunning("echo one");
  const std::string line = Log("?timestamps=true").response.body;
  EXPECT_TRUE(line.ends_with("Z one\n")) << line;
}

TEST_F(KubernetesLogTest, NothingIsWrittenBehindTheEnd) {
  CreateRunning("echo one; sleep 60; echo two", 3);
  Advance(std::chrono::seconds(100));
  EXPECT_EQ(Log().response.body, "one\n");
}

TEST_F(KubernetesLogTest, FollowingContinuesUntilThePodIsGone) {
  CreateRunning("echo one; sleep 5; echo two; sleep 600");
  const auto client = Watch(path_ + "/log?follow=true");
  EXPECT_EQ(client->events, std::vector<std::string>{"one"});
  Advance(std::chrono::seconds(6));
  EXPECT_EQ(client->events, (std::vector<std::string>{"one", "two"}));
  EXPECT_FALSE(client->ended);
  Send("DELETE", path_ + "?gracePeriodSeconds=0");
  Settle();
  EXPECT_TRUE(client->ended);
}

TEST_F(KubernetesLogTest, RequestsThatAskForNoLogAreRefused) {
  Create(kPods, MakePod("p"));
  EXPECT_EQ(Log().status, 204);
  EXPECT_EQ(Log().response.body, "");
  EXPECT_EQ(Get(std::string(kPods) + "/none/log").status, 404);
  EXPECT_EQ(Log("?container=zz").message(), "container zz is not valid for pod p");
  const Reply bad = Log("?tailLines=-1");
  EXPECT_EQ(bad.status, 422);
  EXPECT_EQ(bad.message(),
            "PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or "
            "equal to 0");
  EXPECT_EQ(Send("POST", path_ + "/exec?command=ls").message(),
            "pod p does not have a host assigned");
  EXPECT_EQ(Get(path_ + "/portforward").status, 400);
}

TEST_F(KubernetesLogTest, WaitingContainersAndEarlierRunsSaySo) {
  CreateRunning("echo one");
  EXPECT_EQ(Log("?previous=true").message(),
            "previous terminated container \"c\" in pod \"p\" not found");
  EXPECT_EQ(Send("POST", path_ + "/exec?command=ls").status, 501);
  json pod = Get(path_).body();
  pod["status"]["containerStatuses"][0]["state"] = {{"waiting", {{"reason", "ContainerCreating"}}}};
  Send("PUT", path_ + "/status", pod);
  EXPECT_EQ(Log().message(), "container \"c\" in pod \"p\" is waiting to start: ContainerCreating");
}

}  // namespace
}  // namespace kless::doors
