// CPU time of the store's operations, including the checkpoint thread.  Budget: at most
// 30 us per write at 64 writes per commit, with documents of 1.5 KB, random keys, durability
// normal.

#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "store/store.h"

namespace kless {
namespace {

constexpr int kWritesPerCommit = 64;

// A store in a file of its own, with `items` pods in it.
class World {
 public:
  explicit World(int items, Durability durability = Durability::kNormal,
                 KeyLayout layout = KeyLayout::kTypeName) {
    std::string pattern = (std::filesystem::temp_directory_path() / "kless-bench-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    StoreOptions options;
    options.path = folder_ + "/kless.db";
    options.durability = durability;
    options.key_layout = layout;
    store_ = std::move(Store::Open(event_loop_, options).value());
    for (int i = 0; i < items; ++i) {
      Write(i, {});
      if (i % kWritesPerCommit == kWritesPerCommit - 1) store_->EndTurn();
    }
    store_->EndTurn();
  }
  ~World() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::string Name(std::uint64_t i) {
    // Consecutive numbers are far apart in the order of keys.
    return "default/pod-" + std::to_string(100'000'000 + i * 7'919'231 % 900'000'000);
  }
  void Write(std::uint64_t i, const std::string& owner) {
    const std::string name = Name(i);
    if (name_at_ == 0 || owner != owner_) MakeTemplate(owner);
    std::string document = template_;
    document.replace(name_at_, 9, name, 12, 9);
    // Differs at every call.
    document.replace(uid_at_, 16, std::to_string(1'000'000'000'000'000 + ++written_));
    store_->resources().Put({"pod", name}, std::move(document), {}).value();
  }

  Store& store() { return *store_; }
  Random& random() { return random_; }

 private:
  // A pod of 1.5 KB, with nine characters of its name and sixteen of its uid to be filled in.
  void MakeTemplate(const std::string& owner) {
    owner_ = owner;
    std::string text = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod-")";
    name_at_ = text.size() - 1;
    text.insert(name_at_, "123456789");
    text += R"(,"namespace":"default","uid":"0b2ad3e8-9ad1-4a6b-8")";
    uid_at_ = text.size() - 1;
    text.insert(uid_at_, "1234567890123456");
    text += R"(,"creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"pi",)"
            R"("batch.kubernetes.io/job-name":"pi","job-name":"pi"},)"
            R"("finalizers":["batch.kubernetes.io/job-tracking"])";
    if (!owner.empty()) {
      text += R"(,"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"pi","uid":")" +
              owner + R"(","controller":true,"blockOwnerDeletion":true}])";
    }
    text += R"(},"spec":{"restartPolicy":"Never","schedulerName":"default-scheduler","containers":)"
            R"([{"name":"pi","image":"perl:5.34","command":["perl","-Mbignum=bpi","-wle"],)"
            R"("resources":{"requests":{"cpu":"100m","memory":"64Mi"}},"env":[)";
    for (int i = 0; text.size() < 1400; ++i) {
      if (i > 0) text += ',';
      text += R"({"name":"VARIABLE_)" + std::to_string(i) + R"(","value":"some value"})";
    }
    template_ = text + R"(]}]},"status":{"phase":"Pending","conditions":[]}})";
  }

  std::string template_;
  std::string owner_;
  std::size_t name_at_ = 0;
  std::size_t uid_at_ = 0;
  std::uint64_t written_ = 0;
  std::string folder_;
  asio::io_context context_{1};
  VirtualEventLoop event_loop_{context_};
  std::unique_ptr<Store> store_;
  Random random_{1, "store-bench"};
};

World& SharedWorld(int items) {
  static int made = -1;
  static std::unique_ptr<World> world;
  if (made != items) {
    world.reset();
    world = std::make_unique<World>(items);
    made = items;
  }
  return *world;
}

void WriteLoop(benchmark::State& state, World& world, std::uint64_t items,
               const std::string& owner) {
  int in_commit = 0;
  for (auto _ : state) {
    world.Write(world.random().Below(items), owner);
    if (++in_commit == kWritesPerCommit) {
      world.store().EndTurn();
      in_commit = 0;
    }
  }
  world.store().EndTurn();
}

void BM_WriteRandomKey(benchmark::State& state) {
  World& world = SharedWorld(static_cast<int>(state.range(0)));
  WriteLoop(state, world, static_cast<std::uint64_t>(state.range(0)), {});
}
BENCHMARK(BM_WriteRandomKey)->Arg(1000)->Arg(100'000)->MeasureProcessCPUTime();

void BM_WriteOwnedRandomKey(benchmark::State& state) {
  World& world = SharedWorld(static_cast<int>(state.range(0)));
  WriteLoop(state, world, static_cast<std::uint64_t>(state.range(0)), "job-uid");
}
BENCHMARK(BM_WriteOwnedRandomKey)->Arg(100'000)->MeasureProcessCPUTime();

void BM_WriteInMemory(benchmark::State& state) {
  World world(10'000, Durability::kMemory);
  WriteLoop(state, world, 10'000, {});
}
BENCHMARK(BM_WriteInMemory)->MeasureProcessCPUTime();

// Each write has a turn of its own, as in virtual time.
void BM_TurnOfOneWrite(benchmark::State& state) {
  World world(10'000, static_cast<Durability>(state.range(0)));
  for (auto _ : state) {
    world.Write(world.random().Below(10'000), {});
    world.store().EndTurn();
  }
}
BENCHMARK(BM_TurnOfOneWrite)
    ->Arg(static_cast<int>(Durability::kNormal))
    ->Arg(static_cast<int>(Durability::kScratch))
    ->Arg(static_cast<int>(Durability::kMemory))
    ->MeasureProcessCPUTime();

void BM_WriteNameTypeLayout(benchmark::State& state) {
  World world(10'000, Durability::kNormal, KeyLayout::kNameType);
  WriteLoop(state, world, 10'000, {});
}
BENCHMARK(BM_WriteNameTypeLayout)->MeasureProcessCPUTime();

void BM_ReadRandomKey(benchmark::State& state) {
  World& world = SharedWorld(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const std::uint64_t i = world.random().Below(static_cast<std::uint64_t>(state.range(0)));
    benchmark::DoNotOptimize(world.store().resources().Get({"pod", World::Name(i)}).value());
  }
}
BENCHMARK(BM_ReadRandomKey)->Arg(1000)->Arg(100'000);

void BM_ListPageOf500(benchmark::State& state) {
  World& world = SharedWorld(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        world.store().resources().List("pod", "default/", "default/pod-5", 500).value());
  }
}
BENCHMARK(BM_ListPageOf500)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void BM_OwnedBy100(benchmark::State& state) {
  World world(1000);
  for (std::uint64_t i = 0; i < 100; ++i) world.Write(i, "job-uid");
  world.store().EndTurn();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        world.store().resources().OwnedBy("pod", "job-uid", UINT64_MAX).value());
  }
}
BENCHMARK(BM_OwnedBy100)->Unit(benchmark::kMicrosecond);

// Trims while writing, as the daemon does: one record is trimmed for each one written.
void BM_WriteAndTrim(benchmark::State& state) {
  World world(100'000);
  int in_commit = 0;
  for (auto _ : state) {
    world.Write(world.random().Below(100'000), {});
    if (++in_commit < kWritesPerCommit) continue;
    world.store().EndTurn();
    in_commit = 0;
    world.store().Trim(kWritesPerCommit, world.store().feed().Latest());
  }
  world.store().EndTurn();
}
BENCHMARK(BM_WriteAndTrim)->MeasureProcessCPUTime();

std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  statm >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// Run once: 1,000,000 writes on 100,000 keys; the budget is a ratio of at most 1.1.
void BM_ResidentMemory(benchmark::State& state) {
  World world(0);
  double early = 1;
  for (auto _ : state) {
    for (int i = 1; i <= 1'000'000; ++i) {
      world.Write(world.random().Below(100'000), "job-" + std::to_string(i % 1000));
      if (i % kWritesPerCommit == 0) world.store().EndTurn();
      if (i == 200'000) early = static_cast<double>(ResidentBytes());
    }
    world.store().EndTurn();
  }
  const auto late = static_cast<double>(ResidentBytes());
  state.counters["rss_mb_at_200000"] = early / 1e6;
  state.counters["rss_mb_at_1000000"] = late / 1e6;
  state.counters["ratio"] = late / early;
}
BENCHMARK(BM_ResidentMemory)->Iterations(1)->Unit(benchmark::kSecond)->MeasureProcessCPUTime();

}  // namespace
}  // namespace kless
