// Durability scratch: turns are published one by one, but written to the file by the thousand.
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

StoreOptions Scratch(const std::string& path) {
  StoreOptions options = StoreFixture::File(path);
  options.durability = Durability::kScratch;
  return options;
}

Error OpenError(const StoreOptions& options) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  const auto opened = Store::Open(event_loop, options);
  return opened.has_error() ? opened.error() : Error{ErrorCode::kInternal, "it opened"};
}

void PutPod(StoreFixture& store, int number) {
  const std::string name = "d/" + std::to_string(number);
  store->resources().Put({"pod", name}, "{\"n\":1}", Condition::NotExists()).value();
}

Task<> Follow(StoreFixture& store, std::vector<std::uint64_t>& seen) {
  while (seen.empty() || seen.back() < 3) {
    co_await store->feed().WaitBeyond(seen.empty() ? 0 : seen.back(), std::nullopt);
    seen.push_back(store->feed().Latest());
  }
}

Task<> WriteThree(StoreFixture& store, std::vector<std::string>& notes) {
  for (int i = 0; i < 3; ++i) {
    PutPod(store, i);
    co_await store->Committed();
    notes.push_back("committed " + std::to_string(store->feed().Latest()));
    co_await store.event_loop().SleepFor(std::chrono::seconds(1));
  }
}

TEST(ScratchTest, EachTurnIsPublishedAndWakesItsWaiters) {
  TemporaryFolder folder;
  StoreFixture store(Scratch(folder.File("kless.db")));
  std::vector<std::uint64_t> seen;
  std::vector<std::string> notes;
  Spawn(store.event_loop(), "follower", Follow(store, seen));
  Spawn(store.event_loop(), "writer", WriteThree(store, notes));
  store.Run();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(notes, (std::vector<std::string>{"committed 1", "committed 2", "committed 3"}));
  EXPECT_EQ(store->Stats().commits, 3u);
  EXPECT_EQ(store->feed().Read(0, 10).value().size(), 3u);
}

TEST(ScratchTest, TurnsReachTheFileRarelyAndAtTheEnd) {
  TemporaryFolder folder;
  const std::string path = folder.File("kless.db");
  StoreFixture store(Scratch(path));
  store.MakeTable();
  const std::uint64_t empty = store->Stats().file_bytes;
  for (int i = 0; i < 900; ++i) {
    PutPod(store, i);
    store->EndTurn();
  }
  EXPECT_EQ(store->Stats().file_bytes, empty);
  for (int i = 900; i < 5000; ++i) {
    PutPod(store, i);
    store->EndTurn();
  }
  EXPECT_GT(store->Stats().file_bytes, empty);
  EXPECT_EQ(store->Stats().commits, 5000u);
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    EXPECT_FALSE(std::filesystem::exists(path + suffix)) << suffix;
  }
  store->SaveValue("position", "7");
  store->invocations().Append({});
  store->EndTurn();
  store.Close();

  // The file is complete, and any durability can open it.
  EXPECT_EQ(SqliteConnection(path).QueryText("PRAGMA integrity_check"), "ok");
  store.options().durability = Durability::kNormal;
  store.Reopen();
  EXPECT_EQ(store->resources().table().CountItems(), 5000u);
  EXPECT_EQ(store->feed().Latest(), 5000u);
  EXPECT_EQ(store->LoadValue("position"), "7");
  EXPECT_EQ(store->invocations().LatestId(), 1u);
  PutPod(store, 5000);
  store->EndTurn();
  store.options().durability = Durability::kScratch;
  store.Reopen();
  EXPECT_EQ(store->feed().Latest(), 5001u);
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST(ScratchTest, WhatTheLastTurnWroteIsKeptAtClose) {
  TemporaryFolder folder;
  StoreFixture store(Scratch(folder.File("kless.db")));
  PutPod(store, 1);
  store->EndTurn();
  PutPod(store, 2);
  store.Reopen();
  EXPECT_EQ(store->resources().table().CountItems(), 2u);
  EXPECT_EQ(store->feed().Latest(), 2u);
}

TEST(ScratchTest, TrimmingWorksBetweenCommits) {
  TemporaryFolder folder;
  StoreFixture store(Scratch(folder.File("kless.db")));
  for (int i = 0; i < 100; ++i) {
    store->resources().Put({"pod", "d/a"}, std::to_string(i), Condition::None()).value();
    store->EndTurn();
  }
  EXPECT_EQ(store->Trim(1000, 60), 60u);
  store->EndTurn();
  EXPECT_EQ(store->feed().Read(59, 10).error().code, ErrorCode::kGone);
  store.Reopen();
  EXPECT_EQ(store->feed().LowWaterMark(), 60u);
  EXPECT_EQ(store->feed().Read(60, 1000).value().size(), 40u);
}

TEST(ScratchTest, NoOtherProcessReadsTheFileMeanwhile) {
  TemporaryFolder folder;
  const std::string path = folder.File("kless.db");
  StoreFixture store(Scratch(path));
  EXPECT_NE(OpenError(Scratch(path)).message.find("in use by process "), std::string::npos);
  SqliteConnection other(path);
  other.Execute("PRAGMA busy_timeout = 0");
  EXPECT_THROW(other.QueryInteger("SELECT count(*) FROM changes"), SqliteError);
}

TEST(ScratchTest, AFileWhoseProcessDiedIsRefused) {
  TemporaryFolder folder;
  const std::string path = folder.File("kless.db");
  {
    StoreFixture store(Scratch(path));
    // The file as a crash would leave it.
    std::filesystem::copy_file(path, folder.File("crashed.db"));
  }
  for (const Durability durability : {Durability::kScratch, Durability::kNormal}) {
    StoreOptions options = Scratch(folder.File("crashed.db"));
    options.durability = durability;
    const Error error = OpenError(options);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
    EXPECT_NE(error.message.find("scratch"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("remove it"), std::string::npos) << error.message;
  }
  EXPECT_EQ(OpenError(Scratch(path)).message, "it opened");
}

// Simulates a full disk by a limit on the size of files.
TEST(ScratchTest, AFailedCommitCallsTheHandlerOnceAndTheFileIsGivenUp) {
  TemporaryFolder folder;
  StoreOptions options = Scratch(folder.File("kless.db"));
  std::vector<std::string> failures;
  options.on_failure = [&](const std::string& what) { failures.push_back(what); };
  {
    StoreFixture store(options);
    PutPod(store, 0);
    store->EndTurn();
    ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const ::rlimit full{4096, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
    for (int i = 1; i < 3000 && failures.empty(); ++i) {
      PutPod(store, i);
      store->EndTurn();
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    ASSERT_EQ(failures.size(), 1u);
    const std::uint64_t latest = store->feed().Latest();
    store->SaveValue("x", "1");
    store->EndTurn();
    EXPECT_EQ(store->feed().Latest(), latest);
    EXPECT_EQ(store->SaveCopy(folder.File("copy.db")).error().code, ErrorCode::kInternal);
  }
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_EQ(OpenError(options).code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kless
