// Loops: a function that writes the table that triggers it runs on, and its mapping counts it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

class OwnWritesWorld : public FunctionWorld {
 public:
  OwnWritesWorld() { Register("f", CountUp); }
  ~OwnWritesWorld() {
    event_loop.DropAll();
    mappings.clear();
  }
  void Map(const std::string& name, const std::string& function) {
    EventSourceMappingConfig config;
    config.name = name;
    config.function = function;
    config.table = ResourceTable::kTableName;
    auto made =
        EventSourceMapping::Create(event_loop, *store, *pool, faults, profile, config, seed);
    ASSERT_FALSE(made.has_error()) << made.error().message;
    mappings[name] = std::move(made.value());
    mappings[name]->Start();
  }

  EventSourceMappings mappings;

 private:
  // Counts in the pod's document until it is 5.
  static Task<Result<std::string>> CountUp(std::shared_ptr<const FunctionEvent> event,
                                           std::shared_ptr<InvocationContext> context) {
    const auto document = nlohmann::json::parse(event->records.back()->new_image->document);
    const int count = document.value("count", 0);
    if (count == 5) co_return std::string("{}");
    const std::string next = nlohmann::json({{"count", count + 1}}).dump();
    const ResourceId pod{"pod", "default/p"};
    const auto put = co_await context->store.Put(pod, next, Condition::None());
    if (put.has_error()) co_return put.error();
    co_return std::string("{}");
  }
};

TEST(OwnWritesTest, AFunctionThatTriggersItselfRunsOnAndIsCounted) {
  OwnWritesWorld world;
  world.Register("other", FunctionWorld::Sleeper({}));
  world.Map("m", "f");
  world.Map("other", "other");
  world.PutPod("p", R"({"count":0})");
  world.store->EndTurn();
  world.RunUntil(minutes(1));
  const auto status = world.mappings["m"]->Status();
  EXPECT_EQ(status.delivered, 6u);
  EXPECT_EQ(status.own_writes, 5u);
  EXPECT_EQ(MappingStatusToJson(world.mappings["m"]->config(), status)["own_writes"], 5);
  EXPECT_EQ(world.mappings["other"]->Status().delivered, 6u);
  EXPECT_EQ(world.mappings["other"]->Status().own_writes, 0u);
}

}  // namespace
}  // namespace kless
