// What Services and PriorityClasses hold, and how a write finds it among the stored objects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "functions/kubernetes/objects/priority_classes.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Objects that hold some values; the holder of a value has its name.
class HeldValues : public StoredObjects {
 public:
  std::shared_ptr<const json> Find(const std::string&, const std::string& name) override {
    const auto found = objects.find(name);
    return found == objects.end() ? nullptr : std::make_shared<const json>(found->second);
  }
  std::vector<std::string> Holders(const std::string&, const std::string& value) override {
    return {held.lower_bound(value), held.upper_bound(value)};
  }

  std::multiset<std::string> held;
  std::map<std::string, json> objects;
};

json NodePortService() {
  return json::parse(R"({"metadata":{"name":"s"},"spec":{"type":"NodePort",
      "ports":[{"name":"a","port":80},{"name":"b","port":81,"nodePort":30080}]}})");
}

json Prepared(StoredObjects* stored) {
  Random random(1, "service");
  json service = NodePortService();
  KindOf("service").prepare_create(service, {kNow, &random, nullptr, stored});
  return service["spec"];
}

TEST(ServiceKindTest, AServiceHoldsItsAddressAndItsNodePorts) {
  const Kind& kind = KindOf("service");
  EXPECT_THAT(kind.held_values(NodePortService()), ElementsAre("nodePort 30080"));
  EXPECT_THAT(kind.held_values({{"spec", {{"clusterIP", "10.96.1.2"}}}}),
              ElementsAre("clusterIP 10.96.1.2"));
}

TEST(ServiceKindTest, AnAddressOrPortThatAnotherServiceHoldsIsDrawnAgain) {
  HeldValues none;
  const json free = Prepared(&none);
  EXPECT_EQ(free, Prepared(nullptr));
  HeldValues stored;
  stored.held = {"clusterIP " + free["clusterIP"].get<std::string>(),
                 "nodePort " + free["ports"][0]["nodePort"].dump()};
  const json other = Prepared(&stored);
  EXPECT_NE(other["clusterIP"], free["clusterIP"]);
  EXPECT_NE(other["ports"][0]["nodePort"], free["ports"][0]["nodePort"]);
  EXPECT_EQ(other["ports"][1]["nodePort"], 30080);
}

TEST(PriorityClassKindTest, AClassWithGlobalDefaultHoldsIt) {
  const Kind& kind = KindOf("priorityclass");
  EXPECT_THAT(kind.held_values({{"globalDefault", true}}), ElementsAre(kGlobalDefault));
  EXPECT_THAT(kind.held_values({{"globalDefault", false}}), IsEmpty());
}

TEST(PriorityClassKindTest, TheDefaultIsFoundByWhatItHolds) {
  HeldValues stored;
  EXPECT_EQ(FindPriorityClass(stored, ""), nullptr);
  stored.held = {kGlobalDefault};
  stored.objects[kGlobalDefault] = {{"value", 5}};
  stored.objects["b"] = {{"value", 3}};
  EXPECT_EQ((*FindPriorityClass(stored, ""))["value"], 5);
  EXPECT_EQ((*FindPriorityClass(stored, "b"))["value"], 3);
  EXPECT_EQ(FindPriorityClass(stored, "c"), nullptr);
}

}  // namespace
}  // namespace kless::kubernetes
