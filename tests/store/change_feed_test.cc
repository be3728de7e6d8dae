#include "store/change_feed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

using std::chrono::seconds;

// One line per record: "3 MODIFY s old>new".
std::vector<std::string> Lines(const std::vector<RecordPtr>& records) {
  std::vector<std::string> lines;
  for (const RecordPtr& record : records) {
    lines.push_back(std::to_string(record->sequence) + " " + ChangeTypeName(record->type) + " " +
                    record->key.sort + " " +
                    (record->old_image ? record->old_image->document : "-") + ">" +
                    (record->new_image ? record->new_image->document : "-"));
  }
  return lines;
}

TEST(ChangeFeedTest, EveryWriteIsARecordWithItsImages) {
  StoreFixture store;
  Table& table = store.MakeTable();
  store.Sleep(seconds(5));
  table.Put(MakeItem("p", "s", "1"), Condition::None()).value();
  table.Put(MakeItem("p", "s", "2"), Condition::None()).value();
  table.Remove({"p", "s"}, Condition::None()).value();
  table.Put(MakeItem("p", "s", "3"), Condition::None()).value();
  EXPECT_EQ(store->feed().Latest(), 0u);
  EXPECT_TRUE(store->feed().Read(0, 10).value().empty());
  store->EndTurn();
  EXPECT_EQ(store->feed().Latest(), 4u);
  const auto records = store->feed().Read(0, 10).value();
  EXPECT_EQ(Lines(records), (std::vector<std::string>{"1 INSERT s ->1", "2 MODIFY s 1>2",
                                                      "3 REMOVE s 2>-", "4 INSERT s ->3"}));
  EXPECT_EQ(records[0]->table, 2);
  EXPECT_EQ(records[0]->shard, ShardOf("p", 4));
  EXPECT_EQ(records[0]->unix_nanos, VirtualEventLoop::kDefaultUnixEpochNanos + 5'000'000'000);
  EXPECT_EQ(records[1]->old_image->version, 1u);
}

TEST(ChangeFeedTest, RecordsReadFromTheFileAreThoseOfTheRing) {
  TemporaryFolder folder;
  StoreFixture store(StoreFixture::File(folder.File("kless.db")));
  Table& table = store.MakeTable();
  for (int i = 0; i < 50; ++i) {
    const std::string sort = std::to_string(i % 7);
    if (i % 5 == 4) {
      table.Remove({"p", sort}, Condition::None()).value();
    } else {
      table.Put(MakeItem("p", sort, "v" + std::to_string(i)), Condition::None()).value();
    }
    if (i % 3 == 0) store->EndTurn();
  }
  store->EndTurn();
  const auto before = Lines(store->feed().Read(0, 1000).value());
  store.Reopen();
  EXPECT_EQ(Lines(store->feed().Read(0, 1000).value()), before);
  const auto records = store->feed().Read(10, 5).value();
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records.front()->sequence, 11u);
  EXPECT_EQ(records.front()->shard, ShardOf("p", 4));
}

TEST(ChangeFeedTest, AReadCrossesFromTheFileIntoTheRing) {
  StoreOptions options = StoreFixture::Memory();
  options.ring_records = 10;
  StoreFixture store(options);
  Table& table = store.MakeTable();
  for (int i = 1; i <= 30; ++i) {
    table.Put(MakeItem("p", "s", std::to_string(i)), Condition::None()).value();
    store->EndTurn();
  }
  for (std::uint64_t after = 0; after <= 30; ++after) {
    const auto records = store->feed().Read(after, 8).value();
    ASSERT_EQ(records.size(), std::min<std::size_t>(8, 30 - after)) << after;
    for (std::size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(records[i]->sequence, after + 1 + i);
      EXPECT_EQ(records[i]->new_image->document, std::to_string(after + 1 + i));
    }
  }
  EXPECT_TRUE(store->feed().Read(31, 8).value().empty());
  EXPECT_TRUE(store->feed().Read(UINT64_MAX, 8).value().empty());
  EXPECT_EQ(store->feed().Read(0, 0).error().code, ErrorCode::kInvalidArgument);
}

Task<> NoteWait(StoreFixture& store, std::uint64_t after, std::optional<TimePoint> deadline,
                std::string name, std::vector<std::string>& notes) {
  const bool there = co_await store->feed().WaitBeyond(after, deadline);
  notes.push_back(name + (there ? " record" : " deadline") + " at " +
                  std::to_string(store->feed().Latest()) + " after " +
                  std::to_string(store.event_loop().Now().time_since_epoch() / seconds(1)) + " s");
}

TEST(ChangeFeedTest, ReadersWakeInTheOrderInWhichTheyBeganToWaitAndAfterTheCommit) {
  StoreFixture store;
  Table& table = store.MakeTable();
  std::vector<std::string> notes;
  for (const char* name : {"a", "b", "c"}) {
    Spawn(store.event_loop(), name, NoteWait(store, 0, std::nullopt, name, notes));
  }
  Spawn(store.event_loop(), "far", NoteWait(store, 2, std::nullopt, "far", notes));
  Spawn(store.event_loop(), "late", NoteWait(store, 1, TimePoint(seconds(1)), "late", notes));
  store.event_loop().CallAt(TimePoint(seconds(2)),
                            [&] { table.Put(MakeItem("p", "s", "1"), Condition::None()).value(); });
  store.event_loop().CallAt(TimePoint(seconds(3)), [&] {
    table.Put(MakeItem("p", "s", "2"), Condition::None()).value();
    table.Put(MakeItem("p", "s", "3"), Condition::None()).value();
  });
  store.Run();
  EXPECT_EQ(notes,
            (std::vector<std::string>{"late deadline at 0 after 1 s", "a record at 1 after 2 s",
                                      "b record at 1 after 2 s", "c record at 1 after 2 s",
                                      "far record at 3 after 3 s"}));
  notes.clear();
  Spawn(store.event_loop(), "now", NoteWait(store, 2, std::nullopt, "now", notes));
  store.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"now record at 3 after 3 s"}));
}

Task<> NoteCommitted(StoreFixture& store, std::vector<std::string>& notes) {
  co_await store->Committed();
  notes.push_back("committed at " + std::to_string(store->feed().Latest()));
}

TEST(ChangeFeedTest, CommittedCompletesAtOnceOrWithTheTurn) {
  StoreFixture store;
  std::vector<std::string> notes;
  Spawn(store.event_loop(), "idle", NoteCommitted(store, notes));
  store.Run();
  EXPECT_EQ(notes.size(), 1u);
  store.event_loop().Post([&] {
    store->resources().Put({"pod", "d/a"}, "{}", Condition::None()).value();
    Spawn(store.event_loop(), "writer", NoteCommitted(store, notes));
    store->SaveValue("x", "1");
  });
  store.Run();
  EXPECT_EQ(notes, (std::vector<std::string>{"committed at 0", "committed at 1"}));
  EXPECT_EQ(store->Stats().commits, 1u);
}

TEST(ChangeFeedTest, TheStoreMayGoWhileReadersWait) {
  StoreFixture store;
  std::vector<std::string> notes;
  Table& table = store.MakeTable();
  Spawn(store.event_loop(), "waiter", NoteWait(store, 10, std::nullopt, "waiter", notes));
  Spawn(store.event_loop(), "woken", NoteWait(store, 0, std::nullopt, "woken", notes));
  store.Run();
  // The commit made it ready, but the store is destroyed before it runs.
  table.Put(MakeItem("p", "s", "1"), Condition::None()).value();
  store->EndTurn();
  store.Close();
  store.Run();
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(store.event_loop().failed_tasks(), 0u);
}

TEST(ChangeFeedTest, PositionAtIsTheNewestRecordUpToATime) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  options.ring_records = 4;
  StoreFixture store(options);
  const std::int64_t start = store->UnixNanos();
  const auto second = [start](double s) { return start + static_cast<std::int64_t>(s * 1e9); };
  for (int i = 1; i <= 10; ++i) {
    store.Sleep(seconds(1));
    store->resources().Put({"pod", "d/a"}, std::to_string(i), Condition::None()).value();
    store->EndTurn();
  }
  const auto check = [&] {
    EXPECT_EQ(store->feed().PositionAt(second(0.5)), 0u);
    EXPECT_EQ(store->feed().PositionAt(second(1)), 1u);
    EXPECT_EQ(store->feed().PositionAt(second(3.5)), 3u);
    EXPECT_EQ(store->feed().PositionAt(second(9.9)), 9u);
    EXPECT_EQ(store->feed().PositionAt(second(100)), 10u);
  };
  check();
  store.Reopen();
  check();
  store->Trim(4, 4);
  store->EndTurn();
  EXPECT_EQ(store->feed().PositionAt(second(1)), 4u);
  EXPECT_EQ(store->feed().PositionAt(second(5.5)), 5u);
}

TEST(ChangeFeedTest, AShardIsStableAndWithinBounds) {
  EXPECT_EQ(ShardOf("pod", 1), 0);
  for (int shards = 1; shards < 50; ++shards) {
    const int shard = ShardOf("default/pi-" + std::to_string(shards), shards);
    EXPECT_GE(shard, 0);
    EXPECT_LT(shard, shards);
  }
  // Checkpoints and traces depend on these values.
  EXPECT_EQ(ShardOf("job", 4), ShardOf("job", 4));
}

TEST(ChangeFeedTest, RecordsOfOneTableAreReadFromFileAndRingWithoutTheOthers) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  options.ring_records = 16;
  StoreFixture store(options);
  Table& mine = store.MakeTable("mine");
  Table& other = store.MakeTable("other");
  for (int i = 1; i <= 60; ++i) {
    Table& table = i % 3 == 0 ? mine : other;
    table.Put(MakeItem("p" + std::to_string(i), "1", "text"), {}).value();
  }
  store->EndTurn();
  const int id = mine.description().id;
  std::uint64_t seen = 0;
  const auto all = store->feed().ReadTable(id, 0, UINT64_MAX, 100, UINT64_MAX, &seen).value();
  ASSERT_EQ(all.size(), 20u);
  EXPECT_EQ(all.front()->sequence, 3u);
  EXPECT_EQ(all.back()->sequence, 60u);
  EXPECT_EQ(all[3]->new_image->document, "text");
  EXPECT_EQ(seen, 60u);
  EXPECT_EQ(store->feed().ReadTable(id, 0, 50, 4, UINT64_MAX, &seen).value().size(), 4u);
  EXPECT_EQ(seen, 12u);
  EXPECT_EQ(store->feed().ReadTable(id, 12, 50, 100, 10, &seen).value().size(), 3u);
  EXPECT_EQ(seen, 22u);
  EXPECT_EQ(store->feed().ReadTable(id, 43, 50, 100, 100, &seen).value().size(), 2u);
  EXPECT_EQ(seen, 50u);
  store->Trim(30, 30);
  EXPECT_EQ(store->feed().ReadTable(id, 12, 50, 100, 10, &seen).error().code, ErrorCode::kGone);
}

TEST(ChangeFeedTest, AnExpiredItemsRecordSaysSoAlsoAfterARestart) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  StoreFixture store(options);
  Table& table = store.MakeTable();
  const std::uint64_t version = table.Put(MakeItem("a", "1", "text"), {}).value().version;
  table.Put(MakeItem("b", "1", "text"), {}).value();
  EXPECT_TRUE(table.RemoveExpired({"a", "1"}, Condition::VersionIs(version + 5)).has_error());
  table.RemoveExpired({"a", "1"}, Condition::VersionIs(version)).value();
  table.Remove({"b", "1"}, {}).value();
  store->EndTurn();
  const auto check = [&] {
    const auto records = store->feed().Read(2, 10).value();
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0]->type, ChangeType::kRemove);
    EXPECT_TRUE(records[0]->expired);
    EXPECT_EQ(records[0]->old_image->document, "text");
    EXPECT_FALSE(records[1]->expired);
  };
  check();
  store.Reopen();
  check();
  store->Trim(10, 4);
  store->EndTurn();
  store.Close();
  EXPECT_EQ(SqliteConnection(options.path).QueryInteger("SELECT count(*) FROM changes"), 0);
}

}  // namespace
}  // namespace kless
