// World: an emulator that plays a story's events, and passes its feed to a checker.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/system/scratch_folder.h"
#include "tests/harness/checker.h"
#include "tests/harness/coverage.h"
#include "tests/harness/story.h"
#include "tests/support/test_emulator.h"

namespace kless::harness {

class World {
 public:
  // Throws std::runtime_error if the emulator does not open.
  explicit World(const Story& story);

  // Advances the time to `at_ms` of the story; stops at a violation.
  void AdvanceTo(std::int64_t at_ms);
  void Apply(const Event& event);
  // Runs until no timer is left, or nothing has changed for very long, or `limit` has passed; then
  // checks the end.
  void Settle(Duration limit);

  bool violated() const { return problem_ || checker_.violation(); }
  std::optional<Violation> violation() const {
    return checker_.violation() ? checker_.violation() : problem_;
  }
  const Checker& checker() const { return checker_; }
  Coverage& coverage() { return coverage_; }

 private:
  struct Armed {
    nlohmann::json fault() const;
    Event event;
    std::int64_t until_ms = 0;
  };
  using ApplyEvent = void (World::*)(const Event&);

  // Checks the records committed since the last call.
  void Feed();
  std::int64_t NowMs();
  void RunTo(std::int64_t at_ms);
  bool Quiet();  // nothing has changed for long, and nothing will
  void Report(const std::string& invariant, const ResourceId& object, const std::string& sentence);

  // Sends a request and returns the status of the reply; 5xx is a violation.
  int Send(const std::string& method, const std::string& target, const nlohmann::json& body);
  int PatchSpec(const std::string& job, const nlohmann::json& spec);
  std::optional<nlohmann::json> Get(const std::string& target);
  // Names of the Job's pods, in order.
  std::vector<std::string> PodsOf(const std::string& job) const;
  std::string PodOf(const Event& event) const;  // the nth; "" if there is none

  void Submit(const Event& event);
  void Edit(const Event& event);
  void Delete(const Event& event);
  void DeletePod(const Event& event);
  void HarmPod(const Event& event);
  void UnlabelPod(const Event& event);
  void RelabelPods(const Event& event);
  void AddStray(const Event& event);
  void ChangeNode(const Event& event);
  void AddFault(const Event& event);
  void Restart(const Event& event);

  void Arm(const Armed& armed);
  // Switches off expired faults.
  void ExpireFaults();
  void CountFaults();  // counts fired faults before they are cleared

  const bool needs_file_;
  std::unique_ptr<ScratchFolder> folder_;
  std::unique_ptr<testing::TestEmulator> emulator_;
  KeyLayout layout_{};
  Checker checker_;
  std::optional<Violation> problem_;
  Coverage coverage_;
  std::uint64_t position_ = 0;    // of the feed
  std::int64_t last_change_ = 0;  // excluding timers and events; Unix nanoseconds
  std::set<std::string> dead_nodes_;
  std::vector<Armed> armed_;
  // Pods that were removed from their Job's selector, and the changed label.
  std::map<std::string, std::string> unlabelled_;
  int strays_ = 0;
};

}  // namespace kless::harness
