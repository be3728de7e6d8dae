#include "store/invocation_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

using std::chrono::hours;

InvocationRecord Record(const std::string& function, std::int64_t requested) {
  InvocationRecord record;
  record.function = function;
  record.request_id = "id-" + function;
  record.environment = "env-1";
  record.start = StartKind::kCold;
  record.trigger = "mapping";
  record.requested_unix_nanos = requested;
  record.queued = 1'234'567;
  record.init = 450'000'000;
  record.run = 86'400'000'000'001;
  record.store = 7;
  record.billed = 1'000'000;
  record.memory_mb = 128;
  record.throttles = 2;
  record.outcome = "error";
  record.error = "it broke";
  record.caused_by = {3, 5, 18446744073709551615ull};
  return record;
}

TEST(InvocationLogTest, ARowComesBackAsItWasWritten) {
  StoreFixture store;
  InvocationLog& log = store->invocations();
  EXPECT_EQ(log.LatestId(), 0u);
  log.Append(Record("f", 42));
  InvocationRecord second = Record("g", 43);
  second.start = StartKind::kWaited;
  second.caused_by.clear();
  log.Append(second);
  EXPECT_EQ(log.LatestId(), 2u);
  const auto rows = log.Read("", 0, 10);
  ASSERT_EQ(rows.size(), 2u);
  const InvocationRecord& row = rows[0];
  const InvocationRecord expected = Record("f", 42);
  EXPECT_EQ(row.id, 1u);
  EXPECT_EQ(row.function, expected.function);
  EXPECT_EQ(row.request_id, expected.request_id);
  EXPECT_EQ(row.environment, expected.environment);
  EXPECT_EQ(row.start, expected.start);
  EXPECT_EQ(row.trigger, expected.trigger);
  EXPECT_EQ(row.requested_unix_nanos, 42);
  EXPECT_EQ(row.queued, expected.queued);
  EXPECT_EQ(row.init, expected.init);
  EXPECT_EQ(row.run, expected.run);
  EXPECT_EQ(row.store, expected.store);
  EXPECT_EQ(row.billed, expected.billed);
  EXPECT_EQ(row.memory_mb, 128);
  EXPECT_EQ(row.throttles, 2);
  EXPECT_EQ(row.outcome, "error");
  EXPECT_EQ(row.error, "it broke");
  EXPECT_EQ(row.caused_by, expected.caused_by);
  EXPECT_EQ(rows[1].start, StartKind::kWaited);
  EXPECT_TRUE(rows[1].caused_by.empty());
}

TEST(InvocationLogTest, RowsAreReadByFunctionAndPosition) {
  StoreFixture store;
  InvocationLog& log = store->invocations();
  for (int i = 0; i < 10; ++i) log.Append(Record(i % 2 ? "odd" : "even", i));
  const auto odd = log.Read("odd", 4, 2);
  ASSERT_EQ(odd.size(), 2u);
  EXPECT_EQ(odd[0].id, 6u);
  EXPECT_EQ(odd[1].id, 8u);
  EXPECT_TRUE(log.Read("none", 0, 10).empty());
  EXPECT_TRUE(log.Read("", UINT64_MAX, 10).empty());
  EXPECT_EQ(log.Read("", 7, 100).size(), 3u);

  const auto newest = log.ReadBackwards("", UINT64_MAX, 3);
  ASSERT_EQ(newest.size(), 3u);
  EXPECT_EQ(newest[0].id, 10u);
  EXPECT_EQ(newest[2].id, 8u);
  const auto even = log.ReadBackwards("even", 7, 2);
  ASSERT_EQ(even.size(), 2u);
  EXPECT_EQ(even[0].id, 5u);
  EXPECT_EQ(even[1].id, 3u);
  EXPECT_TRUE(log.ReadBackwards("", 1, 10).empty());
  EXPECT_TRUE(log.ReadBackwards("none", UINT64_MAX, 10).empty());
}

TEST(InvocationLogTest, TrimDeletesWhatIsBeyondTheCountOrTooOld) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  options.retention_age = hours(1);
  StoreFixture store(options);
  for (int i = 0; i < 10; ++i) store->invocations().Append(Record("f", store->UnixNanos()));
  store->invocations().Trim(6);
  EXPECT_EQ(store->invocations().Read("", 0, 100).front().id, 5u);
  store.Sleep(hours(2));
  store->invocations().Append(Record("f", store->UnixNanos()));
  store->invocations().Trim(6);
  EXPECT_EQ(store->invocations().Read("", 0, 100).size(), 1u);
  store->invocations().Trim(0);
  store->EndTurn();
  store.Reopen();
  EXPECT_EQ(store->invocations().LatestId(), 11u);
}

TEST(InvocationLogTest, RowsAreReadableColumnsForSqlUsers) {
  TemporaryFolder folder;
  StoreFixture store(StoreFixture::File(folder.File("kless.db")));
  store->invocations().Append(Record("f", 42));
  store->EndTurn();
  SqliteConnection user(folder.File("kless.db"));
  EXPECT_EQ(
      user.QueryText("SELECT start || ' ' || init_ms || ' ' || queued_ms || ' ' || outcome || "
                     "' ' || json_extract(caused_by, '$[1]') FROM invocations"),
      "cold 450.0 1.234567 error 5");
}

}  // namespace
}  // namespace kless
