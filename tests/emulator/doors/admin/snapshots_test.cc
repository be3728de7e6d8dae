#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "store/sqlite/store_file.h"
#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

namespace fs = std::filesystem;

class AdminSnapshotsTest : public AdminTestWorld {
 protected:
  AdminSnapshotsTest() {
    std::string pattern = (fs::temp_directory_path() / "kless-test-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~AdminSnapshotsTest() override { fs::remove_all(folder); }
  Answer Save(const json& body) { return Send("POST", "/kless/v1/snapshots", body.dump()); }

  std::string folder;
};

TEST_F(AdminSnapshotsTest, ASnapshotHoldsAllThatWasWritten) {
  MakeNotes();
  const std::uint64_t version = PutNote("a", 1, "x");
  const std::string path = folder + "/copy.db";
  const Answer answer = Save({{"path", path}});
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(answer.Json(),
            json({{"path", path}, {"bytes", fs::file_size(path)}, {"sequence", version}}));
  EXPECT_EQ(InspectStoreFile(path)->latest, version);
}

TEST_F(AdminSnapshotsTest, WhatCannotBeSavedSaysWhy) {
  const json relative[] = {json::object(), {{"path", "copy.db"}}, {{"path", ""}}, {{"path", 7}}};
  for (const json& body : relative) {
    const Answer answer = Save(body);
    EXPECT_EQ(answer.status, 400) << answer.text;
    EXPECT_EQ(answer.Code(), "InvalidArgument");
    EXPECT_NE(answer.Message().find("'path' must be an absolute path"), std::string::npos);
  }
  EXPECT_NE(Save({{"path", "copy.db"}}).Message().find("not \"copy.db\""), std::string::npos);
  EXPECT_NE(Save({{"file", "/x"}}).Message().find("unknown field 'file'"), std::string::npos);
  EXPECT_EQ(Send("POST", "/kless/v1/snapshots?x=1", "{}").status, 400);
  EXPECT_EQ(Send("GET", "/kless/v1/snapshots").status, 405);

  const Answer missing = Save({{"path", folder + "/no/copy.db"}});
  EXPECT_EQ(missing.status, 400);
  EXPECT_NE(missing.Message().find("does not exist"), std::string::npos);
  std::ofstream(folder + "/there") << "mine";
  const Answer there = Save({{"path", folder + "/there"}});
  EXPECT_EQ(there.status, 409);
  EXPECT_EQ(there.Code(), "AlreadyExists");
  EXPECT_EQ(there.Message(), folder + "/there already exists");
}

}  // namespace
}  // namespace kless::doors
