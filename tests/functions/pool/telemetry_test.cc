// The observer's notifications, compared with the rows that the world stores anyway, and with times
// calculated by hand.
#include "functions/pool/telemetry.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <tuple>

#include "tests/functions/pool/mapping/mapping_world.h"

namespace kless {
namespace {

class Notes final : public Telemetry {
 public:
  void OnVisible(const ChangeRecord& record, TimePoint visible_at) override {
    visible.emplace_back(record.sequence, visible_at);
  }
  void OnWorkStarted(const WorkTrace& work) override { works.push_back(work); }
  void OnWrite(const WriteTrace& write) override { writes.push_back(write); }
  void OnEnvironments(TimePoint at, const std::string& function,
                      const EnvironmentCounts& counts) override {
    environments.emplace_back(at, function + " " + std::to_string(counts.initializing) +
                                      std::to_string(counts.busy) + std::to_string(counts.idle));
  }
  void OnThrottle(TimePoint at, const std::string& function) override {
    throttles.emplace_back(at, function);
  }
  void OnStoreCall(bool write, std::uint64_t items) override { calls.emplace_back(write, items); }

  // States of environments, without those that lasted no time.
  std::vector<std::pair<int, std::string>> States() const {
    std::vector<std::pair<int, std::string>> states;
    for (const auto& [at, text] : environments) {
      const int ms = static_cast<int>(ToMilliseconds(at.time_since_epoch()));
      if (!states.empty() && states.back().first == ms) states.pop_back();
      if (!states.empty() && states.back().second == text) continue;
      states.emplace_back(ms, text);
    }
    return states;
  }

  std::vector<std::pair<std::uint64_t, TimePoint>> visible;
  std::vector<WorkTrace> works;
  std::vector<WriteTrace> writes;
  std::vector<std::pair<TimePoint, std::string>> environments;
  std::vector<std::pair<TimePoint, std::string>> throttles;
  std::vector<std::pair<bool, std::uint64_t>> calls;
};

using States = std::vector<std::pair<int, std::string>>;

class ObservedWorld : public FunctionWorld {
 public:
  explicit ObservedWorld(Notes& notes, int account_concurrency = 1000, LatencyProfile latency = {})
      : FunctionWorld(account_concurrency, std::move(latency), 1, InMemory(), &notes) {}
};

TEST(TelemetryTest, EnvironmentsAreReportedAfterEachChange) {
  Notes notes;
  ObservedWorld world(notes);
  FunctionConfig config = FunctionWorld::ColdStartOf(milliseconds(450));
  config.keep_alive = seconds(10);
  world.Register("f", FunctionWorld::Sleeper(milliseconds(50)), config);
  world.InvokeAt(seconds(0), "f");
  world.InvokeAt(seconds(1), "f");
  world.RunUntil(seconds(60));
  const States expected = {{0, "f 100"},    {450, "f 010"},  {500, "f 001"},
                           {1000, "f 010"}, {1050, "f 001"}, {11050, "f 000"}};
  EXPECT_EQ(notes.States(), expected);
}

TEST(TelemetryTest, AResetACrashAndATimeoutAreChangesToo) {
  Notes notes;
  ObservedWorld world(notes);
  FunctionConfig config = FunctionWorld::ColdStartOf(milliseconds(100));
  config.timeout = seconds(1);
  world.Register("f", FunctionWorld::Sleeper(seconds(5)), config);
  ASSERT_EQ(world.pool->Warm("f", 2).value(), 2);
  world.RunUntil(milliseconds(200));
  world.InvokeAt(milliseconds(300), "f");
  world.event_loop.CallAt(TimePoint(milliseconds(400)),
                          [&] { EXPECT_EQ(world.pool->Reset("f").value(), 2); });
  world.RunUntil(seconds(3));
  const States expected = {
      {0, "f 200"}, {100, "f 002"}, {300, "f 011"}, {400, "f 010"}, {1300, "f 000"}};
  EXPECT_EQ(notes.States(), expected);
}

TEST(TelemetryTest, TheLastReportIsWhatThePoolCounts) {
  Notes notes;
  ObservedWorld world(notes, 3);
  world.Register("f", FunctionWorld::Sleeper(milliseconds(70)),
                 FunctionWorld::ColdStartOf(milliseconds(100)));
  for (int i = 0; i < 40; ++i) world.InvokeAt(milliseconds(17 * i), "f");
  for (int ms = 1; ms < 900; ms += 13) {
    world.RunUntil(milliseconds(ms));
    const FunctionStats stats = world.Stats("f");
    EXPECT_EQ(notes.environments.back().second, "f " + std::to_string(stats.initializing) +
                                                    std::to_string(stats.busy) +
                                                    std::to_string(stats.idle));
  }
  EXPECT_EQ(notes.throttles.size(), world.Stats("f").throttles);
  EXPECT_GT(notes.throttles.size(), 0U);
}

TEST(TelemetryTest, WorkIsReportedAsItStartsWithWhatTheLogSaysOfIt) {
  Notes notes;
  ObservedWorld world(notes);
  world.Register("f", FunctionWorld::Sleeper(milliseconds(50)),
                 FunctionWorld::ColdStartOf(milliseconds(450)));
  InvokeOptions options;
  options.requested_at = TimePoint(milliseconds(20));
  options.throttles = 3;
  world.InvokeAt(TimePoint(milliseconds(100)), "f", options);
  world.InvokeAt(milliseconds(200), "f");   // takes the first one's environment
  world.InvokeAt(milliseconds(2000), "f");  // warm
  world.RunUntil(seconds(3));
  const auto rows = world.Rows("f");
  ASSERT_EQ(rows.size(), 3U);
  ASSERT_EQ(notes.works.size(), 3U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(notes.works[i].work, rows[i].request_id);
    EXPECT_EQ(notes.works[i].place, rows[i].environment);
    EXPECT_EQ(notes.works[i].start, rows[i].start);
    EXPECT_EQ(notes.works[i].throttles, rows[i].throttles);
    EXPECT_EQ((notes.works[i].admitted_at - notes.works[i].requested_at).count(), rows[i].queued);
    EXPECT_EQ((notes.works[i].started_at - notes.works[i].admitted_at).count(), rows[i].init);
  }
  EXPECT_EQ(notes.works[0].requested_at, TimePoint(milliseconds(20)));
  EXPECT_EQ(notes.works[0].admitted_at, TimePoint(milliseconds(100)));
  EXPECT_EQ(notes.works[0].started_at, TimePoint(milliseconds(550)));
  EXPECT_EQ(notes.works[1].start, StartKind::kWaited);
  EXPECT_EQ(notes.works[1].started_at, TimePoint(milliseconds(600)));
  EXPECT_EQ(notes.works[2].start, StartKind::kWarm);
}

TEST(TelemetryTest, EveryRefusalIsReported) {
  Notes notes;
  ObservedWorld world(notes, 1);
  world.Register("f", FunctionWorld::Sleeper(seconds(1)));
  world.InvokeAt(milliseconds(0), "f");
  world.InvokeAt(milliseconds(500), "f");
  world.InvokeAt(milliseconds(600), "f");
  world.RunUntil(seconds(2));
  const std::vector<std::pair<TimePoint, std::string>> expected = {
      {TimePoint(milliseconds(500)), "f"}, {TimePoint(milliseconds(600)), "f"}};
  EXPECT_EQ(notes.throttles, expected);
}

// Get, two puts, compute, then the next resource: get and one transaction.
Task<Result<std::string>> TwoResources(std::shared_ptr<InvocationContext> context) {
  StoreClient& store = context->store;
  const ResourceId a{"pod", "default/a"};
  const ResourceId b{"pod", "default/b"};
  const ResourceId c{"pod", "default/c"};
  store.BeginReconcile();
  const auto missing = co_await store.Get(a);
  if (missing.has_value()) co_return std::string("there already");
  const auto first = co_await store.Put(a, "{}", Condition::NotExists());
  const auto same = co_await store.Put(a, "{}", Condition::None());
  const auto refused = co_await store.Put(a, "{}", Condition::NotExists());
  const auto computed = co_await store.Compute(milliseconds(4));
  if (first.has_error() || same.has_error() || refused.has_value() || computed.has_error()) {
    co_return MakeError(ErrorCode::kInternal, "not as expected");
  }
  co_await context->event_loop.SleepFor(milliseconds(1));
  store.BeginReconcile();
  std::vector<StoreClient::Action> actions(3);
  actions[0].kind = TransactItem::Kind::kCheck;
  actions[0].id = a;
  actions[0].condition = Condition::VersionIs(first.value().version);
  actions[1].id = b;
  actions[1].document = "{}";
  actions[1].condition = Condition::NotExists();
  actions[2].id = c;
  actions[2].document = R"({"c":1})";
  const auto written = co_await store.Transact(std::move(actions));
  if (written.has_error()) co_return written.error();
  const auto removed = co_await store.Remove(b, Condition::None());
  if (removed.has_error()) co_return removed.error();
  const auto rows = co_await store.OwnedBy("pod", "unknown");
  if (rows.has_error()) co_return rows.error();
  co_return std::string("done");
}

TEST(TelemetryTest, EachWriteSaysWhatItDidAndWhereTheTimeWent) {
  LatencyProfile profile;
  profile.store_read = Distribution::Constant(milliseconds(3));
  profile.store_write = Distribution::Constant(milliseconds(5));
  profile.store_request_cpu = Distribution::Constant(milliseconds(2));
  profile.first_request_cpu = Distribution::Constant(milliseconds(100));
  Notes notes;
  ObservedWorld world(notes, 10, profile);
  FunctionConfig config;
  config.memory_mb = kMemoryMbPerVcpu;
  world.Register(
      "f", [](auto, auto context) { return TwoResources(context); }, config);
  const auto outcome = world.InvokeAt(seconds(0), "f");
  world.RunUntil(seconds(1));
  ASSERT_TRUE(outcome->done);
  ASSERT_TRUE(outcome->result.payload.has_value()) << outcome->result.payload.error().message;
  EXPECT_EQ(outcome->result.payload.value(), "done");

  // Get 105, put 7, put 7, put 7, compute 4, sleep 1; transaction 7, removal 7, query 5.
  ASSERT_EQ(notes.writes.size(), 5U);
  const auto check = [&](std::size_t index, const char* name, int at, int began, int store,
                         int compute, int first) {
    const WriteTrace& write = notes.writes[index];
    EXPECT_EQ(write.work, outcome->result.request_id);
    EXPECT_EQ(write.id.name, name) << index;
    EXPECT_EQ(write.at, TimePoint(milliseconds(at))) << index;
    EXPECT_EQ(write.reconcile_began_at, TimePoint(milliseconds(began))) << index;
    EXPECT_EQ(write.spent.store, milliseconds(store)) << index;
    EXPECT_EQ(write.spent.compute, milliseconds(compute)) << index;
    EXPECT_EQ(write.spent.first_request, milliseconds(first)) << index;
    EXPECT_EQ(write.spent.throttle, Duration::zero());
  };
  check(0, "default/a", 112, 0, 8, 4, 100);
  check(1, "default/a", 119, 0, 13, 6, 100);
  check(2, "default/b", 138, 131, 5, 2, 0);
  check(3, "default/c", 138, 131, 5, 2, 0);
  check(4, "default/b", 145, 131, 10, 4, 0);
  std::vector<std::tuple<std::uint64_t, bool>> did;
  for (const WriteTrace& write : notes.writes) did.emplace_back(write.sequence, write.created);
  const std::vector<std::tuple<std::uint64_t, bool>> expected = {
      {1, true}, {0, false}, {2, true}, {3, true}, {4, false}};
  EXPECT_EQ(did, expected);
  const std::vector<std::pair<bool, std::uint64_t>> calls = {
      {false, 1}, {true, 1}, {true, 1}, {true, 1}, {true, 3}, {true, 1}, {false, 1}};
  EXPECT_EQ(notes.calls, calls);
}

Task<Result<std::string>> PutOne(std::shared_ptr<InvocationContext> context) {
  const ResourceId id{"pod", "default/" + context->request_id};
  const auto written = co_await context->store.Put(id, "{}", Condition::None());
  if (written.has_error()) co_return written.error();
  co_return std::string("done");
}

TEST(TelemetryTest, AnInvocationResetsItsTimesAndAStallIsInNoneOfThem) {
  LatencyProfile profile;
  profile.store_write = Distribution::Constant(milliseconds(5));
  Notes notes;
  ObservedWorld world(notes, 10, profile);
  world.Register("f", [](auto, auto context) { return PutOne(context); });
  ASSERT_FALSE(world.faults.Add({{"kind", "stall"}, {"at", 2}, {"delay_ms", 40}}).has_error());
  world.InvokeAt(milliseconds(0), "f");
  world.InvokeAt(milliseconds(100), "f");
  world.RunUntil(seconds(1));
  ASSERT_EQ(notes.writes.size(), 2U);
  EXPECT_EQ(notes.writes[1].reconcile_began_at, TimePoint(milliseconds(100)));
  EXPECT_EQ(notes.writes[1].at, TimePoint(milliseconds(145)));
  EXPECT_EQ(notes.writes[1].spent.store, milliseconds(5));
}

TEST(TelemetryTest, AWriteBeforeACrashIsReportedAndOneThatNeverHappenedIsNot) {
  Notes notes;
  ObservedWorld world(notes);
  world.Register("f", [](auto, auto context) { return PutOne(context); });
  ASSERT_FALSE(world.faults.Add({{"kind", "crash_after"}, {"at", 1}}).has_error());
  ASSERT_FALSE(world.faults.Add({{"kind", "crash"}, {"at", 2}}).has_error());
  ASSERT_FALSE(world.faults.Add({{"kind", "store_error"}, {"at", 2}}).has_error());
  for (int i = 0; i < 4; ++i) world.InvokeAt(milliseconds(100 * i), "f");
  world.RunUntil(seconds(1));
  EXPECT_EQ(world.Stats("f").crashes, 2U);
  EXPECT_EQ(world.Stats("f").errors, 3U);  // the crashes, too
  EXPECT_EQ(notes.writes.size(), 2U);
  EXPECT_EQ(notes.calls.size(), 2U);
}

TEST(TelemetryTest, ARecordIsVisibleWhenItsPollEndsAndCausesTheWorkThatStartsThen) {
  LatencyProfile profile;
  profile.feed_delivery = Distribution::Constant(milliseconds(200));
  Notes notes;
  EventSourceMappingConfig config;
  config.filter = [](const ChangeRecord& record) { return record.key.sort != "1"; };
  MappingWorld world(config, 1, 1000, profile, FunctionWorld::InMemory(), 1, &notes);
  world.Start();
  world.PutAt(milliseconds(50), "0");
  world.PutAt(milliseconds(60), "1");  // filtered
  world.PutAt(milliseconds(70), "2");
  world.RunUntil(seconds(1));
  const std::vector<std::pair<std::uint64_t, TimePoint>> expected = {
      {1, TimePoint(milliseconds(250))}, {3, TimePoint(milliseconds(250))}};
  EXPECT_EQ(notes.visible, expected);
  ASSERT_EQ(notes.works.size(), 1U);
  EXPECT_EQ(notes.works[0].requested_at, TimePoint(milliseconds(250)));
  EXPECT_EQ(notes.works[0].caused_by, (std::vector<std::uint64_t>{1, 3}));
}

// Runs the same traffic with and without an observer.
std::vector<InvocationRecord> Traffic(Telemetry* telemetry) {
  LatencyProfile profile;
  profile.store_write = Distribution::FromJson({{"uniform_ms", {1, 9}}}).value();
  profile.feed_delivery = Distribution::FromJson({{"uniform_ms", {0, 250}}}).value();
  FunctionWorld world(3, profile, 7, FunctionWorld::InMemory(), telemetry);
  FunctionConfig config;
  config.init = Distribution::FromJson({{"uniform_ms", {50, 90}}}).value();
  world.Register(
      "f", [](auto, auto context) { return PutOne(context); }, config);
  for (int i = 0; i < 50; ++i) world.InvokeAt(milliseconds(3 * i), "f");
  world.RunUntil(seconds(5));
  return world.Rows();
}

TEST(TelemetryTest, AnObserverChangesNothing) {
  Notes notes;
  const auto observed = Traffic(&notes);
  const auto alone = Traffic(nullptr);
  ASSERT_EQ(observed.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(observed[i].request_id, alone[i].request_id);
    EXPECT_EQ(observed[i].run, alone[i].run);
    EXPECT_EQ(observed[i].init, alone[i].init);
  }
  EXPECT_FALSE(notes.works.empty());
}

}  // namespace
}  // namespace kless
