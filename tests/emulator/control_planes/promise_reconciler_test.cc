// What two environments can do to each other, with a loop of the test's own: it reconciles the Job
// default/a, and another writer acts while its plan is carried out.
#include "emulator/control_planes/promise_reconciler.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/control_planes/loop_function.h"
#include "functions/pool/faults.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless::control_planes {
namespace {

using controllers::Dependent;
using controllers::OwnerObservation;
using controllers::Plan;
using std::chrono::milliseconds;
using std::chrono::seconds;

const ResourceId kJobId{"job", "default/a"};
const ResourceId kPodId{"pod", "default/a-x"};
constexpr const char* kJobText = R"({"metadata":{"name":"a","namespace":"default","uid":"u"}})";
constexpr const char* kPodText =
    R"({"metadata":{"uid":"p","ownerReferences":[{"kind":"Job","name":"a","uid":"u",)"
    R"("controller":true}]}})";

// A reconcile is a plain function; this is what it does in the current test.
std::function<Plan(OwnerObservation&)>& Script() {
  static std::function<Plan(OwnerObservation&)> script;
  return script;
}

controllers::ControlLoop ScriptedLoop() {
  controllers::ControlLoop loop;
  loop.name = "scripted";
  loop.types = {"job", "pod"};
  controllers::Promises promises;
  promises.owner_type = "job";
  promises.dependent_type = "pod";
  promises.to_read = [](const Item&, const std::vector<Dependent>&) {
    return std::vector<std::string>();
  };
  promises.may_adopt = [](const Item&) { return false; };
  promises.is_being_orphaned = [](const Item&) { return false; };
  promises.reconcile = [](OwnerObservation& observed) { return Script()(observed); };
  loop.promises = promises;
  return loop;
}

Plan PlanOf(controllers::Write write) {
  controllers::Batch batch;
  batch.writes.push_back(std::move(write));
  Plan plan;
  plan.batches.push_back(std::move(batch));
  return plan;
}

// A read takes 1 ms and a write 10 ms; each has its effect at its end.
LatencyProfile SlowWrites() {
  LatencyProfile profile;
  profile.store_read = Distribution::Constant(milliseconds(1));
  profile.store_write = Distribution::Constant(milliseconds(10));
  return profile;
}

class PromiseReconcilerTest : public ::testing::Test {
 protected:
  PromiseReconcilerTest() : event_loop_(context_), faults_(1), loop_(ScriptedLoop()) {}
  ~PromiseReconcilerTest() override {
    event_loop_.DropAll();
    Script() = nullptr;
  }

  void Open(LatencyProfile profile) {
    event_loop_.DropAll();
    pool_.reset();
    profile_ = std::move(profile);
    StoreOptions options;
    options.durability = Durability::kMemory;
    auto opened = Store::Open(event_loop_, options);
    if (opened.has_error()) throw std::runtime_error(opened.error().message);
    store_ = std::move(opened.value());
    pool_ = std::make_unique<FunctionPool>(event_loop_, *store_, profile_, faults_, PoolOptions());
    FunctionConfig config;
    config.name = loop_.name;
    const auto registered =
        pool_->Register(config, MakeLoopFunction(loop_, store_->resources(), profile_));
    if (registered.has_error()) throw std::runtime_error(registered.error().message);
    Put(kJobId, kJobText);
  }

  std::uint64_t Put(const ResourceId& id, const std::string& text) {
    const auto written = store_->resources().Put(id, text, Condition::None());
    if (written.has_error()) throw std::runtime_error(written.error().message);
    store_->EndTurn();
    return written.value().version;
  }
  std::uint64_t PutIntent(std::vector<std::string> names) {
    Intent intent;
    intent.owner_uid = "u";
    intent.names = std::move(names);
    return Put(IntentId("default", "u"), intent.ToDocument());
  }
  std::vector<std::string> Promised() {
    const auto item = store_->resources().Get(IntentId("default", "u"));
    return item.has_error() ? std::vector<std::string>()
                            : Intent::FromItem(*item.value(), "default").names;
  }

  // Delivers the record of the Job's creation, and returns "" or the invocation's error.
  std::string Deliver() {
    auto event = std::make_shared<FunctionEvent>();
    event->records = {store_->feed().Read(0, 1).value()[0]};
    std::string error = "still running";
    Spawn(event_loop_, "test", Invoke(event, &error));
    event_loop_.Run(event_loop_.Now() + seconds(20));
    return error;
  }
  // Another writer acts this long after now.
  void After(Duration wait, std::function<void()> act) {
    Spawn(event_loop_, "other", Later(wait, std::move(act)));
  }

  boost::asio::io_context context_{1};
  VirtualEventLoop event_loop_;
  LatencyProfile profile_;
  Faults faults_;
  const controllers::ControlLoop loop_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<FunctionPool> pool_;

 private:
  Task<> Invoke(std::shared_ptr<const FunctionEvent> event, std::string* error) {
    const InvokeResult result = co_await pool_->Invoke(loop_.name, event, InvokeOptions());
    *error = result.payload.has_error() ? result.payload.error().message : "";
  }
  Task<> Later(Duration wait, std::function<void()> act) {
    co_await event_loop_.SleepFor(wait);
    act();
  }
};

TEST_F(PromiseReconcilerTest, AnOvertakenPlanIsFollowedByAnother) {
  Open(SlowWrites());
  int reconciles = 0;
  Script() = [&](OwnerObservation& observed) -> Plan {
    ++reconciles;
    if (observed.owner->document.find("other") != std::string::npos) return {};
    After(milliseconds(5), [&] { Put(kJobId, R"({"metadata":{"uid":"u"},"other":1})"); });
    return PlanOf({.id = kJobId,
                   .change = controllers::Update{observed.owner->version,
                                                 R"({"metadata":{"uid":"u"},"mine":1})"}});
  };
  EXPECT_EQ(Deliver(), "");
  EXPECT_EQ(reconciles, 2);
}

TEST_F(PromiseReconcilerTest, AFailedWriteFailsTheInvocation) {
  Open(SlowWrites());
  int reconciles = 0;
  Script() = [&](OwnerObservation& observed) -> Plan {
    ++reconciles;
    EXPECT_TRUE(faults_.Add({{"kind", "store_error"}, {"at", 1}}).has_value());
    return PlanOf({.id = kJobId,
                   .change = controllers::Update{observed.owner->version,
                                                 R"({"metadata":{"uid":"u"},"mine":1})"}});
  };
  EXPECT_NE(Deliver(), "");
  EXPECT_EQ(reconciles, 1) << "the mapping repeats the batch, after its delay";
}

TEST_F(PromiseReconcilerTest, APromiseThatAnotherEnvironmentKeepsMeanwhileIsNotWithdrawn) {
  for (const bool deletes : {true, false}) {
    Open(SlowWrites());
    PutIntent({kPodId.name});
    std::vector<bool> created;
    Script() = [&](OwnerObservation& observed) -> Plan {
      created.push_back(observed.dependents.at(0).created);
      if (created.back()) return {};
      // After the plan's read of the pod, and before its transaction.
      After(milliseconds(5), [&] { Put(kPodId, kPodText); });
      controllers::Write write{.id = kPodId, .change = controllers::Deletion{}};
      if (!deletes) {
        write.change = controllers::Edit{[](const std::string&) { return std::nullopt; }};
      }
      write.settles = {kPodId.name};
      return PlanOf(std::move(write));
    };
    EXPECT_EQ(Deliver(), "");
    EXPECT_EQ(created, (std::vector<bool>{false, true}));
    EXPECT_EQ(Promised(), std::vector<std::string>{kPodId.name});
  }
}

TEST_F(PromiseReconcilerTest, APromiseThatNobodyKeepsIsWithdrawn) {
  Open(SlowWrites());
  PutIntent({kPodId.name});
  Script() = [&](OwnerObservation& observed) -> Plan {
    if (observed.dependents.empty()) return {};
    return PlanOf({.id = kPodId, .change = controllers::Deletion{}, .settles = {kPodId.name}});
  };
  EXPECT_EQ(Deliver(), "");
  EXPECT_TRUE(Promised().empty());
}

// The record that is delivered is older than both.
TEST_F(PromiseReconcilerTest, TheIndexIsAsNewAsTheOwnerAndTheIntent) {
  for (const bool owner_is_newer : {true, false}) {
    LatencyProfile profile = SlowWrites();
    profile.index_lag = Distribution::Constant(milliseconds(500));
    Open(std::move(profile));
    event_loop_.Run(event_loop_.Now() + seconds(1));
    Put(kPodId, kPodText);
    if (owner_is_newer) {
      Put(kJobId, R"({"metadata":{"uid":"u"},"status":{"uncountedTerminatedPods":["p"]}})");
    } else {
      PutIntent({});
    }
    std::size_t seen = 0;
    Script() = [&](OwnerObservation& observed) -> Plan {
      seen = observed.dependents.size();
      return {};
    };
    EXPECT_EQ(Deliver(), "");
    EXPECT_EQ(seen, 1u) << (owner_is_newer ? "owner" : "intent");
  }
}

}  // namespace
}  // namespace kless::control_planes
