#include "store/sqlite/store_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "store/sqlite/file/sqlite.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

class StoreFileTest : public testing::Test {
 protected:
  // A store with `pods` pods, closed again.
  std::string Make(const std::string& name, int pods, KeyLayout layout = KeyLayout::kTypeName) {
    StoreOptions options = StoreFixture::File(folder.File(name));
    options.key_layout = layout;
    StoreFixture store(options);
    for (int i = 0; i < pods; ++i) {
      const std::string pod = "d/" + std::to_string(i);
      store->resources().Put({"pod", pod}, "{}", Condition::None()).value();
    }
    store->EndTurn();
    return options.path;
  }
  static std::size_t Pods(const std::string& path) {
    StoreFixture store(StoreFixture::File(path));
    return store->resources().table().CountItems();
  }

  TemporaryFolder folder;
};

TEST_F(StoreFileTest, AFileTellsItsSchemaLayoutAndNewestRecord) {
  const auto info = InspectStoreFile(Make("a.db", 3, KeyLayout::kNameType));
  ASSERT_TRUE(info.has_value()) << info.error().message;
  EXPECT_EQ(info->schema_version, Store::kSchemaVersion);
  EXPECT_EQ(info->key_layout, KeyLayout::kNameType);
  EXPECT_EQ(info->latest, 3u);
}

TEST_F(StoreFileTest, NonStoresAreRefused) {
  const auto error = [this](const std::string& name) {
    const std::string path = folder.File(name);
    const auto inspected = InspectStoreFile(path);
    EXPECT_TRUE(inspected.has_error()) << name;
    const auto copied = CopyStoreFile(path, folder.File("to.db"), false);
    EXPECT_EQ(copied.error().message, inspected.error().message);
    EXPECT_FALSE(std::filesystem::exists(folder.File("to.db")));
    EXPECT_NE(inspected.error().message.find(path), std::string::npos);
    return inspected.error();
  };
  EXPECT_EQ(error("missing.db").code, ErrorCode::kNotFound);
  std::filesystem::create_directory(folder.File("directory"));
  EXPECT_EQ(error("directory").code, ErrorCode::kNotFound);
  std::ofstream(folder.File("empty.db")).close();
  EXPECT_NE(error("empty.db").message.find("it is empty"), std::string::npos);
  std::ofstream(folder.File("text.db")) << std::string(5000, 'x');
  EXPECT_NE(error("text.db").message.find("not a data file of kless"), std::string::npos);
  { SqliteConnection(folder.File("other.db")).Execute("CREATE TABLE t(a)"); }
  EXPECT_NE(error("other.db").message.find("another program"), std::string::npos);
  { SqliteConnection(Make("newer.db", 1)).Execute("PRAGMA user_version = 99"); }
  EXPECT_EQ(error("newer.db").code, ErrorCode::kUnsupported);
}

TEST_F(StoreFileTest, ACopyReplacesOnlyWhenTold) {
  const std::string from = Make("from.db", 5);
  const std::string to = folder.File("to.db");
  EXPECT_EQ(CopyStoreFile(from, to, false)->sequence, 5u);
  EXPECT_EQ(Pods(to), 5u);

  const std::string old = Make("old.db", 2);
  // The files that a killed process leaves.
  std::ofstream(old + "-wal") << "rest";
  EXPECT_EQ(CopyStoreFile(from, old, false).error().code, ErrorCode::kAlreadyExists);
  const auto replaced = CopyStoreFile(from, old, true);
  ASSERT_TRUE(replaced.has_value()) << replaced.error().message;
  EXPECT_EQ(replaced->bytes, std::filesystem::file_size(old));
  EXPECT_FALSE(std::filesystem::exists(old + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(old + ".new"));
  EXPECT_EQ(Pods(old), 5u);
  EXPECT_EQ(CopyStoreFile(from, from, true).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Pods(from), 5u);
}

TEST_F(StoreFileTest, AFileInUseIsCopiedButNeverReplaced) {
  const std::string from = Make("from.db", 1);
  StoreFixture store(StoreFixture::File(folder.File("busy.db")));
  store->resources().Put({"pod", "d/a"}, "{}", Condition::None()).value();
  store->resources().Put({"pod", "d/b"}, "{}", Condition::None()).value();
  store->EndTurn();
  const auto replaced = CopyStoreFile(from, folder.File("busy.db"), true);
  EXPECT_NE(replaced.error().message.find("in use by process "), std::string::npos);
  EXPECT_EQ(CopyStoreFile(folder.File("busy.db"), folder.File("copy.db"), false)->sequence, 2u);
  EXPECT_EQ(Pods(folder.File("copy.db")), 2u);
}

}  // namespace
}  // namespace kless
