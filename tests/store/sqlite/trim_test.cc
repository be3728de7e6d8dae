#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::string ShowRecords(const RecordPtr& record) {
  return std::string(ChangeTypeName(record->type)) + " " + record->key.sort + " " +
         (record->old_image
              ? std::to_string(record->old_image->version) + ":" + record->old_image->document
              : "-") +
         ">" + (record->new_image ? record->new_image->document : "-");
}

// The expected contents of the store.
struct Model {
  std::map<std::string, std::pair<std::uint64_t, std::string>> items;  // sort -> version, document
  std::map<std::uint64_t, std::string> records;
};

void CheckAgainst(StoreFixture& store, Table& table, const Model& model) {
  for (const auto& [sort, expected] : model.items) {
    const auto item = table.Get({"p", sort});
    ASSERT_TRUE(item.has_value()) << sort;
    EXPECT_EQ(item.value()->version, expected.first);
    EXPECT_EQ(item.value()->document, expected.second);
  }
  EXPECT_EQ(table.CountItems(), model.items.size());
  const std::uint64_t low = store->feed().LowWaterMark();
  const auto records = store->feed().Read(low, 100'000).value();
  ASSERT_EQ(records.size(), store->feed().Latest() - low);
  for (const RecordPtr& record : records) {
    EXPECT_EQ(ShowRecords(record), model.records.at(record->sequence)) << record->sequence;
  }
}

// Random writes, removals, trims and restarts: no document that an item or a retained record needs
// is ever lost, and no other document stays in the file.
TEST(TrimTest, NoDocumentIsLostAndNoneIsKeptWithoutReason) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    TemporaryFolder folder;
    StoreOptions options = StoreFixture::File(folder.File("kless.db"));
    options.ring_records = 16;
    StoreFixture store(options);
    store.MakeTable();
    store->EndTurn();
    Random random(seed, "trim");
    Model model;
    for (int step = 0; step < 1500; ++step) {
      Table& table = *store->FindTable("table");
      const std::string sort = std::to_string(random.Below(20));
      const std::uint64_t what = random.Below(100);
      if (what < 75) {
        const bool remove = what < 20;
        const std::string document = "d" + std::to_string(step);
        const auto written = remove ? table.Remove({"p", sort}, Condition::None())
                                    : table.Put(MakeItem("p", sort, document), Condition::None());
        ASSERT_TRUE(written.has_value());
        const std::uint64_t version = written.value().version;
        if (!written.value().changed) continue;
        const auto old = model.items.find(sort);
        const std::string old_text =
            old == model.items.end() ? "-"
                                     : std::to_string(old->second.first) + ":" + old->second.second;
        const char* const type = remove ? "REMOVE" : old_text == "-" ? "INSERT" : "MODIFY";
        model.records[version] =
            std::string(type) + " " + sort + " " + old_text + ">" + (remove ? "-" : document);
        if (remove) {
          model.items.erase(sort);
        } else {
          model.items[sort] = {version, document};
        }
      } else if (what < 95) {
        store->EndTurn();
        const std::uint64_t low = store->feed().LowWaterMark();
        const std::uint64_t position = low + random.Below(40);
        const std::uint64_t trimmed = store->Trim(1 + random.Below(30), position);
        EXPECT_EQ(store->feed().LowWaterMark(), low + trimmed);
        EXPECT_LE(store->feed().LowWaterMark(), std::max(position, low));
      } else {
        store->EndTurn();
        store.Reopen();
        CheckAgainst(store, *store->FindTable("table"), model);
      }
    }
    store->EndTurn();
    CheckAgainst(store, *store->FindTable("table"), model);
    const std::uint64_t latest = store->feed().Latest();
    while (store->Trim(1000, latest) != 0) store->EndTurn();
    EXPECT_EQ(store->feed().LowWaterMark(), latest);
    store.Reopen();
    EXPECT_EQ(store->feed().Latest(), latest);  // Even if the last record was a removal.
    CheckAgainst(store, *store->FindTable("table"), model);
    store.Close();
    EXPECT_EQ(SqliteConnection(options.path).QueryInteger("SELECT count(*) FROM changes"),
              static_cast<std::int64_t>(model.items.size()));
  }
}

TEST(TrimTest, AReadBelowTheLowWaterMarkIsGone) {
  StoreFixture store;
  Table& table = store.MakeTable();
  for (int i = 1; i <= 10; ++i) {
    table.Put(MakeItem("p", "s", std::to_string(i)), Condition::None()).value();
  }
  EXPECT_EQ(store->Trim(100, 5), 0u);  // Not committed yet.
  store->EndTurn();
  EXPECT_EQ(store->Trim(100, 5), 5u);
  store->EndTurn();
  EXPECT_EQ(store->feed().LowWaterMark(), 5u);
  EXPECT_EQ(store->feed().Read(4, 10).error().code, ErrorCode::kGone);
  const auto records = store->feed().Read(5, 10).value();
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0]->old_image->document, "5");
  EXPECT_EQ(store->Stats().feed_low_water, 5u);
}

TEST(TrimTest, RecordsGoByAgeAndByCountABoundedNumberInOneCall) {
  StoreOptions options = StoreFixture::Memory();
  options.retention_age = hours(1);
  options.retention_count = 50;
  StoreFixture store(options);
  Table& table = store.MakeTable();
  const auto write = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const auto version = store->feed().Latest();
      table
          .Put(MakeItem("p", std::to_string(i), std::to_string(version + 1000 * i)),
               Condition::None())
          .value();
    }
    store->EndTurn();
  };
  write(60);
  EXPECT_EQ(store->Trim(4), 4u);
  store->EndTurn();
  EXPECT_EQ(store->Trim(100), 6u);
  EXPECT_EQ(store->Trim(100), 0u);
  EXPECT_EQ(store->Trim(0, 30), 0u);
  store.Sleep(hours(1));
  write(5);
  // By count: records that are exactly an hour old are not older than an hour.
  EXPECT_EQ(store->Trim(100), 5u);
  store.Sleep(seconds(1));
  EXPECT_EQ(store->Trim(100), 45u);
  store->EndTurn();
  EXPECT_EQ(store->feed().LowWaterMark(), 60u);
  EXPECT_EQ(store->feed().Latest(), 65u);
}

TEST(TrimTest, WithoutRetentionByCountOnlyAgeTrims) {
  StoreOptions options = StoreFixture::Memory();
  options.retention_count = 3;
  StoreFixture store(options);
  for (int i = 0; i < 10; ++i) {
    store->resources().Put({"pod", "d/" + std::to_string(i)}, "{}", {}).value();
  }
  store->EndTurn();
  store->SetRetentionByCount(false);
  EXPECT_EQ(store->Trim(100), 0u);
  store->SetRetentionByCount(true);
  EXPECT_EQ(store->Trim(100), 7u);
  store->SetRetentionByCount(false);
  store.Sleep(store->retention_age() + std::chrono::seconds(1));
  EXPECT_EQ(store->Trim(100), 3u);
}

}  // namespace
}  // namespace kless
