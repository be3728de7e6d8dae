// Pods that bypassed the API: whatever they look like, the kubelets keep working.
#include <nlohmann/json.hpp>

#include "tests/emulator/data_plane/data_plane_world.h"

namespace kless::data_plane {
namespace {

const std::vector<json>& Values() {
  static const std::vector<json> values = {nullptr,
                                           true,
                                           -1,
                                           3.5,
                                           1e300,
                                           "",
                                           "x",
                                           "Always",
                                           "2026-01-01T00:00:00Z",
                                           json::array(),
                                           json::array({1, "a", nullptr, json::object()}),
                                           json::object(),
                                           json::object({{"name", 3}, {"a", json::array()}})};
  return values;
}

// Replaces one value anywhere in the object by a random one.
void Meddle(json& object, Random& random) {
  json* at = &object;
  while (at->is_structured() && !at->empty() && random.Below(5) != 0) {
    auto next = at->begin();
    std::advance(next, static_cast<std::ptrdiff_t>(random.Below(at->size())));
    at = &*next;
  }
  if (at != &object) *at = Values()[random.Below(Values().size())];
}

json Template() {
  json pod = PodObject("a", "node-0", {"sh", "-c", "sleep 1; exit 1"});
  pod["metadata"]["annotations"] = {{"kless.dev/run-time", "1s"},
                                    {"kless.dev/exit-code", "1,0"},
                                    {"kless.dev/oom", "false"},
                                    {"kless.dev/image-pull", "ok"}};
  pod["metadata"]["finalizers"] = json::array();
  pod["spec"]["initContainers"] = json::array({{{"name", "i"}, {"command", {"true"}}}});
  pod["spec"]["activeDeadlineSeconds"] = 30;
  pod["status"]["startTime"] = "2026-01-01T00:00:00Z";
  pod["status"]["podIP"] = "10.0.0.9";
  pod["status"]["containerStatuses"] = json::array(
      {{{"name", "main"},
        {"restartCount", 1},
        {"containerID", "kless://x"},
        {"state", {{"running", {{"startedAt", "2026-01-01T00:00:00Z"}}}}},
        {"lastState",
         {{"terminated",
           {{"exitCode", 1}, {"finishedAt", "2026-01-01T00:00:00Z"}, {"reason", "Error"}}}}}}});
  return pod;
}

TEST(RawPodTest, PodsOfAnyShapeNeverHarm) {
  Random random(7, "raw pods");
  DataPlaneWorld world;
  for (int i = 0; i < 1500; ++i) {
    json pod = Template();
    for (std::uint64_t edits = 1 + random.Below(4); edits > 0; --edits) Meddle(pod, random);
    const std::string name = "default/p" + std::to_string(i);
    world.PutText("pod", name, pod.dump());
    world.RunFor(milliseconds(300));
    if (random.Below(3) == 0) {  // repeated, in another shape, or deleted
      Meddle(pod, random);
      if (pod.contains("metadata") && pod["metadata"].is_object()) {
        pod["metadata"]["deletionTimestamp"] = Values()[random.Below(Values().size())];
        pod["metadata"]["deletionGracePeriodSeconds"] = Values()[random.Below(Values().size())];
      }
      world.PutText("pod", name, pod.dump());
    }
    if (i % 500 == 499) world.Restart();
  }
  world.RunFor(std::chrono::hours(1));
  EXPECT_EQ(world.event_loop().failed_tasks(), 0u);
  // And a proper one still runs.
  world.Bind(PodObject("proper", "node-0", {"sleep", "1"}));
  world.RunFor(seconds(1));
  EXPECT_EQ(world.Phase("proper"), "Succeeded");
}

TEST(RawPodTest, InvalidJsonIsLeftAsItIs) {
  DataPlaneWorld world;
  for (const char* text : {"", "{", "nonsense", "[]", "3", R"({"spec":{"nodeName":"node-0")"}) {
    world.PutText("pod", "default/a", text);
    world.RunFor(seconds(10));
    EXPECT_EQ(world.store().resources().Get({"pod", "default/a"}).value()->document, text);
  }
  world.PutText("node", "node-0", "nonsense");
  world.RunFor(seconds(10));
  world.Restart();
  EXPECT_EQ(world.Object("node", "node-0")["kind"], "Node") << "a restart makes it again";
}

TEST(RawPodTest, APodWithoutContainersWaitsUntilItIsDeleted) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"true"});
  pod["spec"]["containers"] = json::array();
  world.Bind(pod);
  world.RunFor(seconds(10));
  EXPECT_EQ(world.Phase("a"), "Pending");
  world.Delete("a");
  EXPECT_EQ(world.Phase("a"), "gone");
}

TEST(RawPodTest, MembersThatTheKubeletDoesNotOwnStay) {
  DataPlaneWorld world;
  json pod = PodObject("a", "node-0", {"sleep", "1"});
  pod["status"]["nominatedNodeName"] = "node-0";
  pod["status"]["conditions"].push_back({{"type", "example.com/gate"}, {"status", "True"}});
  pod["other"] = 3.25;
  world.Bind(pod);
  EXPECT_EQ(world.Status("a")["nominatedNodeName"], "node-0");
  EXPECT_EQ(world.Condition("a", "example.com/gate")["status"], "True");
  EXPECT_EQ(world.Pod("a")["other"], 3.25);
}

}  // namespace
}  // namespace kless::data_plane
