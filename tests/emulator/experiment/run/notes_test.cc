// Notes on settings without effect: each appears where it is true, and nowhere else.
#include "emulator/experiment/run/notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/base/system/files.h"
#include "emulator/base/system/scratch_folder.h"
#include "emulator/experiment/run/experiment.h"

namespace kless::experiment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NotesTest : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = std::move(ScratchFolder::Make().value()); }

  std::vector<std::string> NotesOf(const std::string& text, const ScenarioOptions& options = {}) {
    const std::string path = folder_->path() + "/mine.yaml";
    EXPECT_TRUE(WriteFile(path, text).has_value());
    const auto scenario = LoadScenario(path, options);
    if (scenario.has_error()) return {"error: " + scenario.error().message};
    const auto result = RunExperiment(scenario.value(), {});
    if (result.has_error()) return {"error: " + result.error().message};
    for (const std::string& problem : Problems(result.value())) ADD_FAILURE() << problem;
    return result.value().notes;
  }

  const std::string thesis_ =
      "latency: " + std::string(KLESS_SOURCE_DIR) + "/configs/latency/thesis-2024.yaml\n";
  const std::string three_ = thesis_ + "workload: {jobs: 30, pods: 1}\nstart: [cold, warm]\n";
  std::unique_ptr<ScratchFolder> folder_;
};

TEST_F(NotesTest, TheThreeLinesOfTheReadmeNeedNone) { EXPECT_THAT(NotesOf(three_), IsEmpty()); }

TEST_F(NotesTest, WithTheRuntimeRemovedTheColdStartIsSaidToHaveNoInit) {
  ScenarioOptions options;
  options.sets = {{"functions.default.runtime", "null"}};
  EXPECT_THAT(
      NotesOf(three_, options),
      ElementsAre("cold starts have no init: no runtime is set; the latency profile 'thesis-2024' "
                  "has the runtimes kubeless: set functions.default.runtime to one of them (in "
                  "cold)"));
  options.without = {"init"};
  options.sets.clear();
  EXPECT_THAT(NotesOf(three_, options), IsEmpty());
}

TEST_F(NotesTest, ColdAndWarmThatAreTheSameAreSaidToBe) {
  const std::string instant =
      "workload: {jobs: 10, pods: 1}\nstart: [cold, warm]\n"
      "functions: {default: {init: 0}}\n";
  EXPECT_THAT(NotesOf(instant), ElementsAre(HasSubstr("cold and warm starts give the same times")));
  EXPECT_THAT(NotesOf("workload: {jobs: 10, pods: 1}\nstart: [cold, warm]\n"
                      "functions: {default: {init: 5}}\n"),
              IsEmpty());
  // The classic control plane without a start-up.
  EXPECT_THAT(NotesOf("control_plane: classic\nworkload: {jobs: 10}\nstart: [cold, warm]\n"),
              ElementsAre(HasSubstr("cold and warm starts give the same times")));
}

TEST_F(NotesTest, ASweepThatChangesNothingIsNamedWithItsValues) {
  const std::string swept =
      thesis_ + "workload: {jobs: 5, pods: 1}\nsweep: {store.retention_count: [1000, 2000]}\n";
  EXPECT_THAT(
      NotesOf(swept),
      ElementsAre("the sweep over store.retention_count changed nothing: 1000 and 2000 give "
                  "the same results; leave it out, or change what keeps it from mattering"));
  EXPECT_THAT(NotesOf(thesis_ + "workload: {jobs: 5, pods: 1}\n"
                                "sweep: {functions.default.memory_mb: [128, 1769]}\n"),
              IsEmpty());
}

TEST_F(NotesTest, ASweepOfCapsThatAreAllTooHighSaysHowManyRanAtOnce) {
  const auto notes = NotesOf(thesis_ +
                             "workload: {jobs: 5, pods: 1}\n"
                             "functions: {default: {mapping: {parallelization_factor: 1}}}\n"
                             "sweep: {functions.account_concurrency: [20, 100]}\n");
  ASSERT_EQ(notes.size(), 1u) << ::testing::PrintToString(notes);
  EXPECT_THAT(notes[0],
              HasSubstr("the sweep over functions.account_concurrency changed nothing: 20 "
                        "and 100 give the same results, for at most "));
}

TEST_F(NotesTest, ACapThatIsNeverReachedIsNamedAndOneThatIsReachedIsNot) {
  const std::string load = thesis_ + "workload: {jobs: 60, pods: 1}\nsubmitter: {kind: direct}\n";
  EXPECT_THAT(NotesOf(load + "functions: {account_concurrency: 2}\n"), IsEmpty());
  EXPECT_THAT(
      NotesOf(load + "functions: {account_concurrency: 500}\n"),
      ElementsAre(HasSubstr("functions.account_concurrency of 500 is never reached: at most")));
  // In a sweep that makes a difference, only the caps that are never reached are named.
  EXPECT_THAT(NotesOf(load + "sweep: {functions.account_concurrency: [2, 500, 1000]}\n"),
              ElementsAre(HasSubstr("functions.account_concurrency of 500 and 1000 are never")));
  // The profile's cap was not chosen here.
  EXPECT_THAT(NotesOf(thesis_ + "workload: {jobs: 1, pods: 1}\n"), IsEmpty());
}

TEST_F(NotesTest, CapsAreNotJudgedWhereThereAreNoneOrTheyAreMeantNotToBeReached) {
  EXPECT_THAT(NotesOf(thesis_ + "control_plane: classic\nworkload: {jobs: 5}\n"
                                "sweep: {functions.account_concurrency: [1, 10]}\n"),
              ElementsAre(HasSubstr("the classic control plane has no functions")));
  ScenarioOptions options;
  options.without = {"throttle"};
  EXPECT_THAT(NotesOf(three_, options), IsEmpty());
  // Without a latency profile, invocations take no time, and still run.
  EXPECT_THAT(NotesOf("workload: {jobs: 5}\nfunctions: {default: {init: 5}, "
                      "account_concurrency: 100}\n"),
              ElementsAre(HasSubstr("at most 2 invocations ran at once")));
}

TEST_F(NotesTest, AWarmStartWithoutWarmEnvironmentsIsNamed) {
  ScenarioOptions options;
  options.sets = {{"functions.default.keep_alive_ms", "0"}};
  EXPECT_THAT(NotesOf(three_, options),
              ElementsAre(HasSubstr("start: warm begins with a cold start")));
}

TEST_F(NotesTest, AnInitThatNoRunWaitsForIsNamed) {
  EXPECT_THAT(NotesOf(thesis_ + "workload: {jobs: 30}\nstart: warm\n"
                                "sweep: {functions.default.init: [100, 900]}\n"),
              ElementsAre(HasSubstr("the sweep over functions.default.init has no effect: no run "
                                    "has a cold start; use start: cold")));
  ScenarioOptions options;
  options.sets = {{"profile.init.go", "5"}};
  EXPECT_THAT(NotesOf(three_, options),
              ElementsAre("profile.init.go has no effect: no function takes its init from the "
                          "runtime 'go'; set functions.default.runtime to it"));
  options.sets = {{"profile.init.kubeless", "5"}};
  EXPECT_THAT(NotesOf(three_, options), IsEmpty());
}

TEST_F(NotesTest, AMemoryThatChangesOnlyTheCostIsSaidTo) {
  EXPECT_THAT(NotesOf("workload: {jobs: 5}\nfunctions: {default: {init: 5}}\n"
                      "sweep: {functions.default.memory_mb: [128, 1769]}\n"),
              ElementsAre("the sweep over functions.default.memory_mb changed only the cost: 128 "
                          "and 1769 take the same times"));
}

TEST_F(NotesTest, SettingsOfALoopThatDoesNotRunAreNamed) {
  EXPECT_THAT(
      NotesOf(thesis_ + "workload: {jobs: 1}\nfunctions: {scheduler: {init: 450}}\n"),
      ElementsAre("functions.scheduler has no effect: its loop does not run; add scheduler to "
                  "loops"));
  // One set of values for both control planes.
  EXPECT_THAT(NotesOf(thesis_ + "workload: {jobs: 5}\ncontrol_plane: [serverless, classic]\n"
                                "functions: {job-controller: {init: 450}}\n"),
              IsEmpty());
}

}  // namespace
}  // namespace kless::experiment
