// Selectors, node affinity, pod affinity.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/controllers/scheduler/world.h"

namespace kless::controllers::scheduler {
namespace {

constexpr const char* kHost = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

json PodTerm(const std::string& app, const std::string& key) {
  return {{"labelSelector", {{"matchLabels", {{"app", app}}}}}, {"topologyKey", key}};
}
json Required(const char* kind, const json& terms) {
  return {{"affinity", {{kind, {{"required", terms}}}}}};
}
json With(json attributes, const char* key, const json& value) {
  attributes[key] = value;
  return attributes;
}
json NodeTerms(const json& terms) {
  return {{"affinity", {{"nodeAffinity", {{"required", {{"nodeSelectorTerms", terms}}}}}}}};
}
json Expression(const char* key, const char* op, const json& values) {
  return {{"key", key}, {"operator", op}, {"values", values}};
}

TEST(SchedulerSelectorTest, SC20_AllPairsOfANodeSelectorMustMatchAndALabelBindsThePod) {
  World world;
  world.AddNode("n1", {{"labels", {{"a", "1"}}}});
  world.AddNode("n2", {{"labels", {{"b", "2"}}}});
  world.AddPod("p", {{"nodeSelector", {{"a", "1"}, {"b", "2"}}}});
  EXPECT_EQ(world.Message("p"),
            Expand("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. "
                   "{NCP}0/2 nodes are available: 2 {PNH}."));
  world.Patch("node", "n2", {{"metadata", {{"labels", {{"a", "1"}}}}}});
  world.Run();
  EXPECT_EQ(world.NodeOf("p"), "n2");
}

TEST(SchedulerSelectorTest, SC21_OperatorsTermsAndSelectorsCombine) {
  const auto matches = [](const json& expression, const Labels& labels) {
    const json list = json::array({expression});
    return MatchesAll(ParseRequirements(&list), labels);
  };
  const Labels five = {{"g", "5"}};
  const Labels none;
  EXPECT_TRUE(matches(Expression("g", "In", {"4", "5"}), five));
  EXPECT_FALSE(matches(Expression("g", "In", {"4"}), none));
  EXPECT_TRUE(matches(Expression("g", "NotIn", {"4"}), five));
  EXPECT_TRUE(matches(Expression("g", "NotIn", {"4"}), none));
  EXPECT_TRUE(matches(Expression("g", "DoesNotExist", json::array()), none));
  EXPECT_TRUE(matches(Expression("g", "Exists", json::array()), five));
  EXPECT_FALSE(matches(Expression("g", "Gt", {"5"}), five));
  EXPECT_TRUE(matches(Expression("g", "Gt", {"4"}), five));
  EXPECT_TRUE(matches(Expression("g", "Lt", {"6"}), five));
  EXPECT_FALSE(matches(Expression("g", "Lt", {"6"}), {{"g", "x"}}));
  EXPECT_FALSE(matches(Expression("g", "Gt", {"x"}), five));
  EXPECT_FALSE(matches(Expression("g", "Nonsense", {"5"}), five));

  World world;
  world.AddNode("n1", {{"labels", {{"z", "a"}, {"g", "5"}}}});
  world.AddNode("n2", {{"labels", {{"z", "b"}, {"g", "10"}}}});
  const json or_terms =
      json::array({{{"matchExpressions", json::array({Expression("z", "In", {"nope"})})}},
                   {{"matchExpressions", json::array({Expression("g", "Gt", {"9"})})}}});
  world.AddPod("or", NodeTerms(or_terms));
  EXPECT_EQ(world.NodeOf("or"), "n2");
  world.AddPod("and", With(NodeTerms(or_terms), "nodeSelector", {{"z", "a"}}));
  EXPECT_EQ(world.NodeOf("and"), "");
  world.AddPod("empty", NodeTerms(json::array({json::object()})));
  EXPECT_EQ(world.NodeOf("empty"), "") << "an empty term matches nothing";
}

TEST(SchedulerSelectorTest, SC22_NodesCanBeNamed) {
  World world;
  for (const char* node : {"n1", "n2", "n3"}) world.AddNode(node);
  const auto named = [](const json& names) {
    json fields = json::array();
    for (const json& name : names)
      fields.push_back(Expression("metadata.name", "In", json::array({name})));
    return NodeTerms(json::array({{{"matchFields", fields}}}));
  };
  world.AddPod("one", named({"n3"}));
  EXPECT_EQ(world.NodeOf("one"), "n3");
  world.AddPod("unknown", named({"n9"}));
  EXPECT_EQ(world.Message("unknown"),
            Expand("0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
                   "{NCP}0/3 nodes are available: 3 {PNH}."));
  world.AddPod("conflict", named({"n1", "n2"}));
  EXPECT_EQ(world.Message("conflict"),
            "0/3 nodes are available: pod affinity terms conflict. not found");
  world.AddPod("big", With(named({"n3"}), "cpu", "9"));
  EXPECT_EQ(
      world.Message("big"),
      Expand("0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) "
             "[NodeAffinity]. {NCP}0/3 nodes are available: 3 {PNH}."));
}

TEST(SchedulerSelectorTest, SC23_PreferredTermsAddTheirWeights) {
  World world;
  world.AddNode("n1", {{"labels", {{"z", "a"}}}});
  world.AddNode("n2", {{"labels", {{"z", "b"}, {"d", "ssd"}}}});
  world.AddNode("n3");
  const auto preferred = [](int weight, const json& expression) -> json {
    return {{"weight", weight}, {"preference", {{"matchExpressions", json::array({expression})}}}};
  };
  world.AddPod("a",
               {{"cpu", "1"},
                {"mem", "2Gi"},
                {"affinity",
                 {{"nodeAffinity",
                   {{"preferred",
                     json::array({preferred(10, Expression("z", "In", {"a"})),
                                  preferred(4, Expression("z", "In", {"b"})),
                                  preferred(5, Expression("d", "Exists", json::array()))})}}}}}});
  EXPECT_EQ(world.NodeOf("a"), "n1");
  std::vector<std::int64_t> totals;
  for (const ScoreLine& line : world.decisions["a"].scores) totals.push_back(line.total);
  EXPECT_EQ(totals, (std::vector<std::int64_t>{650, 630, 450}));
}

TEST(SchedulerPodAffinityTest, SC24_APodFollowsTheOneItsTermMatches) {
  World world;
  world.AddNode("n1", {{"zone", "za"}});
  world.AddNode("n2", {{"zone", "zb"}, {"cpu", "1"}});
  world.AddNode("n3", {{"zone", "zb"}});
  world.AddNode("bare");
  world.AddPod("near", Required("podAffinity", json::array({PodTerm("db", kZone)})));
  EXPECT_EQ(world.Message("near"),
            Expand("0/4 nodes are available: 4 node(s) didn't match pod affinity rules. {NCP}0/4 "
                   "nodes are available: 4 {PNH}."));
  world.AddPod("db", {{"cpu", "1"}, {"nodeName", "n2"}, {"labels", {{"app", "db"}}}});
  world.Run();
  EXPECT_EQ(world.NodeOf("near"), "n3") << "the zone counts; of its nodes the emptier one";
}

TEST(SchedulerPodAffinityTest, SC24_TheFirstPodOfAGroupGoesAnywhereThatHasTheKey) {
  World world;
  world.AddNode("bare");
  world.AddNode("n1", {{"zone", "za"}});
  const json group =
      With(Required("podAffinity", json::array({PodTerm("g", kZone)})), "labels", {{"app", "g"}});
  world.AddPod("first", group);
  EXPECT_EQ(world.NodeOf("first"), "n1");
  world.AddNode("n2", {{"zone", "zb"}});
  world.AddPod("second", group);
  EXPECT_EQ(world.NodeOf("second"), "n1");
}

TEST(SchedulerPodAffinityTest, SC24_EachTermNeedsAPodOfItsOwn) {
  World world;
  world.AddNode("n1", {{"zone", "za"}});
  world.AddNode("n2", {{"zone", "zb"}});
  world.AddPod("x", {{"nodeName", "n2"}, {"labels", {{"app", "x"}}}});
  const json both =
      Required("podAffinity", json::array({PodTerm("x", kZone), PodTerm("y", kZone)}));
  world.AddPod("p", both);
  EXPECT_EQ(world.NodeOf("p"), "");
  world.AddPod("y", {{"nodeName", "n2"}, {"labels", {{"app", "y"}}}});
  world.Run();
  EXPECT_EQ(world.NodeOf("p"), "n2");
}

TEST(SchedulerPodAffinityTest, SC25_AntiAffinityHoldsInBothDirections) {
  World world;
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"zone", "za"}});
  world.AddNode("n3", {{"zone", "zb"}});
  const json apart = With(Required("podAntiAffinity", json::array({PodTerm("w", kHost)})), "labels",
                          {{"app", "w"}});
  for (const char* pod : {"w0", "w1", "w2", "w3"}) world.AddPod(pod, apart);
  EXPECT_EQ(world.Message("w3"),
            Expand("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. "
                   "{NCP}0/3 nodes are available: 3 {NPV}."));
  world.AddPod("plain", {{"labels", {{"app", "w"}}}});
  EXPECT_EQ(world.Message("plain"),
            Expand("0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity "
                   "rules. {NCP}0/3 nodes are available: 3 {NPV}."));
  world.AddPod("guard", With(Required("podAntiAffinity", json::array({PodTerm("x", kZone)})),
                             "nodeName", "n1"));
  world.AddPod("x", {{"labels", {{"app", "x"}}}});
  EXPECT_EQ(world.NodeOf("x"), "n3");
  // A term selects only its own namespace.
  json foreign = PodTerm("x", kZone);
  foreign["namespaces"] = {"other"};
  world.AddPod("far", Required("podAntiAffinity", json::array({foreign})));
  EXPECT_NE(world.NodeOf("far"), "");
  // A pod that was excluded by another one is tried again when that one is removed.
  world.ForceDelete("w0");
  world.Run();
  EXPECT_NE(world.NodeOf("w3") + world.NodeOf("plain"), "");
}

TEST(SchedulerPodAffinityTest, SC25_NamespaceSelectorsChooseNamespacesByLabels) {
  World world;
  world.Put("namespace", "t", {{"metadata", {{"labels", {{"team", "a"}}}}}});
  world.AddNode("n1");
  world.AddNode("n2");
  world.AddPod("db", {{"nodeName", "n2"}, {"labels", {{"app", "db"}}}});
  json term = PodTerm("db", kHost);
  term["namespaceSelector"] = {{"matchLabels", {{"team", "a"}}}};
  world.AddPod("near", Required("podAffinity", json::array({term})));
  EXPECT_EQ(world.NodeOf("near"), "n2");
  term["namespaceSelector"] = {{"matchLabels", {{"team", "b"}}}};
  world.AddPod("apart", Required("podAffinity", json::array({term})));
  EXPECT_EQ(world.NodeOf("apart"), "");
}

TEST(SchedulerPodAffinityTest, SC26_PreferencesAndRequiredTermsOfOthersScore) {
  World world;
  for (const char* node : {"n1", "n2"}) world.AddNode(node, {{"zone", "za"}});
  world.AddNode("n3", {{"zone", "zb"}});
  world.AddPod("db", {{"nodeName", "n1"}, {"labels", {{"app", "db"}}}});
  const json preferred = json::array({{{"weight", 100}, {"podAffinityTerm", PodTerm("db", kHost)}},
                                      {{"weight", 50}, {"podAffinityTerm", PodTerm("db", kZone)}}});
  world.AddPod("a", {{"affinity", {{"podAffinity", {{"preferred", preferred}}}}}});
  EXPECT_EQ(world.NodeOf("a"), "n1");
  std::vector<std::int64_t> points;
  for (const ScoreLine& line : world.decisions["a"].scores) {
    points.push_back(line.by_plugin.at("InterPodAffinity"));
  }
  EXPECT_EQ(points, (std::vector<std::int64_t>{200, 0, 66})) << "zones in turn: n1, n3, n2";
  world.AddPod("away", {{"affinity", {{"podAntiAffinity", {{"preferred", preferred}}}}}});
  EXPECT_EQ(world.NodeOf("away"), "n3");
}

}  // namespace
}  // namespace kless::controllers::scheduler
