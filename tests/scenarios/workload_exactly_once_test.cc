// A ReplicaSet never has more pods than spec.replicas, and ends with exactly as many, whatever the
// interleaving of environments that reconcile it, and wherever one of them dies.  Like
// exactly_once_test, for loops whose keys have fences.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "emulator/base/json.h"
#include "store/item/resource_fields.h"
#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using nlohmann::json;

constexpr const char* kDeployments = "/apis/apps/v1/namespaces/default/deployments";
constexpr int kSeeds = 100;

json Deployment(int replicas) {
  json object = json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment",
      "metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"d"}},
      "template":{"metadata":{"labels":{"app":"d"}},
                  "spec":{"containers":[{"name":"c","image":"v1"}]}}}})");
  object["spec"]["replicas"] = replicas;
  return object;
}

bool IsActive(const ItemPtr& pod) {
  const ResourceFields& fields = *pod->fields;
  return !fields.deleting && fields.phase != PodPhase::kSucceeded &&
         fields.phase != PodPhase::kFailed;
}

std::int64_t SizeOf(const ItemPtr& set) {
  return ParseJson(set->document).value()["spec"]["replicas"].get<std::int64_t>();
}

// Replays the feed; returns "" or the first surplus pod, or a ReplicaSet that ends with a wrong
// number.
std::string Check(TestEmulator& emulator) {
  std::map<std::string, std::int64_t> sizes;          // by uid of the ReplicaSet
  std::map<std::string, std::set<std::string>> pods;  // active ones, by uid of the ReplicaSet
  for (const RecordPtr& record : emulator.Records()) {
    const ResourceId id = emulator.store().resources().IdOf(record->key);
    if (id.type == "replicaset") {
      if (record->old_image != nullptr) sizes.erase(record->old_image->fields->uid);
      if (record->new_image != nullptr) {
        sizes[record->new_image->fields->uid] = SizeOf(record->new_image);
      }
    }
    if (id.type != "pod") continue;
    if (record->old_image != nullptr) {
      pods[record->old_image->fields->owner_uid].erase(id.name);
    }
    if (record->new_image == nullptr || !IsActive(record->new_image)) continue;
    const std::string& owner = record->new_image->fields->owner_uid;
    pods[owner].insert(id.name);
    if (record->old_image == nullptr &&
        static_cast<std::int64_t>(pods[owner].size()) > sizes[owner]) {
      return id.name + " is a pod too many at record " + std::to_string(record->sequence);
    }
  }
  for (const auto& [uid, size] : sizes) {
    if (static_cast<std::int64_t>(pods[uid].size()) != size) {
      return "a ReplicaSet of " + std::to_string(size) + " ends with " +
             std::to_string(pods[uid].size()) + " pods";
    }
  }
  return sizes.empty() ? "there is no ReplicaSet" : "";
}

Config DrawConfig(Random& random, std::uint64_t seed) {
  const auto uniform = [](double low, double high) {
    return Distribution::FromJson({{"uniform_ms", {low, high}}}).value();
  };
  Config config = TestConfig();
  config.seed = seed;
  config.loops = {"deployment", "replicaset", "gc"};
  config.function_default.mapping.parallelization_factor = random.Below(2) == 0 ? 1 : 10;
  config.function_default.mapping.batch_size = static_cast<int>(1 + random.Below(10));
  config.store.resource_shards = random.Below(2) == 0 ? 1 : 4;
  config.account_concurrency = static_cast<int>(2 + random.Below(12));
  config.latency.store_read = uniform(0, 8);
  config.latency.store_write = uniform(1, 20);
  if (random.Below(2) == 0) config.latency.index_lag = uniform(0, 200);
  config.function_default.config.init = uniform(0, 450);
  return config;
}

std::vector<json> DrawFaults(Random& random) {
  std::vector<json> faults;
  for (const char* kind : {"crash", "crash_after", "store_error"}) {
    if (random.Below(2) == 0) faults.push_back({{"kind", kind}, {"at", 1 + random.Below(40)}});
  }
  if (random.Below(2) == 0) {
    faults.push_back({{"kind", "stall"}, {"at", 1 + random.Below(40)}, {"delay_ms", 100'000}});
  }
  if (random.Below(2) == 0) faults.push_back({{"kind", "duplicate"}, {"rate", 0.2}});
  if (random.Below(3) == 0) faults.push_back({{"kind", "reorder"}, {"rate", 0.3}});
  return faults;
}

// The ReplicaSet is created, scaled, changed and scaled again, each after a while that may be too
// short for the step before.
void Play(TestEmulator& emulator, Random& random) {
  emulator.Call("POST", kDeployments, Deployment(static_cast<int>(1 + random.Below(8))));
  const auto pause = [&] { emulator.RunFor(std::chrono::milliseconds(random.Below(1500))); };
  const auto patch = [&emulator](const std::string& body) {
    const HttpResponse response = emulator.Send("PATCH", std::string(kDeployments) + "/d", body,
                                                "application/strategic-merge-patch+json");
    EXPECT_EQ(response.status, 200) << response.body;
  };
  pause();
  patch(R"({"spec":{"replicas":)" + std::to_string(random.Below(9)) + "}}");
  pause();
  patch(R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"v2"}]}}}})");
  pause();
  patch(R"({"spec":{"replicas":)" + std::to_string(1 + random.Below(8)) + "}}");
}

TEST(WorkloadExactlyOnceTest, NoSetHasAPodTooManyAndAllEndWithTheirs) {
  int failures = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds && failures < 3; ++seed) {
    Random random(seed, "world");
    TestEmulator emulator(DrawConfig(random, seed));
    const std::vector<json> faults = DrawFaults(random);
    for (const json& fault : faults) {
      ASSERT_TRUE(emulator.emulator().faults().Add(fault).has_value());
    }
    Play(emulator, random);
    EXPECT_TRUE(emulator.RunUntilIdle()) << "seed " << seed;
    const std::string violation = Check(emulator);
    if (violation.empty()) continue;
    ++failures;
    ADD_FAILURE() << "seed " << seed << ": " << violation << "\nfaults " << json(faults).dump();
  }
}

TEST(WorkloadExactlyOnceTest, TheClassicControlPlaneKeepsItToo) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed, "world");
    Config config = DrawConfig(random, seed);
    config.control_plane = ControlPlane::kClassic;
    TestEmulator emulator(config);
    Play(emulator, random);
    EXPECT_TRUE(emulator.RunUntilIdle()) << "seed " << seed;
    EXPECT_EQ(Check(emulator), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace kless::testing
