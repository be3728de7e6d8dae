#include "functions/controllers/scheduler/scheduler_loop.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "store/item/resource_fields.h"

namespace kless::controllers::scheduler {
namespace {

using nlohmann::json;

constexpr std::int64_t kNow = 1767225600'000000000;  // 2026-01-01T00:00:00Z

ItemPtr ItemOf(const std::string& name, const json& object) {
  static std::uint64_t version = 0;
  auto item = std::make_shared<Item>();
  item->document = object.dump();
  item->version = ++version;
  item->fields = ExtractResourceFields(item->document, name);
  return item;
}

ItemPtr Pod(const std::string& node = "", const char* phase = "Pending") {
  json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", "p"}, {"namespace", "t"}, {"uid", "u"}}},
      {"spec",
       {{"containers", {{{"name", "c"}, {"image", "i"}}}}, {"schedulerName", "default-scheduler"}}},
      {"status", {{"phase", phase}}}};
  if (!node.empty()) pod["spec"]["nodeName"] = node;
  return ItemOf("t/p", pod);
}

ItemPtr Node() {
  return ItemOf("n",
                {{"apiVersion", "v1"},
                 {"kind", "Node"},
                 {"metadata", {{"name", "n"}, {"uid", "n-uid"}}},
                 {"status", {{"allocatable", {{"cpu", "1"}, {"memory", "1Gi"}, {"pods", "9"}}}}}});
}

bool Wakes(const ItemPtr& before, const ItemPtr& after) {
  std::vector<std::string> keys;
  SchedulerLoop().keys({"pod", "t/p"}, before, after, &keys);
  return !keys.empty();
}

TEST(SchedulerLoopTest, APodWakesItWhenItNeedsANodeOrFreesOne) {
  EXPECT_TRUE(Wakes(nullptr, Pod())) << "it needs a node";
  EXPECT_TRUE(Wakes(Pod("n"), nullptr)) << "its place is free";
  EXPECT_TRUE(Wakes(Pod("n", "Running"), Pod("n", "Succeeded"))) << "its place is free";
  EXPECT_FALSE(Wakes(Pod("n"), Pod("n", "Running"))) << "a bound pod that starts";
}

TEST(SchedulerLoopTest, ABindingTakesAClaimOnItsNode) {
  const auto view = SchedulerLoop().view();
  const ItemPtr pod = Pod();
  view->Observe({"node", "n"}, nullptr, Node(), kNow);
  view->Observe({"pod", "t/p"}, nullptr, pod, kNow);
  const auto step = view->Next(kNow);
  ASSERT_TRUE(step.has_value());
  EXPECT_EQ(step->claim, "n");
  EXPECT_EQ(step->target.uid, "u");
  const auto bound = step->take(pod->document, kNow);
  ASSERT_TRUE(bound.has_value());
  EXPECT_EQ(json::parse(*bound)["spec"]["nodeName"], "n");
  EXPECT_FALSE(step->take(*bound, kNow)) << "it is bound already";
  ASSERT_EQ(step->plan.events.size(), 1U);
  EXPECT_EQ(step->plan.events[0].reason, "Scheduled");
}

TEST(SchedulerLoopTest, ABindingThatFailedIsTriedAgainAfterABackOff) {
  const auto view = SchedulerLoop().view();
  view->Observe({"node", "n"}, nullptr, Node(), kNow);
  view->Observe({"pod", "t/p"}, nullptr, Pod(), kNow);
  const auto step = view->Next(kNow);
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(view->HasActive(kNow));
  view->Undo(*step, kNow);
  ASSERT_TRUE(view->NextWake().has_value());
  EXPECT_TRUE(view->HasActive(*view->NextWake()));
}

TEST(SchedulerLoopTest, WithoutANodeAPodHasAPlanAndNoClaim) {
  const auto view = SchedulerLoop().view();
  view->Observe({"pod", "t/p"}, nullptr, Pod(), kNow);
  const auto step = view->Next(kNow);
  ASSERT_TRUE(step.has_value());
  EXPECT_EQ(step->claim, "");
  EXPECT_EQ(step->plan.batches.size(), 1U);
  EXPECT_FALSE(step->assumed);
}

}  // namespace
}  // namespace kless::controllers::scheduler
