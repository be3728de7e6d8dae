#include <nlohmann/json.hpp>

#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

class AdminDataPlaneTest : public AdminTestWorld {
 protected:
  AdminDataPlaneTest() {
    data_plane::DataPlaneConfig config;
    config.nodes = 2;
    data_plane = std::make_unique<data_plane::DataPlane>(event_loop, *store, config, 1);
    data_plane->Start();
    event_loop.Run(event_loop.Now());
  }
  ~AdminDataPlaneTest() override { event_loop.DropAll(); }
  void Attach() { door->SetDataPlane(data_plane.get()); }
  void Bind(const std::string& name) {
    const json pod = {
        {"apiVersion", "v1"},
        {"kind", "Pod"},
        {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", name}}},
        {"spec",
         {{"nodeName", "node-1"},
          {"restartPolicy", "Never"},
          {"containers", json::array({{{"name", "main"}, {"command", {"sleep", "60"}}}})}}}};
    ASSERT_TRUE(store->resources()
                    .Put({"pod", "default/" + name}, pod.dump(), Condition::None())
                    .has_value());
    event_loop.Run(event_loop.Now());
  }
  json Status(const std::string& name) {
    const auto item = store->resources().Get({"pod", "default/" + name});
    return item.has_value() ? json::parse(item.value()->document)["status"] : json();
  }

  std::unique_ptr<data_plane::DataPlane> data_plane;
};

TEST_F(AdminDataPlaneTest, WithoutSimulatedNodesTheAnswerSaysHowToGetSome) {
  EXPECT_EQ(Get("/kless/v1/nodes")["nodes"], json::array());
  const Answer answer = Send("POST", "/kless/v1/nodes/node-0/fail");
  EXPECT_EQ(answer.status, 404);
  EXPECT_NE(answer.Message().find("--nodes 3"), std::string::npos);
  EXPECT_EQ(Send("POST", "/kless/v1/pods/default/a/oom").status, 404);
}

TEST_F(AdminDataPlaneTest, NodesAreListedFailedAndReturned) {
  Attach();
  Bind("a");
  json nodes = Get("/kless/v1/nodes");
  ASSERT_EQ(nodes["nodes"].size(), 2u);
  EXPECT_EQ(nodes["nodes"][1], (json{{"name", "node-1"},
                                     {"zone", ""},
                                     {"alive", true},
                                     {"registered", true},
                                     {"pods", 1},
                                     {"heartbeats", 1}}));
  EXPECT_EQ(nodes["stats"]["running"], 1);
  EXPECT_EQ(nodes["stats"]["status_writes"], 1);
  EXPECT_EQ(Send("POST", "/kless/v1/nodes/node-1/fail").Json(),
            (json{{"name", "node-1"}, {"alive", false}}));
  EXPECT_EQ(Send("POST", "/kless/v1/nodes/node-1/fail").status, 412);
  EXPECT_EQ(Get("/kless/v1/nodes")["nodes"][1]["alive"], false);
  EXPECT_EQ(Send("POST", "/kless/v1/nodes/node-1/return").status, 200);
  EXPECT_EQ(Send("POST", "/kless/v1/nodes/node-1/return").status, 412);
  EXPECT_EQ(Send("POST", "/kless/v1/nodes/node-9/fail").Message(),
            "no simulated node 'node-9'; did you mean 'node-0'?");
  EXPECT_EQ(Send("POST", "/kless/v1/nodes/node-1/fail", R"({"how":"hard"})").status, 400);
}

TEST_F(AdminDataPlaneTest, PodsFailOnRequest) {
  Attach();
  for (const char* name : {"a", "b", "c"}) Bind(name);
  EXPECT_EQ(Send("POST", "/kless/v1/pods/default/a/fail", R"({"exit_code":256})").status, 400);
  EXPECT_EQ(Send("POST", "/kless/v1/pods/default/a/fail", R"({"exit_code":4})").status, 200);
  EXPECT_EQ(Status("a")["phase"], "Failed");
  EXPECT_EQ(Status("a")["containerStatuses"][0]["state"]["terminated"]["exitCode"], 4);
  EXPECT_EQ(Send("POST", "/kless/v1/pods/default/b/oom").status, 200);
  EXPECT_EQ(Status("b")["containerStatuses"][0]["state"]["terminated"]["reason"], "OOMKilled");
  EXPECT_EQ(Send("POST", "/kless/v1/pods/default/c/evict", R"({"message":"too big"})").status, 200);
  EXPECT_EQ(Status("c")["reason"], "Evicted");
  EXPECT_EQ(Status("c")["message"], "too big");
  EXPECT_EQ(Send("POST", "/kless/v1/pods/default/c/evict").status, 404);
}

TEST_F(AdminDataPlaneTest, AWorldIsIdleOnceItsKubeletsHaveSeenEverything) {
  Attach();
  EXPECT_EQ(Get("/kless/v1/idle")["idle"], true);
  Bind("a");
  EXPECT_EQ(Get("/kless/v1/idle")["idle"], true)
      << "a pod that keeps running does not delay idleness";
}

}  // namespace
}  // namespace kless::doors
