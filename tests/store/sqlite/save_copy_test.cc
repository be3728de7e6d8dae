// Store::SaveCopy: consistent copies of a store in use.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

constexpr Durability kAll[] = {Durability::kFull, Durability::kNormal, Durability::kScratch,
                               Durability::kMemory};

StoreOptions OptionsFor(const TemporaryFolder& folder, Durability durability) {
  StoreOptions options =
      StoreFixture::File(folder.File("kless-" + std::to_string(static_cast<int>(durability))));
  options.durability = durability;
  return options;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t FilesIn(const TemporaryFolder& folder) {
  const std::filesystem::directory_iterator files(folder.File(""));
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

// Writes of every kind, over several turns; the last turn is left open.
void Fill(StoreFixture& store) {
  Table& table = store.MakeTable();
  for (int i = 0; i < 500; ++i) {
    const ResourceId id{"pod", "d/" + std::to_string(i % 70)};
    if (i % 7 == 6) {
      store->resources().Remove(id, Condition::None()).value();
    } else {
      const std::string document = "{\"n\":\"" + std::string(i % 300, 'x') + "\"}";
      store->resources().Put(id, document, Condition::None()).value();
    }
    table.Put(MakeItem("p", std::to_string(i), "{}"), Condition::None()).value();
    store->invocations().Append({});
    store->SaveValue("position", std::to_string(i));
    if (i % 8 == 0) store->EndTurn();
    if (i == 300) {
      EXPECT_GT(store->Trim(1000, 100), 0u);
    }
  }
}

TEST(SaveCopyTest, ACopyOfAnyDurabilityOpensWithAllThatWasWritten) {
  for (const Durability durability : kAll) {
    TemporaryFolder folder;
    StoreFixture store(OptionsFor(folder, durability));
    Fill(store);
    const std::string path = folder.File("copy.db");
    const auto saved = store->SaveCopy(path);
    ASSERT_TRUE(saved.has_value()) << saved.error().message;
    EXPECT_EQ(saved->bytes, std::filesystem::file_size(path));
    EXPECT_EQ(saved->sequence, store->feed().Latest());
    // Later writes are not in it.
    store->resources().Put({"pod", "d/late"}, "{}", Condition::None()).value();
    store->EndTurn();

    EXPECT_EQ(SqliteConnection(path).QueryText("PRAGMA integrity_check"), "ok");
    StoreFixture copy(StoreFixture::File(path));
    EXPECT_EQ(copy->feed().Latest(), saved->sequence);
    EXPECT_EQ(copy->feed().LowWaterMark(), 100u);
    EXPECT_EQ(copy->LoadValue("position"), "499");
    EXPECT_EQ(copy->invocations().LatestId(), 500u);
    EXPECT_EQ(copy->FindTable("table")->CountItems(), 500u);
    EXPECT_EQ(copy->resources().table().CountItems() + 1, store->resources().table().CountItems());
    EXPECT_TRUE(copy->resources().Get({"pod", "d/late"}).has_error());
    EXPECT_EQ(copy->feed().Read(100, 10'000).value().size(), saved->sequence - 100);
    copy->resources().Put({"pod", "d/other"}, "{}", Condition::None()).value();
    copy->EndTurn();
    // The original continues to work.
    EXPECT_TRUE(store->resources().Get({"pod", "d/other"}).has_error());
    EXPECT_EQ(store->feed().Latest(), saved->sequence + 1);
  }
}

TEST(SaveCopyTest, EqualContentsGiveEqualBytes) {
  TemporaryFolder folder;
  std::string first;
  for (const Durability durability : kAll) {
    StoreFixture store(OptionsFor(folder, durability));
    Fill(store);
    for (int copy = 0; copy < 2; ++copy) {
      const std::string path =
          folder.File(std::to_string(static_cast<int>(durability)) + std::to_string(copy));
      ASSERT_TRUE(store->SaveCopy(path).has_value());
      const std::string bytes = Contents(path);
      if (first.empty()) first = bytes;
      EXPECT_TRUE(bytes == first) << path;
    }
  }
  EXPECT_GT(first.size(), 100'000u);
}

TEST(SaveCopyTest, WhatTheTurnWroteIsPublishedFirst) {
  TemporaryFolder folder;
  StoreFixture store(OptionsFor(folder, Durability::kScratch));
  store->resources().Put({"pod", "d/a"}, "{}", Condition::None()).value();
  EXPECT_EQ(store->feed().Latest(), 0u);
  EXPECT_EQ(store->SaveCopy(folder.File("copy.db"))->sequence, 1u);
  EXPECT_EQ(store->feed().Latest(), 1u);
  EXPECT_EQ(store->Stats().commits, 1u);
}

TEST(SaveCopyTest, AnExistingFileIsLeftAsItIs) {
  TemporaryFolder folder;
  StoreFixture store(OptionsFor(folder, Durability::kNormal));
  std::ofstream(folder.File("there")) << "mine";
  std::filesystem::create_symlink("nowhere", folder.File("link"));
  std::filesystem::create_directory(folder.File("directory"));
  for (const char* name : {"there", "link", "directory"}) {
    const auto saved = store->SaveCopy(folder.File(name));
    ASSERT_TRUE(saved.has_error()) << name;
    EXPECT_EQ(saved.error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(saved.error().message, folder.File(name) + " already exists");
  }
  EXPECT_EQ(Contents(folder.File("there")), "mine");
  std::ofstream(folder.File("gone.db-wal")) << "left by a removed store";
  const auto beside = store->SaveCopy(folder.File("gone.db"));
  EXPECT_EQ(beside.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(beside.error().message.find("gone.db-wal exists"), std::string::npos);
  const auto missing = store->SaveCopy(folder.File("no/such/copy.db"));
  EXPECT_EQ(missing.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(missing.error().message.find("no/such does not exist"), std::string::npos);
}

// Simulates a full disk by a limit on the size of files.
TEST(SaveCopyTest, ACopyThatFailsLeavesNothingBehindAndTheStoreKeepsWorking) {
  for (const Durability durability : kAll) {
    TemporaryFolder folder;
    StoreFixture store(OptionsFor(folder, durability));
    Fill(store);
    store->EndTurn();
    ASSERT_TRUE(store->SaveCopy(folder.File("first.db")).has_value());
    const std::size_t files = FilesIn(folder);
    ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const ::rlimit full{40'960, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
    const auto saved = store->SaveCopy(folder.File("copy.db"));
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    ASSERT_TRUE(saved.has_error());
    EXPECT_EQ(saved.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(saved.error().message.find("copy.db cannot be saved"), std::string::npos);
    EXPECT_EQ(FilesIn(folder), files);
    store->resources().Put({"pod", "d/late"}, "{}", Condition::None()).value();
    store->EndTurn();
    EXPECT_TRUE(store->SaveCopy(folder.File("copy.db")).has_value());
  }
}

}  // namespace
}  // namespace kless
