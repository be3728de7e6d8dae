#include "emulator/config_notes.h"

#include <gtest/gtest.h>

#include "emulator/settings.h"

namespace kless {
namespace {

Config ConfigWith(const std::vector<std::pair<std::string, std::string>>& given) {
  Config config;
  for (const auto& [path, text] : given) {
    const bool shipped = path == "latency" && text != "instant";
    const auto applied = ApplySetting(
        *FindSetting(path),
        shipped ? std::string(KLESS_SOURCE_DIR) + "/configs/latency/" + text + ".yaml" : text,
        "a test", &config);
    EXPECT_TRUE(applied.has_value()) << path << ": " << applied.error().message;
  }
  return config;
}

using ConfigNotes = std::vector<std::string>;

TEST(ConfigNotesTest, TheDefaultsAndTheShippedProfilesOfFunctionsNeedNone) {
  EXPECT_EQ(NotesOnConfig(Config()), ConfigNotes());
  EXPECT_EQ(NotesOnConfig(ConfigWith({{"latency", "thesis-2024"}})), ConfigNotes());
  EXPECT_EQ(NotesOnConfig(ConfigWith({{"latency", "aws-2026"}, {"loops", "all"}})), ConfigNotes());
  EXPECT_EQ(
      NotesOnConfig(ConfigWith({{"latency", "kubernetes-1.36"}, {"control_plane", "classic"}})),
      ConfigNotes());
  EXPECT_EQ(NotesOnConfig(ConfigWith({{"latency", "thesis-2024"}, {"control_plane", "classic"}})),
            ConfigNotes());
}

TEST(ConfigNotesTest, AColdStartWithoutAnInitNamesTheRuntimesOfTheProfile) {
  EXPECT_EQ(
      NotesOnConfig(
          ConfigWith({{"latency", "thesis-2024"}, {"functions.default.runtime", "null"}})),
      ConfigNotes({"cold starts have no init: no runtime is set; the latency profile 'thesis-2024' "
                   "has the runtimes kubeless: set functions.default.runtime to one of them"}));
  // An own init is intended, even if it is 0.
  EXPECT_EQ(NotesOnConfig(ConfigWith({{"latency", "thesis-2024"},
                                      {"functions.default.runtime", "null"},
                                      {"functions.default.init", "0"}})),
            ConfigNotes());
  EXPECT_EQ(NoteOnInit(Config()),
            "cold starts have no init: no runtime is set; the latency profile 'instant' has no "
            "runtimes, so set functions.default.init, for instance to 450 (milliseconds)");
}

TEST(ConfigNotesTest, WhereOnlySomeFunctionsHaveNoInitTheyAreNamed) {
  EXPECT_EQ(NotesOnConfig(ConfigWith({{"latency", "thesis-2024"},
                                      {"loops", "job,scheduler"},
                                      {"functions.scheduler.runtime", "null"}})),
            ConfigNotes(
                {"cold starts of scheduler have no init: no runtime is set; the latency profile "
                 "'thesis-2024' has the runtimes kubeless: set functions.scheduler.runtime to one "
                 "of them"}));
}

TEST(ConfigNotesTest, AProfileOfTheOtherControlPlaneIsNamed) {
  EXPECT_EQ(NotesOnConfig(ConfigWith({{"latency", "kubernetes-1.36"}})),
            ConfigNotes(
                {"the latency profile 'kubernetes-1.36' has no times for functions, whose steps "
                 "cost no time here; set control_plane: classic, or use thesis-2024 or aws-2026"}));
  EXPECT_EQ(
      NotesOnConfig(ConfigWith({{"latency", "aws-2026"}, {"control_plane", "classic"}})),
      ConfigNotes({"the latency profile 'aws-2026' has no times for the classic control plane, "
                   "whose steps cost no time here; kubernetes-1.36 and thesis-2024 do"}));
}

TEST(ConfigNotesTest, SettingsOfAFunctionThatDoesNotRunAreNamed) {
  EXPECT_EQ(
      NotesOnConfig(ConfigWith({{"functions.garbage-collector-controller.init", "450"}})),
      ConfigNotes({"functions.garbage-collector-controller has no effect: its loop does not run; "
                   "add gc to loops"}));
  EXPECT_EQ(NotesOnConfig(ConfigWith({{"functions.job-controller.init", "450"}})), ConfigNotes());
  EXPECT_EQ(NotesOnConfig(ConfigWith(
                {{"functions.job-controller.init", "450"}, {"control_plane", "classic"}})),
            ConfigNotes(
                {"functions.job-controller has no effect: the classic control plane runs 'job' as "
                 "a controller, not as a function; set control_plane: serverless"}));
}

}  // namespace
}  // namespace kless
