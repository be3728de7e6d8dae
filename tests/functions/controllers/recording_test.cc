// Plays scenarios that were recorded on a real control plane and compares what the loops do, in its
// order and with its seconds (0.2 s, unless a test says why not).  Where the recording holds the
// requests they are played from it, else they are listed here with the recorded times.
#include "tests/functions/controllers/recording.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/controllers/gc/gc_loop.h"
#include "functions/controllers/namespace/namespace_loop.h"
#include "functions/controllers/podgc/podgc_loop.h"
#include "functions/controllers/serviceaccount/service_account_loops.h"
#include "functions/controllers/ttl/ttl_loop.h"
#include "functions/kubernetes/values/json_access.h"
#include "tests/functions/controllers/node/node_world.h"

namespace kless::controllers {
namespace {

using testing::IsEmpty;

struct Input {
  double at = 0;
  std::function<void()> act;
};

void Play(LoopWorld& world, std::vector<Input> inputs, double end) {
  std::stable_sort(inputs.begin(), inputs.end(),
                   [](const Input& a, const Input& b) { return a.at < b.at; });
  for (const Input& input : inputs) {
    world.RunUntil(input.at);
    input.act();
  }
  world.RunUntil(end);
}

// The whole seconds of the recording's timestamps count from `fraction` before its start.
std::int64_t StartAt(double fraction) { return kStart + static_cast<std::int64_t>(fraction * 1e9); }

bool IsOneOf(const std::string& text, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// ---- garbage collector: ConfigMaps, whose requests the recording holds

// The recording has no uids: an owner's is "uid-<name>", as LoopWorld gives them.
void NameOwners(json& object, const std::string& stranger) {
  json* owners = kubernetes::Find(object, {"metadata", "ownerReferences"});
  if (owners == nullptr) return;
  for (json& owner : *owners) owner["uid"] = "uid-" + owner["name"].get<std::string>() + stranger;
}

std::vector<Input> ConfigMapRequests(LoopWorld& world, const Scenario& scenario) {
  std::vector<Input> inputs;
  for (const Scenario::Request& request : scenario.requests) {
    if (!request.object.starts_with("cm/") || request.object == "cm/kube-root-ca.crt") continue;
    const std::string name = "NS/" + request.object.substr(3);
    json document = request.document.empty() ? json::object() : json::parse(request.document);
    // y names the owner "real" with another uid.
    NameOwners(document, name == "NS/y" ? "-of-another" : "");
    inputs.push_back({request.at, [&world, request, name, document] {
                        if (request.verb == "ADDED") {
                          json object = document;
                          object["metadata"].erase("creationTimestamp");
                          world.Put("configmap", name, std::move(object));
                        } else if (request.verb == "PATCH") {
                          world.Patch("configmap", name, document);
                        } else {
                          const std::string policy = document.value("propagationPolicy", "");
                          auto propagation = Deletion::Propagation::kBackground;
                          if (policy == "Foreground") {
                            propagation = Deletion::Propagation::kForeground;
                          }
                          if (policy == "Orphan" || document.value("orphanDependents", false)) {
                            propagation = Deletion::Propagation::kOrphan;
                          }
                          world.Delete("configmap", name, propagation);
                        }
                      }});
  }
  return inputs;
}

class CollectorRecordingTest : public ::testing::Test {
 protected:
  // An object whose creation the recording leaves out.
  Input Missing(double at, const std::string& name, json object = json::object()) {
    return {at, [this, name, object] { world_.Put("configmap", "NS/" + name, object); }};
  }
  void Compare(const Scenario& scenario, std::vector<Input> missing, double end) {
    std::vector<Input> inputs = std::move(missing);
    for (Input& input : ConfigMapRequests(world_, scenario)) inputs.push_back(std::move(input));
    Play(world_, std::move(inputs), end);
    const auto wanted = [](const Fact& fact) {
      return fact.object != "cm/kube-root-ca.crt" && fact.text != "ADDED" &&
             (fact.object.starts_with("cm/") || fact.object == "ev");
    };
    EXPECT_THAT(Differences(scenario.facts, FactsOf(world_), wanted, {}), IsEmpty());
  }
  LoopWorld world_{{GarbageCollectorLoop()}};
};

TEST_F(CollectorRecordingTest, GC1_GC2_Background) {
  const Scenario scenario = ReadScenario("GC-background");
  Compare(scenario, {Missing(0, "a")}, 10);
}

TEST_F(CollectorRecordingTest, GC3_GC4_GC5_GC6_Foreground) {
  const Scenario scenario = ReadScenario("GC-foreground");
  Compare(scenario, {Missing(0, "a")}, 20);
}

TEST_F(CollectorRecordingTest, GC9_Orphan) {
  const Scenario scenario = ReadScenario("GC-orphan");
  Compare(scenario, {Missing(0, "a")}, 10);
}

TEST_F(CollectorRecordingTest, GC10_GC11_GC12_GC13_GC14_GC18_MissingOwner) {
  const Scenario scenario = ReadScenario("GC-missing-owner");
  Compare(scenario, {Missing(0.005, "x", Owners({OwnedBy("ConfigMap", "ghost", "uid-ghost")}))},
          30);
}

// ---- time to live

TEST(TtlRecordingTest, TT1_TT2_TT3_TT4_TT5_TT6_TT7_Ttl) {
  const Scenario scenario = ReadScenario("TT-ttl");
  // +1.07 s is the whole second @+2s.
  LoopWorld world({TtlLoop(), GarbageCollectorLoop()}, StartAt(0.93));
  std::vector<Input> inputs;
  const auto job = [&](const std::string& name, double at, const char* type, json spec,
                       const std::string& pod, const json& finalizers) {
    inputs.push_back({at, [&world, name, type, spec, pod, finalizers] {
                        json owned = Owners({OwnedBy("Job", name, "uid-" + name)});
                        owned["metadata"]["finalizers"] = finalizers;
                        owned["status"]["phase"] = "Succeeded";
                        json object = {{"spec", spec}};
                        object["status"]["conditions"] = {
                            {{"type", type},
                             {"status", "True"},
                             {"lastTransitionTime", FormatTime(world.now())}}};
                        world.Put("job", "NS/" + name);
                        world.Put("pod", "NS/" + pod, std::move(owned));
                        world.Put("job", "NS/" + name, std::move(object));
                      }});
  };
  const auto ttl = [](int seconds) { return json{{"ttlSecondsAfterFinished", seconds}}; };
  const json none = json::array();
  job("tlong", 1.13, "Complete", ttl(600), "tlong-9lvf9", none);
  job("t0", 1.14, "Complete", ttl(0), "t0-n9svd", none);
  job("t3", 1.18, "Complete", ttl(3), "t3-6j5q6", none);
  job("tlate", 1.18, "Complete", json::object(), "tlate-6cfb7", none);
  job("tfail", 1.19, "Failed", ttl(2), "tfail-wlzpt", none);
  job("tfin", 1.20, "Complete", ttl(2), "tfin-2gsgq", json{"x.y/z"});
  const auto set_ttl = [&](double at, const std::string& name, int seconds) {
    inputs.push_back(
        {at, [&world, name, seconds] {
           world.Patch("job", "NS/" + name, {{"spec", {{"ttlSecondsAfterFinished", seconds}}}});
         }});
  };
  set_ttl(8.74, "tlate", 1);
  set_ttl(8.75, "tlong", 12);
  inputs.push_back(
      {14.76, [&world] {
         world.Patch("pod", "NS/tfin-2gsgq", {{"metadata", {{"finalizers", nullptr}}}});
       }});
  Play(world, std::move(inputs), 20);
  const auto wanted = [](const Fact& fact) {
    return fact.text == "deleting" || fact.text == "DELETED" ||
           fact.text == "+finalizer foregroundDeletion";
  };
  EXPECT_THAT(Differences(scenario.facts, FactsOf(world), wanted, {}), IsEmpty());
}

// ---- pod garbage collector

class PodGcRecordingTest : public ::testing::Test {
 protected:
  static json Pod(const std::string& node, const char* phase) {
    json pod = {{"spec", json::object()}, {"status", {{"phase", phase}}}};
    if (!node.empty()) pod["spec"]["nodeName"] = node;
    return pod;
  }
};

TEST_F(PodGcRecordingTest, PG1_PG2_PG3_Orphaned) {
  const Scenario scenario = ReadScenario("PG-orphaned");
  LoopWorld world({PodGcLoop()}, StartAt(-2.73));  // its first sweep
  Play(world,
       {{0.01, [&] { world.Put("node", "pgn"); }},
        {0.05, [&] { world.Put("pod", "NS/ghost", Pod("no-such-node", "Running")); }},
        {0.06, [&] { world.Put("pod", "NS/onpgn", Pod("pgn", "Running")); }},
        {0.06, [&] { world.Put("pod", "NS/done", Pod("no-such-node", "Succeeded")); }},
        {0.06,
         [&] {
           json pod = Pod("", "Pending");
           pod["metadata"]["finalizers"] = {"x.y/z"};
           world.Put("pod", "NS/unsched", std::move(pod));
         }},
        {1.07, [&] { world.Delete("pod", "NS/unsched"); }},
        {9.08, [&] { world.Delete("node", "pgn"); }},
        {104.09,
         [&] {
           world.Patch("pod", "NS/unsched", {{"metadata", {{"finalizers", nullptr}}}});
         }}},
       130);
  const auto wanted = [](const Fact& fact) {
    const bool kubelet = fact.at < 0.5;
    return fact.object.starts_with("pod/") && fact.text != "ADDED" && !kubelet;
  };
  EXPECT_THAT(Differences(scenario.facts, FactsOf(world), wanted, {}), IsEmpty());
}

TEST_F(PodGcRecordingTest, PG5_PG6_TerminatedThreshold) {
  const Scenario scenario = ReadScenario("PG-terminated-threshold");
  LoopWorld world({PodGcLoop(3)}, StartAt(-5.9));
  std::vector<Input> inputs = {{0, [&] { world.Put("node", "w1"); }}};
  const std::vector<std::pair<const char*, double>> pods = {
      {"t0", 0.04}, {"t1", 1.35}, {"t2", 2.49}, {"t3", 3.61}, {"t4", 4.74}, {"t5", 5.92}};
  for (const auto& [name, at] : pods) {
    const std::string pod = name;
    inputs.push_back({at, [&world, pod] { world.Put("pod", "NS/" + pod, Pod("w1", "Failed")); }});
  }
  inputs.push_back({7.1, [&world] {
                      json pod = Pod("w1", "Failed");
                      pod["status"]["reason"] = "Evicted";
                      world.Put("pod", "NS/ev", std::move(pod));
                    }});
  inputs.push_back({7.11, [&world] { world.Put("pod", "NS/run", Pod("w1", "Running")); }});
  Play(world, std::move(inputs), 60);
  const auto wanted = [](const Fact& fact) {
    return fact.object.starts_with("pod/") && IsOneOf(fact.text, {"deleting", "DELETED"});
  };
  EXPECT_THAT(Differences(scenario.facts, FactsOf(world), wanted, {}), IsEmpty());
}

// ---- namespaces

class NamespaceRecordingTest : public ::testing::Test {
 protected:
  Input Create(double at) {
    return {at, [this] {
              world_.Put(
                  "namespace", "NS",
                  {{"spec", {{"finalizers", {"kubernetes"}}}}, {"status", {{"phase", "Active"}}}});
            }};
  }
  Input Delete(double at, const std::string& type, const std::string& name) {
    return {at, [this, type, name] { world_.Delete(type, name); }};
  }
  LoopWorld world_{{NamespaceLoop(), ServiceAccountLoop(), RootCertificateLoop()}};
};

TEST_F(NamespaceRecordingTest, NS1_NS2_NS3_NS4_NS7_NS11_Create) {
  const Scenario scenario = ReadScenario("NS-create");
  Play(world_,
       {Create(0.03), Delete(2.03, "serviceaccount", "NS/default"),
        Delete(2.04, "configmap", "NS/kube-root-ca.crt"), Delete(5.56, "namespace", "NS")},
       20);
  const auto wanted = [](const Fact&) { return true; };
  EXPECT_THAT(Differences(scenario.facts, FactsOf(world_), wanted, {}), IsEmpty());
}

// The recorded passes took 0.1 s to 0.45 s of API calls each, and five of them add up: 1.1 s.
TEST_F(NamespaceRecordingTest, NS5_NS6_NS7_NS8_NS9_NS10_NS11_Content) {
  const Scenario scenario = ReadScenario("NS-content");
  const json running = {{"spec", {{"nodeName", "w"}, {"terminationGracePeriodSeconds", 30}}},
                        {"status", {{"phase", "Running"}}}};
  const auto confirm = [&](double at, const char* pod) -> Input {
    return {at, [this, pod] { world_.Delete("pod", pod, Deletion::Propagation::kBackground, 0); }};
  };
  Play(world_,
       {Create(0.0),
        {0.01, [&] { world_.Put("configmap", "NS/plain"); }},
        {0.03,
         [&] {
           world_.Put("configmap", "NS/held", {{"metadata", {{"finalizers", {"x.y/hold"}}}}});
         }},
        {0.03, [&] { world_.Put("pod", "NS/d-7f66689d57-f57xp", running); }},
        {0.03, [&] { world_.Put("pod", "NS/d-7f66689d57-s5q9q", running); }},
        Delete(1.59, "namespace", "NS"),
        confirm(14.59, "NS/d-7f66689d57-f57xp"),
        confirm(22.6, "NS/d-7f66689d57-s5q9q"),
        {42.61,
         [&] {
           world_.Patch("configmap", "NS/held", {{"metadata", {{"finalizers", nullptr}}}});
         }}},
       80);
  const auto wanted = [](const Fact& fact) {
    const std::string kind = fact.object.substr(0, fact.object.find('/'));
    return IsOneOf(kind, {"ns", "cm", "pod"}) && fact.text != "ADDED" && fact.at > 1;
  };
  EXPECT_THAT(Differences(scenario.facts, FactsOf(world_), wanted, {.seconds = 1.1}), IsEmpty());
}

// ---- nodes

// The actions of the kubelets and of the user are played, not compared.
bool IsOfNodeLoops(const Fact& fact) {
  if (fact.object == "ev") return true;
  if (fact.object.starts_with("pod/")) {
    return fact.text == "deleting" || fact.text == "cond Ready=False" ||
           fact.text.starts_with("+cond DisruptionTarget");
  }
  return fact.object.starts_with("node/") && fact.text != "ADDED" && fact.text != "DELETED" &&
         (!fact.text.starts_with("cond ") || fact.text.ends_with("=Unknown"));
}

class NodeRecording {
 public:
  explicit NodeRecording(std::int64_t start) : world(start) {}

  void At(double at, std::function<void()> act) { inputs_.push_back({at, std::move(act)}); }
  void Ready(double at, const std::string& node, const char* ready = "True") {
    At(at, [this, node, ready] { world.PostReady(node, ready); });
  }
  // Every 10 s from `from` on, the last time at or before `to`.
  void Renew(const std::string& node, double from, double to) {
    for (double at = from; at <= to; at += 10) {
      At(at, [this, node] { world.RenewLease(node); });
    }
  }
  void Pod(double at, const std::string& name, const std::string& node, json tolerations) {
    At(at, [this, name, node, tolerations] {
      world.Put(
          "pod", "NS/" + name,
          {{"spec", {{"nodeName", node}, {"tolerations", tolerations}}},
           {"status",
            {{"phase", "Running"}, {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}});
    });
  }
  void Run(double end) { Play(world, std::move(inputs_), end); }

  NodeWorld world;

 private:
  std::vector<Input> inputs_;
};

// The recorded ticks were 5.008 s apart.
constexpr Tolerance kTicks{.seconds = 0.2, .drift = 0.002};

TEST(NodeRecordingTest, NL1_NL2_NL3_NL4_NL5_NL6_NL7_NL8_NL10_NL13_NL19_NL20_Unreachable) {
  const Scenario scenario = ReadScenario("NL-unreachable");
  NodeRecording play(StartAt(-2.25));  // its first tick
  NodeWorld& world = play.world;
  for (const char* name : {"ma1", "ma2", "ma3", "ma4", "ma5"}) {
    play.At(0, [&world, name] { world.AddReadyNode(name, "ya"); });
  }
  for (const char* name : {"ma1", "ma2", "ma5"}) play.Renew(name, 2, 380);
  const json forever = json::array({{{"operator", "Exists"}}});
  play.Pod(0.07, "dflt", "ma4", TolerateFor(300));
  play.Pod(0.09, "tol10", "ma4", TolerateFor(10));
  play.Pod(0.10, "tol0", "ma4", TolerateFor(0));
  play.Pod(0.11, "forever", "ma4", forever);
  play.Pod(0.12, "r10", "ma5", TolerateFor(10));
  play.Pod(0.13, "r-dflt", "ma5", TolerateFor(300));
  play.At(0.31, [&world] { world.AddNode("mnever", "ya"); });
  play.Renew("ma4", 2.28, 2.28);
  play.Ready(2.32, "ma5", "False");
  // A little early: the tick of 102.40 comes at 102.25 here.
  play.Ready(102.2, "ma5");
  const auto pressure = [&](double at, const char* status, bool cordoned) {
    play.At(at, [&world, status, cordoned] {
      json spec = {{"unschedulable", cordoned ? json(true) : json()}};
      world.Patch("node", "ma5", {{"spec", spec}});
      json conditions = world.Get("node", "ma5")["status"]["conditions"];
      for (json& condition : conditions) {
        if (condition["type"] != "Ready") condition["status"] = status;
      }
      if (conditions.size() == 4) {
        conditions.push_back({{"type", "NetworkUnavailable"},
                              {"status", status},
                              {"reason", "R"},
                              {"message", "m"}});
      }
      world.Patch("node", "ma5", {{"status", {{"conditions", conditions}}}});
    });
  };
  pressure(122.34, "True", true);
  pressure(130.41, "False", false);
  play.Renew("ma3", 2, 238);
  play.Pod(239.15, "short", "ma3", TolerateFor(300));
  play.Ready(314.17, "ma3");
  play.Renew("ma3", 322, 380);
  play.Ready(359.42, "ma4");
  play.Renew("ma4", 362, 380);
  json five = TolerateFor(300);
  five.push_back(
      {{"key", "foo"}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 5}});
  play.Pod(367.43, "man", "ma3", TolerateFor(0));
  play.Pod(367.44, "man5", "ma3", five);
  const auto taint = [&](double at, const json& taints) {
    play.At(at, [&world, taints] { world.Patch("node", "ma3", {{"spec", {{"taints", taints}}}}); });
  };
  taint(367.45, {{{"key", "foo"}, {"value", "1"}, {"effect", "NoExecute"}}});
  taint(376.47, nullptr);
  play.At(376.48, [&world] { world.Delete("node", "ma4"); });
  play.Run(380);
  const auto wanted = [](const Fact& fact) {
    const bool older = fact.text.find(" ma1 ") != std::string::npos ||
                       fact.text.find(" ma2 ") != std::string::npos ||
                       fact.text.find("Registered Node ma3 ") != std::string::npos;
    const bool before = fact.at < 2 && fact.object.starts_with("node/ma");
    return IsOfNodeLoops(fact) && !older && !before;
  };
  EXPECT_THAT(Differences(scenario.facts, FactsOf(world), wanted, kTicks), IsEmpty());
}

TEST(NodeRecordingTest, NL5_NL8_NL14_NL15_ZoneFullDisruption) {
  const Scenario scenario = ReadScenario("NL-zone-full-disruption");
  NodeRecording play(StartAt(-2.2));
  NodeWorld& world = play.world;
  for (const char* name : {"mb1", "mb2"}) {
    play.At(0.1, [&world, name] { world.AddReadyNode(name, "yb"); });
    play.Renew(name, 2, 2);
  }
  play.At(0, [&world] { world.AddReadyNode("ma1", "ya"); });
  play.Renew("ma1", 2, 210);
  play.Pod(0.14, "b1", "mb1", TolerateFor(0));
  play.Pod(0.15, "b2", "mb2", TolerateFor(0));
  play.Ready(198.48, "mb1");
  play.Run(205);
  const auto wanted = [](const Fact& fact) {
    const bool other = fact.text.find(" ma1 ") != std::string::npos || fact.object == "node/ma1";
    return IsOfNodeLoops(fact) && !other && (fact.at > 2 || fact.object == "ev");
  };
  EXPECT_THAT(Differences(scenario.facts, FactsOf(world), wanted, kTicks), IsEmpty());
}

}  // namespace
}  // namespace kless::controllers
