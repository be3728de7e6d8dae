#include "emulator/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "emulator/base/yaml.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/latency_file.h"
#include "emulator/settings.h"

namespace kless {
namespace {

// A config file in the test's temporary folder, named c.yaml in expected errors.
std::string Read(const std::string& text, Config* config) {
  const std::string path =
      testing::TempDir() + "kless_config_test." + std::to_string(getpid()) + ".yaml";
  std::ofstream(path) << text;
  const auto read = ReadConfigFile(path, config);
  std::remove(path.c_str());
  if (!read.has_error()) return "";
  std::string message = read.error().message;
  for (auto at = message.find(path); at != std::string::npos; at = message.find(path)) {
    message.replace(at, path.size(), "c.yaml");
  }
  return message;
}

TEST(ConfigTest, AFileSetsEveryKindOfValue) {
  Config config;
  EXPECT_EQ(Read(R"(
server: {address: "::1", port: 0}
store:
  data_directory: /tmp/x
  durability: full
  key_layout: name-type
  retention_age: 90m
clock: {speed: 2.5}
seed: 18446744073709551615
loops: [job]
functions:
  account_concurrency: 10
  keep_alive_policy: lru
  keep_alive_memory_mb: 2048
  default:
    runtime: python3.13
    init: {lognormal_ms: {p50: 450, p99: 900}}
    memory_mb: 1769
    keep_alive_ms: 5000
    reserved_concurrency: 4
    mapping:
      batch_size: 7
      maximum_batching_window_ms: 1s
      bisect_batch_on_function_error: true
log: {level: debug, format: json}
)",
                 &config),
            "");
  EXPECT_EQ(config.address, "::1");
  EXPECT_EQ(config.port, 0);
  EXPECT_EQ(config.data_directory, "/tmp/x");
  EXPECT_EQ(config.store.durability, Durability::kFull);
  EXPECT_EQ(config.store.key_layout, KeyLayout::kNameType);
  EXPECT_EQ(config.store.retention_age, std::chrono::minutes(90));
  EXPECT_EQ(config.speed, 2.5);
  EXPECT_EQ(config.seed, std::uint64_t{18446744073709551615u});
  EXPECT_EQ(config.account_concurrency, 10);
  EXPECT_EQ(config.keep_alive_policy, KeepAlivePolicy::kLru);
  EXPECT_EQ(config.keep_alive_memory_mb, 2048);
  EXPECT_EQ(config.function_default.config.init.value().ToJson(),
            nlohmann::json::parse(R"({"lognormal_ms":{"p50":450.0,"p99":900.0}})"));
  EXPECT_EQ(config.function_default.config.runtime, "python3.13");
  EXPECT_EQ(config.function_default.config.memory_mb, 1769);
  EXPECT_EQ(config.function_default.config.keep_alive, std::chrono::seconds(5));
  EXPECT_EQ(config.function_default.config.reserved_concurrency, 4);
  EXPECT_EQ(config.function_default.mapping.batch_size, 7);
  EXPECT_EQ(config.function_default.mapping.maximum_batching_window, std::chrono::seconds(1));
  EXPECT_TRUE(config.function_default.mapping.bisect_batch_on_function_error);
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  EXPECT_TRUE(config.log_json);
}

TEST(ConfigTest, EveryProblemIsListedWithItsPlaceAndTheNearestKnownKey) {
  Config config;
  EXPECT_EQ(Read(R"(server:
  prot: 8080
  port: 70000
sotre: {}
memory_mb: 128
store:
  durability: ful
  durability: memory
clock: 3
loops: [job, cronjob]
)",
                 &config),
            "c.yaml:2: server.prot: unknown key; did you mean 'port'?\n"
            "c.yaml:3: server.port: must be a whole number from 0 to 65535, not '70000'\n"
            "c.yaml:4: sotre: unknown key; did you mean 'store'?\n"
            "c.yaml:5: memory_mb: unknown key; did you mean "
            "'functions.default.memory_mb'?\n"
            "c.yaml:7: store.durability: must be one of full, normal, scratch, memory, not 'ful'; "
            "did you "
            "mean 'full'?\n"
            "c.yaml:8: store.durability: is given twice\n"
            "c.yaml:9: clock: must be a map of settings\n"
            "c.yaml:10: loops: unknown control loop 'cronjob'; known: all, job, "
            "deployment, gc, namespace, node-lifecycle, podgc, replicaset, root-ca, scheduler, "
            "serviceaccount, taint-eviction, ttl");
}

TEST(ConfigTest, LoopsHaveTheFormOfTheControllersOfKubeControllerManager) {
  const auto loops = [](const std::string& text) {
    Config config;
    const auto applied = ApplySetting(*FindSetting("loops"), text, "--loops", &config);
    if (applied.has_error()) return applied.error().message;
    std::string joined;
    for (const std::string& loop : config.loops) joined += (joined.empty() ? "" : ",") + loop;
    return joined;
  };
  const std::string all = loops("all");
  EXPECT_TRUE(all.starts_with("job,deployment,")) << all;
  EXPECT_EQ(loops("*"), all);
  EXPECT_EQ(loops("all,job"), all);
  EXPECT_EQ("job," + loops("*,-job"), all);
  EXPECT_EQ("job," + loops("-job-controller, all"), all);
  EXPECT_EQ("job," + loops(R"(["all", "-job"])"), all);
  EXPECT_EQ(loops(" job , ttl,,job "), "job,ttl");
  EXPECT_EQ(loops("kube-scheduler,replicaset-controller"), "scheduler,replicaset");
  EXPECT_EQ(loops("none"), "");
  EXPECT_EQ(loops(" "), "");
  EXPECT_EQ(loops("-job"), "'-job' excludes nothing without all: write all,-job");
  EXPECT_EQ(loops("all,job,-job"), "'job' is both named and excluded");
  EXPECT_EQ(loops("none,job"), "'none' stands alone, not with other names");
  EXPECT_TRUE(loops("all,-jbo").starts_with("unknown control loop 'jbo'; known: all, job"));
  EXPECT_TRUE(loops("all,-jbo").ends_with("did you mean 'job'?"));
}

TEST(ConfigTest, AFunctionFieldOutOfRangeNamesItsLine) {
  Config config;
  const std::string message = Read(
      "functions:\n  job-controller:\n    memory_mb: 1\n    init: {uniform_ms: [5]}\n", &config);
  EXPECT_EQ(message.substr(0, 46), "c.yaml:3: functions.job-controller.memory_mb: ") << message;
  EXPECT_NE(message.find("\nc.yaml:4: functions.job-controller.init: "), std::string::npos)
      << message;
}

TEST(ConfigTest, SyntaxErrorsMissingFilesAndEmptyGroups) {
  Config config;
  EXPECT_EQ(Read("server: [1\n", &config).substr(0, 9), "c.yaml:2:");
  EXPECT_EQ(Read("- a\n", &config), "c.yaml:1: (file): must be a map of settings");
  EXPECT_EQ(Read("# only a comment\n", &config), "");
  EXPECT_EQ(Read("store:\n  # durability: full\n", &config), "");
  const auto missing = ReadConfigFile("/nonexistent/kless.yaml", &config);
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().message,
            "the config file: cannot read /nonexistent/kless.yaml: No such file or directory");
}

TEST(ConfigTest, TheEnvironmentSetsValues) {
  Config config;
  EXPECT_TRUE(ReadEnvironment({{"HOME", "/"},
                               {"KLESS_CONFIG", "x"},
                               {"KLESS_PORT", "9000"},
                               {"KLESS_JOB_CONTROLLER_INIT", "450"},
                               {"KLESS_ENDPOINT", "http://127.0.0.1:1"}},
                              &config)
                  .has_value());
  EXPECT_EQ(config.port, 9000);
  EXPECT_EQ(config.functions.at("job-controller"), (FunctionTexts{{"init", "450"}}));
  std::vector<std::string> warnings;
  const auto wrong = ReadEnvironment({{"KLESS_SPEED", "fast"}}, &config, &warnings);
  ASSERT_TRUE(wrong.has_error());
  EXPECT_EQ(wrong.error().message,
            "environment: KLESS_SPEED: must be a number from 0.001 to 1000000, not 'fast'; correct "
            "the variable or unset it");
  EXPECT_TRUE(warnings.empty());
}

TEST(ConfigTest, VariablesOfOthersAreWarningsAndChangeNothing) {
  Config config;
  std::vector<std::string> warnings;
  EXPECT_TRUE(ReadEnvironment({{"KLESS_PROT", "1"}, {"KLESS_VERSION", "1.2"}, {"KLESSPORT", "2"}},
                              &config, &warnings)
                  .has_value());
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(
      warnings[0],
      "environment: KLESS_PROT: not a variable of kless, ignored; did you mean 'KLESS_PORT'?");
  EXPECT_TRUE(warnings[1].starts_with("environment: KLESS_VERSION: not a variable of kless"));
  EXPECT_EQ(config.port, Config().port);
  EXPECT_TRUE(config.given.empty());
}

TEST(ConfigTest, PathsFlagsAndVariablesOfSettingsAreUnique) {
  std::set<std::string> names;
  std::vector<Setting> settings = Settings();
  for (const std::string& function : control_planes::LoopFunctionNames()) {
    for (const FunctionSetting& field : AllFunctionSettings()) {
      settings.push_back(FindSetting("functions." + function + "." + field.name).value());
    }
  }
  for (const Setting& setting : settings) {
    EXPECT_TRUE(names.insert(setting.path).second) << setting.path;
    EXPECT_TRUE(setting.flag.empty() || names.insert(setting.flag).second) << setting.flag;
    EXPECT_TRUE(names.insert(setting.environment).second) << setting.environment;
    EXPECT_FALSE(setting.help.empty()) << setting.path;
  }
}

std::string Text(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string ProfilePath(const std::string& name) {
  return std::string(KLESS_SOURCE_DIR) + "/configs/latency/" + name + ".yaml";
}

std::vector<std::string> ProfileNames() {
  std::vector<std::string> names;
  const std::string folder = std::string(KLESS_SOURCE_DIR) + "/configs/latency";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(entry.path().extension(), ".yaml");
    names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Every value of a profile by its path, zero distributions left out.
std::map<std::string, nlohmann::json> ValuesOf(const nlohmann::json& profile) {
  std::map<std::string, nlohmann::json> values;
  for (const auto& [key, value] : profile.items()) {
    if (key == "name" || key == "sources" || key == "functions" || key == "store" || key == "aws") {
      continue;
    }
    if (key != "init" && key != "classic" && key != "submitter") {
      values[key] = value;
      continue;
    }
    for (const auto& [name, inner] : value.items()) {
      if (name != "startup") {
        values[key + "." + name] = inner;
        continue;
      }
      for (const auto& stage : inner) {
        values[key + ".startup." + stage.begin().key()] = stage.begin().value();
      }
    }
  }
  std::erase_if(values, [](const auto& entry) {
    const auto distribution = Distribution::FromJson(entry.second);
    return distribution.has_value() && distribution.value().IsZero();
  });
  return values;
}

TEST(LatencyProfileTest, EveryProfileOfTheTreeIsReadableUnderItsName) {
  const auto names = ProfileNames();
  for (const char* name : {"instant", "thesis-2024", "aws-2026"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
  for (const std::string& name : names) {
    const auto profile = LoadLatencyProfile(ProfilePath(name));
    ASSERT_TRUE(profile.has_value()) << profile.error().message;
    EXPECT_EQ(profile.value().name, name);
  }
}

TEST(LatencyProfileTest, EveryValueOfEveryProfileHasItsSource) {
  for (const std::string& name : ProfileNames()) {
    const std::string path = ProfilePath(name);
    const auto documents = ParseDocuments(Text(path), YamlRules::kCore, path);
    ASSERT_TRUE(documents.has_value()) << documents.error().message;
    const nlohmann::json& document = documents.value().front();
    const auto sources = document.value("sources", nlohmann::json::object());
    for (const auto& [value, unused] : ValuesOf(document)) {
      EXPECT_TRUE(sources.contains(value)) << name << " says " << value << " without a source";
    }
    for (const auto& [setting, unused] : LoadLatencyProfile(path).value().settings) {
      EXPECT_TRUE(sources.contains(setting)) << name << " says " << setting << " without a source";
    }
  }
}

// The samples have the published quantiles, in the profile that claims so.
TEST(LatencyProfileTest, TheQuantilesOfAws2026AreThoseOfItsSources) {
  const auto profile = LoadLatencyProfile(ProfilePath("aws-2026")).value();
  ASSERT_GE(profile.init.size(), 6U);
  const auto check = [&](const std::string& path, const Distribution& distribution) {
    EXPECT_EQ(distribution.ToJson(),
              nlohmann::json({{"quantiles_ms", profile.sources.at(path).quantiles_ms}}))
        << path;
  };
  for (const auto& [runtime, init] : profile.init) check("init." + runtime, init);
  check("feed_delivery", profile.feed_delivery);
}

TEST(ConfigTest, TheDataPlaneIsConfiguredInTheFile) {
  Config config;
  ASSERT_EQ(Read(R"(data_plane:
  nodes: 5
  zones: 2
  node_cpu: 500m
  node_resources: {nvidia.com/gpu: 8}
  run_time: {lognormal_ms: {p50: 100, p99: 900}}
  start: 2.5s
  stages:
  - {step: run, weight: 95}
  - {step: run, weight: 5, exit_code: 3}
)",
                 &config),
            "");
  EXPECT_EQ(config.data_plane.nodes, 5);
  EXPECT_EQ(config.data_plane.zones, 2);
  EXPECT_EQ(config.data_plane.node_cpu, "500m");
  EXPECT_EQ(config.data_plane.node_resources.at("nvidia.com/gpu"), "8");
  EXPECT_EQ(config.data_plane.run_time->TypicalMs(), 100);
  EXPECT_EQ(config.data_plane.start->TypicalMs(), 2500);
  ASSERT_EQ(config.data_plane.stages.size(), 2u);
  EXPECT_EQ(config.data_plane.stages[1].exit_code, 3);
}

TEST(ConfigTest, WhatIsWrongWithTheDataPlaneIsSaidWithLineAndKey) {
  Config config;
  const std::string message = Read(R"(data_plane:
  nodes: -1
  nodez: 3
  node_cpu: lots
  kubelet: slow
  node_resources: {gpu: 8}
  stages: [{step: run, exit: 1}]
)",
                                   &config);
  for (const char* part :
       {":2: data_plane.nodes: must be a whole number", ":3: data_plane.nodez: unknown key; did",
        ":4: data_plane.node_cpu: must be a quantity", ":5: data_plane.kubelet: must be one of",
        "'gpu' is not an extended resource", "stage 0: unknown field 'exit'"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " in\n" << message;
  }
}

TEST(LatencyProfileTest, TheBuiltInProfileCostsNothingAndUnknownNamesListTheKnownOnes) {
  const auto instant = LoadLatencyProfile("instant");
  ASSERT_TRUE(instant.has_value());
  EXPECT_TRUE(instant.value().store_write.IsZero());
  const auto unknown = LoadLatencyProfile("nowhere");
  ASSERT_TRUE(unknown.has_error());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  const std::string& message = unknown.error().message;
  EXPECT_NE(message.find("instant", message.find("known: ")), std::string::npos) << message;
}

}  // namespace
}  // namespace kless
