#include "emulator/processes/runtimes.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace kless::processes {
namespace {

namespace fs = std::filesystem;

class RuntimesTest : public testing::Test {
 protected:
  void Write(const std::string& name, bool executable) {
    const std::string path = folder_->path() + "/" + name;
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << "#!/bin/sh\n";
    if (executable) fs::permissions(path, fs::perms::owner_all);
  }
  FunctionCode Code(const std::string& runtime) {
    FunctionCode code;
    code.name = "f";
    code.runtime = runtime;
    code.folder = folder_->path();
    return code;
  }

  std::unique_ptr<ScratchFolder> folder_ = std::move(ScratchFolder::Make().value());
  const FunctionPlaces places_{"/var/task", "/var/runtime", "/opt"};
};

TEST_F(RuntimesTest, PythonRunsTheClientOfItsFolder) {
  const auto program = ProgramOf(Code("python3.11"), places_);
  ASSERT_TRUE(program.has_value());
  EXPECT_TRUE(program.value()[0].starts_with('/'));
  EXPECT_EQ(program.value()[1], "/var/runtime/bootstrap.py");
}

TEST_F(RuntimesTest, OtherRuntimesRunTheProgramBootstrap) {
  const auto missing = ProgramOf(Code("provided.al2023"), places_);
  ASSERT_TRUE(missing.has_error());
  EXPECT_NE(missing.error().message.find(folder_->path() + "/bootstrap"), std::string::npos);
  Write("bootstrap", false);
  const auto plain = ProgramOf(Code("provided.al2023"), places_);
  ASSERT_TRUE(plain.has_error());
  EXPECT_NE(plain.error().message.find("chmod +x"), std::string::npos);
  Write("bootstrap", true);
  EXPECT_EQ(ProgramOf(Code("provided.al2023"), places_).value()[0], "/var/task/bootstrap");
}

TEST_F(RuntimesTest, ALayerMayBringTheProgram) {
  Write("layer/bootstrap", true);
  FunctionCode code = Code("provided.al2023");
  code.layers = {folder_->path() + "/layer"};
  EXPECT_EQ(ProgramOf(code, places_).value()[0], "/opt/bootstrap");
  Write("bootstrap", true);
  EXPECT_EQ(ProgramOf(code, places_).value()[0], "/var/task/bootstrap");
}

TEST_F(RuntimesTest, TheClientsAreWrittenOnce) {
  RuntimeClients clients;
  const std::string folder = clients.Folder().value();
  EXPECT_TRUE(fs::exists(folder + "/bootstrap.py"));
  EXPECT_TRUE(fs::exists(folder + "/bootstrap.mjs"));
  EXPECT_EQ(clients.Folder().value(), folder);
}

}  // namespace
}  // namespace kless::processes
