#include "emulator/cli/settings_flags.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "emulator/base/strings.h"
#include "emulator/cli/system.h"
#include "emulator/config.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/settings.h"

namespace kless {
namespace {

std::string SetPathOf(const std::string& path, const std::string& text, Config* config) {
  const auto setting = FindSetting(path);
  if (!setting) return "unknown" + NearestSetting(path);
  const auto applied = ApplySetting(*setting, text, "a test", config);
  return applied.has_error() ? applied.error().message : "";
}

std::string ShownOf(const std::string& path, const Config& config) {
  return FindSetting(path).value().show(config);
}

// A value's text parses to the same value, or a printed configuration would be a different one.
TEST(SettingsTest, EverySettingReadsTheTextThatItShows) {
  const Config defaults;
  for (const Setting& setting : Settings()) {
    const std::string text = setting.show(defaults);
    if (text.empty()) {
      EXPECT_FALSE(setting.example.empty()) << setting.path;
      continue;
    }
    Config config;
    const auto applied = setting.apply(config, text);
    ASSERT_TRUE(applied.has_value()) << setting.path << ": " << applied.error().message;
    EXPECT_EQ(setting.show(config), text) << setting.path;
  }
}

TEST(SettingsTest, OfOneFunctionTheyWinOverThoseOfAll) {
  Config config;
  EXPECT_EQ(SetPathOf("functions.scheduler.init", "450", &config), "");
  EXPECT_EQ(SetPathOf("functions.scheduler.mapping.batch_size", "7", &config), "");
  EXPECT_EQ(SetPathOf("functions.default.init", "20", &config), "");
  EXPECT_EQ(SetPathOf("functions.default.memory_mb", "256", &config), "");
  const auto event_loop = SettingsOfFunction(config, "scheduler").value();
  EXPECT_EQ(event_loop.config.name, "scheduler");
  EXPECT_EQ(event_loop.config.init->TypicalMs(), 450);
  EXPECT_EQ(event_loop.config.memory_mb, 256);
  EXPECT_EQ(event_loop.mapping.batch_size, 7);
  const auto job = SettingsOfFunction(config, "job-controller").value();
  EXPECT_EQ(job.config.init->TypicalMs(), 20);
  EXPECT_EQ(job.mapping.batch_size, 100);
  EXPECT_EQ(job.config.timeout, std::chrono::seconds(60));
  EXPECT_EQ(ShownOf("functions.scheduler.init", config), "450");
  EXPECT_EQ(ShownOf("functions.scheduler.memory_mb", config), "256");
}

TEST(SettingsTest, EveryLoopHasAFunctionThatCanBeSet) {
  EXPECT_EQ(control_planes::LoopFunctionNames().size(), control_planes::LoopNames().size());
  for (const std::string& name : control_planes::LoopFunctionNames()) {
    Config config;
    EXPECT_EQ(SetPathOf("functions." + name + ".init", "450", &config), "") << name;
    EXPECT_EQ(SettingsOfFunction(config, name)->config.init->TypicalMs(), 450) << name;
    EXPECT_FALSE(IsOfUserFunction("functions." + name + ".init")) << name;
  }
  for (const std::string& loop : control_planes::LoopNames()) {
    EXPECT_NE(ShownOf("loops", Config()).find("job"), std::string::npos);
    EXPECT_NE(FindSetting("loops")->help.find(" " + loop), std::string::npos) << loop;
  }
}

TEST(SettingsTest, TheDocumentedLoopsAreThoseThatThereAre) {
  std::stringstream text;
  text << std::ifstream(std::string(KLESS_SOURCE_DIR) + "/emulator/doors/COMPATIBILITY.md").rdbuf();
  const std::string document = text.str();
  const auto begin = document.find("`--loops`: ") + std::string("`--loops`: ").size();
  ASSERT_LT(begin, document.size());
  std::string listed = document.substr(begin, document.find(';', begin) - begin);
  std::replace(listed.begin(), listed.end(), '\n', ' ');
  std::set<std::string> names;
  for (const std::string_view name : Split(listed, ',')) {
    names.insert(std::string(name.substr(name.find_first_not_of(' '))));
  }
  const auto& known = control_planes::LoopNames();
  EXPECT_EQ(names, std::set<std::string>(known.begin(), known.end()));
}

TEST(SettingsTest, OtherNamesAreFunctionsOfUsersUnlessTheyLookLikeASlip) {
  Config config;
  EXPECT_EQ(SetPathOf("functions.notify.timeout_ms", "10s", &config), "");
  EXPECT_TRUE(IsOfUserFunction("functions.notify.timeout_ms"));
  EXPECT_FALSE(IsOfUserFunction("functions.default.timeout_ms"));
  EXPECT_EQ(SetPathOf("functions.shceduler.init", "1", &config),
            "unknown; did you mean 'scheduler'?");
  EXPECT_EQ(NearestSetting("functions.shceduler"), "; did you mean 'scheduler'?");
  EXPECT_EQ(NearestSetting("functions.gc"),
            "; the function of the loop 'gc' is 'garbage-collector-controller'");
  EXPECT_EQ(NearestSetting("functions.scheduler.inti"), "; did you mean 'init'?");
  EXPECT_EQ(NearestSetting("functions.notify.mapping.batchsize"), "; did you mean 'batch_size'?");
  EXPECT_FALSE(FindSetting("functions.a b.init"));
  EXPECT_TRUE(IsSettingGroup("functions.scheduler.mapping"));
  EXPECT_TRUE(IsSettingGroup("functions.notify"));
  EXPECT_FALSE(IsSettingGroup("functions.scheduler.init"));
  EXPECT_FALSE(IsSettingGroup("functions.job"));
}

TEST(SettingsTest, WhatDoesNotGoTogetherNamesTheFunction) {
  Config config;
  EXPECT_EQ(SetPathOf("functions.scheduler.reserved_concurrency", "2", &config), "");
  EXPECT_EQ(SetPathOf("functions.scheduler.provisioned_concurrency", "3", &config), "");
  EXPECT_EQ(
      SettingsOfFunction(config, "scheduler").error().message,
      "functions.scheduler: function configuration: 'provisioned_concurrency' must be at most "
      "the reserved_concurrency of 2, not 3");
}

TEST(SettingsTest, AProfileBringsTheSettingsOfTheFunctionThatWasMeasured) {
  Config config;
  EXPECT_EQ(SetPathOf("latency",
                      std::string(KLESS_SOURCE_DIR) + "/configs/latency/thesis-2024.yaml", &config),
            "");
  EXPECT_EQ(config.function_default.config.runtime, "kubeless");
  EXPECT_EQ(config.function_default.config.memory_mb, 128);
  EXPECT_EQ(config.function_default.mapping.parallelization_factor, 10);
  EXPECT_EQ(config.account_concurrency, 10);
  EXPECT_EQ(config.store.resource_shards, 4);
  EXPECT_TRUE(config.from_profile.contains("functions.default.runtime"));
  EXPECT_FALSE(config.given.contains("functions.default.runtime"));
}

TEST(SettingsTest, WhatWasGivenWinsOverTheProfileInEitherOrder) {
  const std::string thesis = std::string(KLESS_SOURCE_DIR) + "/configs/latency/thesis-2024.yaml";
  Config before, after;
  EXPECT_EQ(SetPathOf("functions.account_concurrency", "77", &before), "");
  EXPECT_EQ(SetPathOf("functions.default.runtime", "null", &before), "");
  EXPECT_EQ(SetPathOf("latency", thesis, &before), "");
  EXPECT_EQ(SetPathOf("latency", thesis, &after), "");
  EXPECT_EQ(SetPathOf("functions.account_concurrency", "77", &after), "");
  EXPECT_EQ(SetPathOf("functions.default.runtime", "null", &after), "");
  for (const Config* config : {&before, &after}) {
    EXPECT_EQ(config->account_concurrency, 77);
    EXPECT_EQ(config->function_default.config.runtime, "");
    EXPECT_EQ(config->function_default.mapping.parallelization_factor, 10);
    EXPECT_FALSE(config->from_profile.contains("functions.account_concurrency"));
  }
}

TEST(SettingsTest, AnotherProfileTakesBackWhatTheFirstOneBrought) {
  const std::string folder = std::string(KLESS_SOURCE_DIR) + "/configs/latency/";
  Config config;
  EXPECT_EQ(SetPathOf("latency", folder + "thesis-2024.yaml", &config), "");
  EXPECT_EQ(SetPathOf("latency", folder + "aws-2026.yaml", &config), "");
  EXPECT_EQ(config.account_concurrency, 1000);
  EXPECT_EQ(config.function_default.mapping.parallelization_factor, 1);
  EXPECT_EQ(config.function_default.config.runtime, "go");
  EXPECT_EQ(SetPathOf("latency", "instant", &config), "");
  EXPECT_EQ(config.function_default.config.runtime, "");
  EXPECT_TRUE(config.from_profile.empty());
}

class FunctionFlagTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& [name, value] : cli::EnvironmentVariables()) {
      if (name.starts_with("KLESS_")) unsetenv(name.c_str());
    }
  }
};

TEST_F(FunctionFlagTest, AFunctionIsSetByOneFlag) {
  cli::SettingsFlags flags;
  flags.functions = {"default.init=20", "scheduler.init=450", "scheduler.mapping.batch_size=7"};
  const auto config = cli::LoadConfig(flags);
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->functions.at("scheduler"),
            (FunctionTexts{{"init", "450"}, {"mapping.batch_size", "7"}}));
  EXPECT_EQ(config->origins.at("functions.scheduler.init"), "--function");
  EXPECT_EQ(cli::ToArguments(flags),
            (std::vector<std::string>{"--function=default.init=20", "--function=scheduler.init=450",
                                      "--function=scheduler.mapping.batch_size=7"}));
}

TEST_F(FunctionFlagTest, EveryMistakeInItIsListedWithItsRemedy) {
  cli::SettingsFlags flags;
  flags.functions = {"init=450", "scheduler.inti=450", "shceduler.init=1",
                     "scheduler.reserved_concurrency=none", "gc.init=1"};
  const auto config = cli::LoadConfig(flags);
  ASSERT_TRUE(config.has_error());
  EXPECT_EQ(config.error().message,
            "--function init=450: must be NAME.FIELD=VALUE, such as scheduler.init=450 or "
            "default.init=450\n"
            "--function scheduler.inti=450: unknown setting; did you mean 'init'?\n"
            "--function shceduler.init=1: unknown setting; did you mean 'scheduler'?\n"
            "--function scheduler.reserved_concurrency=none: must be a whole number from 0 to "
            "1000000, or null for no reservation, not 'none'\n"
            "--function gc.init=1: unknown setting; the function of the loop 'gc' is "
            "'garbage-collector-controller'");
}

}  // namespace
}  // namespace kless
