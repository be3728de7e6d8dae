#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

Error StoreOpenError(const StoreOptions& options) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  const auto opened = Store::Open(event_loop, options);
  return opened.has_error() ? opened.error() : Error{ErrorCode::kInternal, "it opened"};
}

std::string ContentsOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SqliteStoreTest, ARemovedValueIsGoneOnceItIsCommitted) {
  TemporaryFolder folder;
  StoreFixture store(StoreFixture::File(folder.File("kless.db")));
  store->SaveValue("position", "7");
  store->EndTurn();
  store->RemoveValue("position");
  EXPECT_EQ(store->LoadValue("position"), std::nullopt);
  store.Reopen();
  EXPECT_EQ(store->LoadValue("position"), "7");
  store->RemoveValue("position");
  store->RemoveValue("nothing");
  store->EndTurn();
  store.Reopen();
  EXPECT_EQ(store->LoadValue("position"), std::nullopt);
}

TEST(SqliteStoreTest, CommittedWritesSurviveAndUncommittedOnesVanishWhole) {
  TemporaryFolder folder;
  const std::string path = folder.File("kless.db");
  StoreFixture store(StoreFixture::File(path));
  Table& table = store.MakeTable();
  table.Put(MakeItem("p", "a", "1"), Condition::None()).value();
  table.Put(MakeItem("p", "b", "1"), Condition::None()).value();
  store->SaveValue("position", "7");
  store->EndTurn();
  table.Put(MakeItem("p", "a", "2"), Condition::None()).value();
  table.Put(MakeItem("p", "c", "1"), Condition::None()).value();
  table.Remove({"p", "b"}, Condition::None()).value();
  store->resources().Put({"pod", "d/a"}, "{}", Condition::None()).value();
  store->SaveValue("position", "8");
  store->invocations().Append({});
  EXPECT_EQ(table.Get({"p", "a"}).value()->document, "2");
  EXPECT_EQ(store->LoadValue("position"), "8");
  store.Reopen();

  Table& again = *store->FindTable("table");
  EXPECT_EQ(again.description().shards, 4);
  EXPECT_EQ(again.description().sort_key, "range");
  EXPECT_EQ(again.Get({"p", "a"}).value()->document, "1");
  EXPECT_EQ(again.Get({"p", "b"}).value()->document, "1");
  EXPECT_TRUE(again.Get({"p", "c"}).has_error());
  EXPECT_EQ(again.CountItems(), 2u);
  EXPECT_EQ(store->resources().table().CountItems(), 0u);
  EXPECT_EQ(store->LoadValue("position"), "7");
  EXPECT_EQ(store->LoadValue("nothing"), std::nullopt);
  EXPECT_EQ(store->invocations().LatestId(), 0u);
  EXPECT_EQ(store->feed().Latest(), 2u);
  EXPECT_EQ(store->feed().Read(0, 10).value().size(), 2u);
  EXPECT_EQ(again.Put(MakeItem("p", "a", "3"), Condition::None()).value().version, 3u);
}

TEST(SqliteStoreTest, ItemsAndRecordsInTheFileAgree) {
  TemporaryFolder folder;
  const std::string path = folder.File("kless.db");
  StoreFixture store(StoreFixture::File(path));
  for (int i = 0; i < 100; ++i) {
    const ResourceId id{"pod", "d/" + std::to_string(i % 30)};
    if (i % 7 == 6) {
      store->resources().Remove(id, Condition::None()).value();
    } else {
      store->resources().Put(id, "{\"n\":" + std::to_string(i) + "}", Condition::None()).value();
    }
    if (i % 8 == 0) store->EndTurn();
  }
  store.Close();
  SqliteConnection file(path);
  const auto count = [&](const std::string& sql) { return file.QueryInteger(sql); };
  EXPECT_EQ(count("SELECT count(*) FROM items i LEFT JOIN changes c ON c.sequence = i.sequence "
                  "WHERE c.sequence IS NULL OR c.partition != i.partition OR c.sort != i.sort OR "
                  "c.kind = 'REMOVE'"),
            0);
  EXPECT_EQ(count("SELECT max(sequence) - count(*) FROM changes"), 0);
  EXPECT_EQ(count("SELECT items FROM tables WHERE id = 1"), count("SELECT count(*) FROM items"));
  EXPECT_EQ(
      count("SELECT count(*) FROM (SELECT max(sequence) AS s FROM changes GROUP BY partition, "
            "sort) JOIN changes ON sequence = s WHERE kind != 'REMOVE'"),
      count("SELECT count(*) FROM items"));
  EXPECT_EQ(file.QueryText("PRAGMA integrity_check"), "ok");
}

TEST(SqliteStoreTest, TheEndOfATurnIsOneCommit) {
  TemporaryFolder folder;
  for (const Durability durability :
       {Durability::kFull, Durability::kNormal, Durability::kScratch, Durability::kMemory}) {
    StoreOptions options =
        StoreFixture::File(folder.File(std::to_string(static_cast<int>(durability)) + ".db"));
    options.durability = durability;
    StoreFixture store(options);
    for (int turn = 0; turn < 3; ++turn) {
      store.event_loop().Post([&store, turn] {
        for (int i = 0; i < 10; ++i) {
          const std::string name = "d/" + std::to_string(10 * turn + i);
          store->resources().Put({"pod", name}, "{}", Condition::NotExists()).value();
        }
      });
      store.Run();
    }
    EXPECT_EQ(store->Stats().commits, 3u);
    EXPECT_EQ(store->Stats().writes, 30u);
    EXPECT_EQ(store->feed().Latest(), 30u);
    EXPECT_EQ(store->Stats().file_bytes > 0, durability != Durability::kMemory);
  }
}

TEST(SqliteStoreTest, AFileInUseIsRefusedUntilItsHolderIsGone) {
  TemporaryFolder folder;
  const StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  {
    StoreFixture holder(options);
    const Error error = StoreOpenError(options);
    EXPECT_EQ(error.code, ErrorCode::kConflict);
    EXPECT_EQ(error.message, "the data file " + options.path + " is in use by process " +
                                 std::to_string(getpid()));
  }
  EXPECT_EQ(StoreOpenError(options).message, "it opened");
}

TEST(SqliteStoreTest, AHolderThatIsKilledLeavesNoLock) {
  TemporaryFolder folder;
  const StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = FileLock::Take(options.path);
    const char byte = lock.has_value() ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_NE(StoreOpenError(options).message.find("in use by process "), std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(StoreOpenError(options).message, "it opened");
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(SqliteStoreTest, ANewerFileIsRefusedAndLeftAsItIs) {
  TemporaryFolder folder;
  const StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  { StoreFixture store(options); }
  { SqliteConnection(options.path).Execute("PRAGMA user_version = 99"); }
  const std::string before = ContentsOf(options.path);
  const Error error = StoreOpenError(options);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("schema version 99"), std::string::npos);
  EXPECT_NE(error.message.find("up to " + std::to_string(Store::kSchemaVersion)),
            std::string::npos);
  EXPECT_NE(error.message.find(options.path), std::string::npos);
  EXPECT_EQ(ContentsOf(options.path), before);
}

TEST(SqliteStoreTest, FilesThatAreNoKlessStoreAreRefused) {
  TemporaryFolder folder;
  for (const std::string& text : {std::string("hello"), std::string(10'000, 'x')}) {
    const StoreOptions options = StoreFixture::File(folder.File("text.db"));
    std::ofstream(options.path, std::ios::binary) << text;
    const Error error = StoreOpenError(options);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
    EXPECT_NE(error.message.find("not a data file of kless"), std::string::npos) << error.message;
    EXPECT_EQ(ContentsOf(options.path), text);
  }
  const StoreOptions other = StoreFixture::File(folder.File("other.db"));
  { SqliteConnection(other.path).Execute("CREATE TABLE t(a)"); }
  EXPECT_NE(StoreOpenError(other).message.find("another program's SQLite database"),
            std::string::npos);
}

TEST(SqliteStoreTest, ADamagedFileIsAnErrorNotACrash) {
  TemporaryFolder folder;
  const StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  {
    StoreFixture store(options);
    for (int i = 0; i < 200; ++i) {
      const std::string name = "d/" + std::to_string(i);
      store->resources().Put({"pod", name}, std::string(500, 'x'), Condition::None()).value();
    }
    store->EndTurn();
  }
  std::string bytes = ContentsOf(options.path);
  // The first page keeps its header and loses its list of tables.
  std::fill(bytes.begin() + 100, bytes.begin() + 4096, '\x5a');
  std::ofstream(options.path, std::ios::binary) << bytes;
  const Error error = StoreOpenError(options);
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(error.message.find("damaged"), std::string::npos) << error.message;
}

TEST(SqliteStoreTest, AnEmptyFileIsANewStore) {
  TemporaryFolder folder;
  const StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  std::ofstream(options.path).close();
  EXPECT_EQ(StoreOpenError(options).message, "it opened");
}

TEST(SqliteStoreTest, AMissingFolderAndAFolderAsFileAreErrors) {
  TemporaryFolder folder;
  const Error missing = StoreOpenError(StoreFixture::File(folder.File("no/such/folder/kless.db")));
  EXPECT_EQ(missing.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(missing.message.find("No such file or directory"), std::string::npos)
      << missing.message;
  std::filesystem::create_directory(folder.File("folder"));
  EXPECT_EQ(StoreOpenError(StoreFixture::File(folder.File("folder"))).code,
            ErrorCode::kInvalidArgument);
  StoreOptions shards = StoreFixture::Memory();
  shards.resource_shards = 0;
  EXPECT_EQ(StoreOpenError(shards).code, ErrorCode::kInvalidArgument);
}

// Root may write anywhere, so while one of these lives root is an ordinary user who owns `folders`.
class OrdinaryUser {
 public:
  explicit OrdinaryUser(const std::vector<std::string>& folders) {
    constexpr ::uid_t kNobody = 65534;
    if (::geteuid() != 0) return;
    for (const std::string& folder : folders) {
      if (::chown(folder.c_str(), kNobody, kNobody) != 0) return;
    }
    was_root_ = ::seteuid(kNobody) == 0;
  }
  ~OrdinaryUser() {
    if (was_root_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }
  bool IsRoot() const { return ::geteuid() == 0; }

 private:
  bool was_root_ = false;
};

TEST(SqliteStoreTest, AReadOnlyFolderIsAnError) {
  TemporaryFolder folder;
  const std::string locked = folder.File("locked");
  std::filesystem::create_directory(locked);
  std::filesystem::permissions(
      locked, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const OrdinaryUser user({folder.path(), locked});
  if (user.IsRoot()) GTEST_SKIP() << "root may write anywhere and cannot become another user here";
  const Error error = StoreOpenError(StoreFixture::File(folder.File("locked/kless.db")));
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(error.message.find("Permission denied"), std::string::npos);
}

Task<> RecordCommitted(StoreFixture& store, std::vector<std::string>& notes) {
  co_await store->Committed();
  notes.push_back("committed");
}

TEST(SqliteStoreTest, AFailedWriteCallsTheHandlerAndSendsNoReplies) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  std::vector<std::string> failures;
  options.on_failure = [&](const std::string& what) { failures.push_back(what); };
  StoreFixture store(options);
  Table& table = store.MakeTable();
  store->EndTurn();
  // Another program drops the change log.
  { SqliteConnection(options.path).Execute("DROP TABLE changes"); }
  std::vector<std::string> notes;
  store.event_loop().Post([&] {
    store->SaveValue("x", "1");
    Spawn(store.event_loop(), "waiter", RecordCommitted(store, notes));
    EXPECT_EQ(table.Put(MakeItem("p", "s", "1"), Condition::None()).error().code,
              ErrorCode::kInternal);
  });
  store.Run();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].find("changes"), std::string::npos);
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(store->LoadValue("x"), std::nullopt);
  EXPECT_EQ(table.Put(MakeItem("p", "s", "1"), Condition::None()).error().code,
            ErrorCode::kInternal);
  EXPECT_EQ(failures.size(), 1u);
  Spawn(store.event_loop(), "late", RecordCommitted(store, notes));
  store.Run();
  EXPECT_TRUE(notes.empty());
}

// Simulates a full disk by a limit on the size of files.
TEST(SqliteStoreTest, AFailedCommitCallsTheHandlerAndSendsNoReplies) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  std::vector<std::string> failures;
  options.on_failure = [&](const std::string& what) { failures.push_back(what); };
  std::vector<std::string> notes;
  {
    StoreFixture store(options);
    store->resources().Put({"pod", "d/a"}, "{}", Condition::None()).value();
    store->EndTurn();
    store->resources().Put({"pod", "d/b"}, "{}", Condition::None()).value();
    Spawn(store.event_loop(), "waiter", RecordCommitted(store, notes));
    ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const ::rlimit full{4096, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
    store.Run();
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0], "kless stops: a write to " + options.path +
                               " failed: disk I/O error; everything "
                               "acknowledged is in it; fix the cause and start it again");
    EXPECT_TRUE(notes.empty());
    EXPECT_EQ(store->feed().Latest(), 1u);
  }
  options.on_failure = EndProcessOnStoreFailure;
  StoreFixture store(options);
  EXPECT_TRUE(store->resources().Get({"pod", "d/a"}).has_value());
  EXPECT_TRUE(store->resources().Get({"pod", "d/b"}).has_error());
}

TEST(SqliteStoreTest, AFullDiskIsToldFromOtherErrors) {
  EXPECT_TRUE(SqliteError(13, "database or disk is full").IsDiskFull());  // SQLITE_FULL
  // SQLITE_IOERR_SHMSIZE: the index of the WAL cannot grow.
  EXPECT_TRUE(SqliteError(10 | (19 << 8), "disk I/O error", ENOSPC).IsDiskFull());
  EXPECT_TRUE(SqliteError(10 | (3 << 8), "disk I/O error", EDQUOT).IsDiskFull());
  EXPECT_FALSE(SqliteError(10 | (3 << 8), "disk I/O error", EIO).IsDiskFull());
  EXPECT_FALSE(SqliteError(11, "malformed", ENOSPC).IsDiskFull());  // SQLITE_CORRUPT
}

TEST(SqliteStoreTest, TheWriteAheadLogStaysBoundedUnderAWriterThatNeverPauses) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  StoreFixture store(options);
  const std::string document(20'000, 'x');
  for (int i = 0; i < 8000; ++i) {
    const std::string name = "d/" + std::to_string(i % 50);
    store->resources().Put({"pod", name}, document + std::to_string(i), Condition::None()).value();
    if (i % 16 == 15) store->EndTurn();
    if (i % 1000 == 999) {
      store->Trim(1000, store->feed().Latest());
      EXPECT_LT(std::filesystem::file_size(options.path + "-wal"),
                (Checkpointer::kLimitPages + 1000) * std::uintmax_t{4096});
    }
  }
}

}  // namespace
}  // namespace kless
