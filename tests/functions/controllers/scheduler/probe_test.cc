// Plays every recorded scenario against the scheduler: placements, texts, nominations, victims,
// scores, attempts.  If the recording broke a tie, the test follows it; a choice outside the
// highest totals fails.
#include "tests/functions/controllers/scheduler/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

const char* const kProbePath = KLESS_SOURCE_DIR "/tests/recordings/scheduler_probe.txt";

const std::map<std::string, std::string> kScoreNames = {
    {"Fit", "NodeResourcesFit"}, {"Balanced", "NodeResourcesBalancedAllocation"}};

class Player {
 public:
  explicit Player(const Scenario& scenario) : scenario_(scenario) {
    if (scenario_.id == "V7") {
      world_.Put("poddisruptionbudget", "g",
                 {{"spec", {{"selector", {{"matchLabels", {{"app", "g"}}}}}}},
                  {"status", {{"disruptionsAllowed", 0}}}});
    }
    if (scenario_.id == "X2") {
      world_.Put("persistentvolumeclaim", "c1", {{"spec", json::object()}});
    }
    if (scenario_.id == "R1") world_.AddNode("n0", {{"cpu", "1"}});
    if (scenario_.id == "Q1") {
      for (const char* node : {"dead", "live"}) world_.AddNode(node, {{"cpu", "2"}});
      world_.AddPod("on-dead", {{"nodeName", "dead"}, {"tgps", 0}});
      world_.AddPod("on-dead-30", {{"nodeName", "dead"}, {"tgps", 0}});
      world_.AddPod("big", {{"cpu", "4"}});
    }
  }

  int scores = 0;

  void Play() {
    for (std::size_t i = 0; i < scenario_.lines.size(); ++i) {
      SCOPED_TRACE(scenario_.id + ":" + scenario_.lines[i]);
      const std::string line =
          Expand(scenario_.lines[i].substr(scenario_.lines[i].find_first_not_of(' ')));
      if (!Special(line) && !Plain(line)) ADD_FAILURE() << "a line that is not understood";
      world_.now += kNanosPerSecond / 10;
    }
  }

 private:
  // ---- lines of one form

  bool Plain(const std::string& line) {
    if (line.starts_with("score ")) return Score(line);
    if (line.starts_with("event ")) return Event(line);
    // Lines of the node controller, of the volume controller, and of the API server's admission.
    if (line.starts_with("node event ") || line.starts_with("gates together")) return true;
    if (line.starts_with("bound 0.") || line.starts_with("DisruptionTarget seen")) return true;
    if (line.starts_with("victims")) return Victims(line);
    std::smatch match;
    if (std::regex_match(line, match, std::regex("(node|pod) (\\S+ .*)"))) {
      json attributes;
      const ObjectLine parsed = ParseObjectLine(match[2], attributes);
      return match[1] == "node" ? Nodes(parsed, attributes) : Pods(parsed, attributes);
    }
    if (std::regex_match(line, match, std::regex("(\\S+) deleted"))) return Deleted(match[1]);
    if (std::regex_match(line, match, std::regex("(\\S+) taints: (.*)"))) {
      world_.SetTaints(match[1], JsonIn(line));
      return true;
    }
    if (std::regex_match(line, match, std::regex("(\\S+?):? ((NODE|UNSCHED) .*)"))) {
      if (scenario_.id == "X5" && world_.Has("pod", "hold")) Vanish("hold");
      return Outcome(match[1], match[2]);
    }
    if (line.starts_with("UNSCHED ")) return Outcome(last_pod_, line);
    if (line.starts_with("then ")) return Then(line);
    return false;
  }

  bool Nodes(const ObjectLine& parsed, const json& attributes) {
    const std::size_t before = world_.attempts.size();
    for (const std::string& name : parsed.names) world_.AddNode(name, attributes);
    since_node_ = before;
    return true;
  }

  bool Pods(const ObjectLine& parsed, const json& attributes) {
    last_pod_ = parsed.names[0];
    if (parsed.outcome.starts_with("NODE ")) {
      world_.wanted[last_pod_] = parsed.outcome.substr(5);
    }
    world_.AddPod(last_pod_, attributes);
    return Outcome(last_pod_, parsed.outcome);
  }

  bool Outcome(const std::string& pod, const std::string& outcome) {
    if (outcome.starts_with("NODE ")) {
      EXPECT_EQ(world_.NodeOf(pod), outcome.substr(5));
    } else if (outcome.starts_with("UNSCHED ")) {
      EXPECT_EQ(world_.NodeOf(pod), "");
      EXPECT_EQ(world_.Message(pod), QuotedIn(outcome));
      EXPECT_EQ(world_.Condition(pod, "PodScheduled").value("reason", ""), "Unschedulable");
      const auto nominated = outcome.find("nominatedNodeName=");
      EXPECT_EQ(world_.Nominated(pod),
                nominated == std::string::npos ? "" : outcome.substr(nominated + 18));
    } else if (outcome == "PENDING no conditions") {
      EXPECT_FALSE(world_.Get("pod", pod)["status"].contains("conditions"));
    } else if (outcome.starts_with("PENDING PodScheduled=False reason=SchedulingGated")) {
      EXPECT_EQ(world_.NodeOf(pod), "");
      EXPECT_EQ(world_.Message(pod), QuotedIn(outcome));
      EXPECT_EQ(std::count(world_.attempts.begin(), world_.attempts.end(), pod), 0);
    } else {
      return false;
    }
    return true;
  }

  bool Score(const std::string& line) {
    std::smatch match;
    if (!std::regex_match(line, match, std::regex("score (\\S+): total=(\\d+)(.*)"))) return false;
    const Decision& decision = world_.decisions[last_pod_];
    const auto found = std::find_if(decision.scores.begin(), decision.scores.end(),
                                    [&](const ScoreLine& score) { return score.node == match[1]; });
    if (found == decision.scores.end()) {
      ADD_FAILURE() << "no score";
      return true;
    }
    EXPECT_EQ(found->total, std::stoi(match[2]));
    std::istringstream points(match[3]);
    for (std::string entry; points >> entry;) {
      const std::string name = entry.substr(0, entry.find('='));
      const auto full = kScoreNames.find(name);
      EXPECT_EQ(found->by_plugin.at(full == kScoreNames.end() ? name : full->second),
                std::stoi(entry.substr(entry.find('=') + 1)))
          << name;
    }
    ++scores;
    return true;
  }

  // The scheduler must have sent the event, in the order of the pod's events; a repeated event in
  // the recording must be repeated.
  bool Event(const std::string& line) {
    std::smatch match;
    if (!std::regex_match(
            line, match,
            std::regex("event (\\S+) (\\S+)(?: \\[([^,]*).*?\\])? on (\\w+)/(\\S+): (.*)"))) {
      return false;
    }
    const std::string reason = match[2];
    const std::string pod = match[5];
    if (reason != "Scheduled" && reason != "FailedScheduling" && reason != "Preempted") return true;
    if (first_messages_.empty()) {
      for (const std::string& event : world_.events) {
        const std::string key = event.substr(0, event.find(": "));
        first_messages_.try_emplace(key, event.substr(event.find(": ") + 2));
      }
    }
    const std::string key = std::string(match[1]) + " " + reason + " " + pod;
    std::string text = match[6];
    if (text == "(text = that condition message)") text = first_messages_[key];
    if (reason == "Scheduled") {
      text = "Successfully assigned t/" + pod + text.substr(text.find(" to "));
    }
    if (const auto at = text.find("<uid of "); at != std::string::npos) {
      const std::string preemptor = text.substr(at + 8, text.find('>') - at - 8);
      text =
          "Preempted by pod " + world_.decisions[preemptor].uid + text.substr(text.find('>') + 1);
    }
    EXPECT_NE(std::count(world_.events.begin(), world_.events.end(), key + ": " + text), 0)
        << key << ": " << text;
    return true;
  }

  bool Victims(const std::string& line) {
    const json victims = JsonIn(line);
    std::vector<std::string> terminating;
    for (const auto& [pod, state] : victims.items()) {
      const std::string text = state.get<std::string>();
      if (text == "deleted") {
        EXPECT_FALSE(world_.Has("pod", pod)) << pod;
        continue;
      }
      terminating.push_back(pod);
      const json recorded = JsonIn(text);
      const json condition = world_.Condition(pod, "DisruptionTarget");
      for (const auto& [key, value] : recorded.items()) EXPECT_EQ(condition[key], value) << pod;
      EXPECT_EQ(world_.Get("pod", pod)["metadata"]["deletionGracePeriodSeconds"], 30);
    }
    EXPECT_EQ(world_.Terminating(), terminating);
    return true;
  }

  bool Deleted(const std::string& name) {
    if (world_.Has("node", name)) {
      world_.Remove("node", name);
      world_.Run();
    } else {
      EXPECT_FALSE(world_.Has("pod", name));
    }
    return true;
  }

  void Vanish(const std::string& pod) {
    world_.ForceDelete(pod);
    world_.Run();
  }

  // "then ...: hi -> NODE n1" after the condition before the colon.
  bool Then(const std::string& line) {
    std::smatch match;
    if (!std::regex_match(line, match, std::regex("then (.*): (\\S+) -> (.*)"))) return false;
    const std::string cause = match[1];
    const std::string pod = match[2];
    if (cause.empty() || cause == "v gone") {
      for (const std::string& victim : world_.Terminating()) Vanish(victim);
    } else if (cause == "last gate removed") {
      world_.Patch("pod", pod, {{"spec", {{"schedulingGates", nullptr}}}});
    } else if (cause == "n2 status patched Ready=True") {
      world_.SetTaints("n2", json::array());
    } else if (cause == "toleration added by PATCH") {
      json tolerations = world_.Get("pod", pod)["spec"]["tolerations"];
      tolerations.push_back({{"key", "k"}, {"operator", "Exists"}});
      world_.Patch("pod", pod, {{"spec", {{"tolerations", tolerations}}}});
    } else {
      return false;
    }
    world_.Run();
    if (match[3].str().starts_with("NODE ")) {
      EXPECT_EQ(world_.Nominated(pod), "");
    }
    return Outcome(pod, match[3]);
  }

  // ---- lines of one scenario

  bool Special(const std::string& line) {
    const std::map<std::string, bool (Player::*)(const std::string&)> scenarios = {
        {"U2", &Player::U2}, {"T3", &Player::T3}, {"G1", &Player::G1},   {"K2", &Player::K2},
        {"V1", &Player::V1}, {"V5", &Player::V5}, {"V10", &Player::V10}, {"V13", &Player::V13},
        {"R1", &Player::R1}, {"R3", &Player::R3}, {"R4", &Player::R4},   {"X3", &Player::X3},
        {"X5", &Player::X5}, {"D1", &Player::D1}, {"Q1", &Player::Q1}};
    const auto found = scenarios.find(scenario_.id);
    return found != scenarios.end() && (this->*found->second)(line);
  }

  bool U2(const std::string& line) {
    if (line.starts_with("node n1 POSTed")) {
      world_.AddNode("n1");
      world_.SetTaints("n1", JsonIn(line));
    } else if (line.starts_with("not-ready taint gone")) {
      world_.SetTaints("n1", json::array());
    } else if (line.starts_with("node n2 with Ready=False")) {
      world_.Remove("node", "n1");
      world_.AddNode("n2");
      world_.SetTaints("n2", JsonIn(line));
    } else {
      return false;
    }
    return true;
  }

  bool T3(const std::string& line) {
    if (line.starts_with("PATCH n1 taint")) {
      world_.SetTaints("n1", json::array({{{"key", "x"}, {"effect", "NoExecute"}}}));
      world_.Run();
      return true;
    }
    if (!line.starts_with("outcome:")) return false;
    // The taint manager's work; the scheduler only sees its effect on the pods.
    const json outcome = JsonIn(line);
    for (const auto& [pod, state] : outcome.items()) world_.DeletePod(pod);
    EXPECT_EQ(world_.NodeOf("b"), "n1");
    return true;
  }

  bool G1(const std::string& line) {
    if (line.starts_with("one of two gates removed: ")) {
      world_.Patch("pod", "a",
                   {{"spec", {{"schedulingGates", json::array({{{"name", "ex.com/b"}}})}}}});
      world_.Run();
      return Outcome("a", line.substr(line.find("PENDING")));
    }
    // The API server refuses the binding; the scheduler does not try it.
    return line.starts_with("POST binding of a gated pod");
  }

  bool K2(const std::string& line) {
    if (!line.starts_with("conditions of a: ")) return false;
    EXPECT_EQ(world_.Get("pod", "a")["status"], JsonIn(line));
    return true;
  }

  bool V1(const std::string& line) {
    if (line.starts_with("now the grace period ends")) {
      Vanish("v10");
    } else if (line.starts_with("hi bound 0.033 s")) {
      EXPECT_EQ(world_.Nominated("hi"), "");
    } else {
      return false;
    }
    return true;
  }

  bool V5(const std::string& line) {
    if (!line.starts_with("startTime ")) return false;
    const std::regex entry("(\\w+) 00:(\\d\\d)");
    for (std::sregex_iterator it(line.begin(), line.end(), entry), end; it != end; ++it) {
      world_.Patch("pod", (*it)[1],
                   {{"status", {{"startTime", "2026-01-01T00:" + (*it)[2].str() + ":00Z"}}}});
    }
    return true;
  }

  bool V10(const std::string& line) {
    const std::string prefix = "order of attempts after the node appears: ";
    if (!line.starts_with(prefix)) return false;
    std::string order;
    for (std::size_t i = since_node_; i < std::min(since_node_ + 6, world_.attempts.size()); ++i) {
      order += (order.empty() ? "" : " ") + world_.attempts[i];
    }
    EXPECT_EQ(order, line.substr(prefix.size()));
    return true;
  }

  bool V13(const std::string& line) {
    if (!line.starts_with("w (500m) force-deleted")) return false;
    Vanish("w");
    return true;
  }

  // Recorded attempts of a pod: "[0.143, 0.278]" after "attempts".
  static std::size_t RecordedAttempts(const std::string& line) {
    return JsonIn(line, line.find("attempts")).size();
  }

  bool R1(const std::string& line) {
    if (line.starts_with("pod hold")) {
      world_.AddNode("n1", {{"cpu", "2"}});
      world_.Remove("node", "n0");
      return false;
    }
    if (line.starts_with("running pod becomes Succeeded")) {
      world_.Finish("hold", "Succeeded");
      world_.Run();
      EXPECT_EQ(world_.NodeOf("wait"), "n1");
      return true;
    }
    if (!line.starts_with("D=")) return false;
    const std::int64_t delay = static_cast<std::int64_t>(std::stod(line.substr(2)) * 1e9);
    const auto tries = [&] {
      return std::count(world_.attempts.begin(), world_.attempts.end(), last_pod_);
    };
    world_.Advance(delay);
    EXPECT_EQ(tries(), 1) << "nothing happened";
    if (line.find("node POST") != std::string::npos) {
      world_.AddNode("new");
      EXPECT_EQ(world_.NodeOf(last_pod_), "new");
    } else {
      world_.Patch("node", "n0", {{"status", {{"allocatable", {{"cpu", "4"}}}}}});
      world_.Run();
      EXPECT_EQ(world_.NodeOf(last_pod_), "n0");
    }
    EXPECT_EQ(static_cast<std::size_t>(tries()), RecordedAttempts(line));
    world_.ForceDelete(last_pod_);
    world_.Patch("node", "n0", {{"status", {{"allocatable", {{"cpu", "1"}}}}}});
    if (world_.Has("node", "new")) world_.Remove("node", "new");
    return true;
  }

  bool R3(const std::string& line) {
    if (line.starts_with("a too small matching node added and deleted 4 times")) {
      const std::size_t before = world_.attempts.size();
      for (int i = 0; i < 4; ++i) {
        world_.AddNode("small", {{"labels", {{"x", "y"}}}});
        world_.Remove("node", "small");
        world_.Run();
        world_.Advance(kNanosPerSecond * 4 / 5);
      }
      EXPECT_EQ(world_.attempts.size() - before, RecordedAttempts(line));
      return true;
    }
    if (!line.starts_with("6 s later")) return false;
    world_.Advance(6 * kNanosPerSecond);
    EXPECT_EQ(world_.events.size(), 9U);
    return true;
  }

  bool R4(const std::string& line) {
    std::smatch match;
    if (!std::regex_match(line, match, std::regex("(.*): attempts (\\d) -> (.*)"))) return false;
    const std::string what = match[1];
    const std::size_t before = world_.attempts.size();
    const json taint = {{"key", "k"}, {"effect", "NoSchedule"}};
    const json cordon = {{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}};
    const auto taints = [&](const json& list) {
      world_.SetTaints("n1", list);
      world_.Run();
    };
    const auto patch = [&](const json& merge_patch) {
      world_.Patch("node", "n1", merge_patch);
      world_.Run();
    };
    if (what == "unrelated label on n1") {
      patch({{"metadata", {{"labels", {{"a", "b"}}}}}});
    } else if (what == "annotation") {
      patch({{"metadata", {{"annotations", {{"a", "b"}}}}}});
    } else if (what.starts_with("heartbeat")) {
      patch({{"status",
              {{"conditions", json::array({{{"type", "Ready"},
                                            {"lastHeartbeatTime", "2026-01-01T00:00:09Z"}}})}}}});
    } else if (what.starts_with("allocatable cpu")) {
      patch({{"status", {{"allocatable", {{"cpu", "3"}}}}}});
    } else if (what.starts_with("taint k:NoSchedule")) {
      taints(json::array({taint}));
    } else if (what.starts_with("second taint")) {
      taints(json::array({taint, {{"key", "k2"}, {"effect", "NoExecute"}}}));
    } else if (what == "taints removed") {
      taints(json::array());
    } else if (what == "cordon") {
      patch({{"spec", {{"unschedulable", true}}}});
      taints(json::array({cordon}));
    } else if (what == "uncordon") {
      patch({{"spec", {{"unschedulable", nullptr}}}});
      taints(json::array());
    } else if (what.starts_with("condition MemoryPressure")) {
      taints(
          json::array({{{"key", "node.kubernetes.io/memory-pressure"}, {"effect", "NoSchedule"}}}));
    } else if (what.starts_with("a request-less pod")) {
      world_.AddPod("empty", {{"nodeName", "n2"}});
    } else if (what == "that pod is deleted") {
      Vanish("empty");
    } else if (what.starts_with("too small node n3 added")) {
      world_.AddNode("n3", {{"cpu", "2"}});
    } else if (what == "n3 deleted") {
      world_.Remove("node", "n3");
      world_.Run();
    } else {
      return false;
    }
    EXPECT_EQ(world_.attempts.size() - before, std::stoul(match[2]));
    return Outcome("big", match[3]);
  }

  bool X3(const std::string& line) {
    if (!line.starts_with("DELETE of the pending pod b")) return false;
    world_.DeletePod("b");
    EXPECT_FALSE(world_.Has("pod", "b"));
    world_.Run();
    return true;
  }

  bool X5(const std::string& line) {
    if (!line.starts_with("1 s after DELETE node n1")) return false;
    world_.Remove("node", "n1");
    world_.ForceDelete("b");
    world_.Run();
    return Outcome("a", line.substr(line.find("NODE")));
  }

  bool D1(const std::string& line) {
    std::smatch match;
    if (!std::regex_match(line, match, std::regex("(\\d+) equal empty nodes.*\\{'(n\\d+)'.*"))) {
      return false;
    }
    World world;
    for (int i = 0; i < std::stoi(match[1]); ++i) world.AddNode("n" + std::to_string(i));
    for (int i = 0; i < 120; ++i) {
      world.AddPod("p");
      EXPECT_EQ(world.NodeOf("p"), match[2]);  // the one on which most pods were recorded
      world.ForceDelete("p");
    }
    return true;
  }

  bool Q1(const std::string& line) {
    std::smatch match;
    if (line.starts_with("second pod")) {
      world_.ForceDelete("big");
      world_.AddPod("sel", {{"nodeSelector", {{"no", "such"}}}});
      quiet_ = true;
      first_messages_.clear();
      return true;
    }
    if (!std::regex_match(line, match, std::regex("([0-9.]+) (.*)"))) return false;
    const std::string what = match[2];
    const auto at = static_cast<std::int64_t>(std::stod(match[1]) * 1e9);
    if (quiet_) return Quiet(what, at);
    if (what.starts_with("unschedulable pod big")) {
      EXPECT_NE(what.find("'" + world_.Message("big") + "'"), std::string::npos);
      EXPECT_EQ(world_.Condition("big", "PodScheduled")["observedGeneration"], 1);
    } else if (what.starts_with("node dead: Ready/taints [\"Unknown\"")) {
      for (const char* effect : {"NoSchedule", "NoExecute"}) {
        json taints = world_.Get("node", "dead")["spec"]["taints"];
        taints.push_back({{"key", "node.kubernetes.io/unreachable"}, {"effect", effect}});
        world_.SetTaints("dead", taints);
        world_.Run();
      }
      EXPECT_EQ(world_.attempts.size(), 3U);
    } else if (what == "on-dead-30 gone") {
      Vanish("on-dead-30");
      EXPECT_EQ(world_.attempts.size(), 4U);
    } else if (what.starts_with("event ") && what.find("FailedScheduling") != std::string::npos) {
      first_messages_.clear();
      return Event(what);
    }
    return true;
  }

  // The pod is flushed at the first 30-s tick after 5 minutes; there are no nodes then, so it backs
  // off as after an error.
  bool Quiet(const std::string& what, std::int64_t at) {
    const auto tries = [&] {
      return std::count(world_.attempts.begin(), world_.attempts.end(), "sel");
    };
    if (at < kNanosPerSecond) {
      EXPECT_NE(what.find(world_.Message("sel")), std::string::npos);
      for (const char* node : {"dead", "live"}) world_.Remove("node", node);
      world_.Run();
      world_.Advance(300 * kNanosPerSecond);
      EXPECT_EQ(tries(), 1);
      return true;
    }
    const auto before = tries();
    world_.Advance(before == 1 ? 30 * kNanosPerSecond : 0);
    EXPECT_GE(tries(), 2);
    EXPECT_EQ(world_.Message("sel"), "no nodes available to schedule pods");
    return true;
  }

  const Scenario& scenario_;
  World world_;
  std::string last_pod_;
  std::size_t since_node_ = 0;
  bool quiet_ = false;
  std::map<std::string, std::string> first_messages_;
};

TEST(SchedulerProbeTest,
     SC1_SC3_SC4_SC9_SC15_SC26_SC29_SC36_SC39_SC54_EveryRecordedScenarioEndsAsRecorded) {
  const auto scenarios = ReadProbe(kProbePath);
  EXPECT_EQ(scenarios.size(), 39U);
  int scores = 0;
  for (const Scenario& scenario : scenarios) {
    Player player(scenario);
    player.Play();
    scores += player.scores;
  }
  EXPECT_EQ(scores, 47);
}

}  // namespace
}  // namespace kless::controllers::scheduler
