// configs/kless.yaml is printed from the table of settings, and parses to the defaults.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "emulator/config.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/settings.h"

namespace kless {
namespace {

std::string ShippedConfig() {
  std::stringstream text;
  text << std::ifstream(std::string(KLESS_SOURCE_DIR) + "/configs/kless.yaml").rdbuf();
  return text.str();
}

Config ReadPrinted(const std::string& text) {
  // Tests of this file run at once, each in a process of its own.
  const std::string path =
      ::testing::TempDir() + "kless_config_text_test." + std::to_string(getpid()) + ".yaml";
  std::ofstream(path) << text;
  Config config;
  const auto read = ReadConfigFile(path, &config);
  std::remove(path.c_str());
  EXPECT_TRUE(read.has_value()) << read.error().message;
  return config;
}

TEST(ConfigTextTest, TheShippedFileIsWhatTheTableOfSettingsPrints) {
  const std::string printed = ConfigText(Config());
  if (printed == ShippedConfig()) return;
  const std::string path = ::testing::TempDir() + "kless.yaml";
  std::ofstream(path) << printed;
  FAIL() << "configs/kless.yaml differs from the code; its right contents are in " << path;
}

// Both directions: every value of the file is the default, and every setting with a default is in
// it.
TEST(ConfigTextTest, TheShippedFileHoldsEverySettingAtItsDefault) {
  const Config read = ReadPrinted(ShippedConfig());
  const Config defaults;
  for (const Setting& setting : Settings()) {
    EXPECT_EQ(setting.show(read), setting.show(defaults)) << setting.path;
    EXPECT_EQ(read.given.contains(setting.path), setting.example.empty()) << setting.path;
  }
  EXPECT_TRUE(read.functions.empty());
  for (const std::string& name : control_planes::LoopFunctionNames()) {
    EXPECT_NE(ShippedConfig().find(name), std::string::npos) << name;
  }
}

TEST(ConfigTextTest, WhatIsInForceReadsBackAndSaysWhereItIsFrom) {
  Config config;
  const std::string thesis = std::string(KLESS_SOURCE_DIR) + "/configs/latency/thesis-2024.yaml";
  const std::map<std::string, std::string> given = {
      {"server.address", "::1"},
      {"seed", "18446744073709551615"},
      {"latency", thesis},
      {"data_plane.node_resources", R"({"nvidia.com/gpu":8})"},
      {"data_plane.run_time", R"({"lognormal_ms":{"p50":100,"p99":900}})"},
      {"functions.scheduler.init", "450"},
      {"functions.scheduler.mapping.batch_size", "7"},
      {"functions.scheduler.memory_mb", "256"},
      {"functions.notify.timeout_ms", "10s"},
      {"loops", "job,scheduler"}};
  for (const auto& [path, text] : given) {
    const auto applied = ApplySetting(*FindSetting(path), text, "--" + path, &config);
    ASSERT_TRUE(applied.has_value()) << applied.error().message;
  }
  const std::string text = ConfigText(config);
  const Config read = ReadPrinted(text);
  for (const Setting& setting : Settings()) {
    EXPECT_EQ(setting.show(read), setting.show(config)) << setting.path;
  }
  EXPECT_EQ(read.functions, config.functions);
  for (const char* line :
       {"\n  address: \"::1\"  # from --server.address\n",
        "\n    runtime: kubeless  # from latency profile thesis-2024\n",
        "\n  account_concurrency: 10  # from latency profile thesis-2024\n",
        "\n    init: 450  # from --functions.scheduler.init\n",
        "\n      batch_size: 7  # from --functions.scheduler.mapping.batch_size\n",
        "\n    init: null\n", "\n  port: 8080\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

TEST(ConfigTextTest, HelpSaysTheDefaultThatTheCommandHas) {
  Config config;
  config.port = 0;
  EXPECT_EQ(HelpText(*FindSetting("server.port"), config),
            "TCP port to listen on, 0: any free one, which kless prints, 0..65535 (0)");
  EXPECT_NE(HelpText(*FindSetting("store.image_bytes"), Config()).find("(67108864)"),
            std::string::npos);
  EXPECT_NE(HelpText(*FindSetting("data_plane.nodes"), Config()).find("(3 in serve and exec, 0"),
            std::string::npos);
}

}  // namespace
}  // namespace kless
