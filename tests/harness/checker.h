// Checker: follows the change feed record by record and finds the first one after which the world
// is not as it must be.  It knows nothing of controllers: a Job's promises, its pods and its status
// are all in the records.
//
// The names of the invariants are in the files of their rules: pod_rules.cc, job_rules.cc,
// job_finish_rules.cc, end_rules.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/item/item.h"
#include "store/item/resource_fields.h"
#include "store/resources.h"

namespace kless::harness {

struct Change {
  std::uint64_t sequence = 0;
  std::int64_t unix_nanos = 0;
  ResourceId id;
  ItemPtr old_image;  // null if it is new
  ItemPtr new_image;  // null if it is gone
};

struct Violation {
  std::string invariant;  // "too-many-active"
  std::uint64_t sequence = 0;
  ResourceId object;
  std::string sentence;
};

// The resources that a pod requests or a node has: thousandths, bytes, pods.
struct Room {
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::int64_t pods = 0;
};

struct PodState {
  std::string name;  // "default/a-x7k2p"
  std::string uid;
  std::string owner;  // uid of the controller; "" none
  std::string node;
  PodPhase phase = PodPhase::kNone;
  bool deleting = false;
  bool tracked = false;  // has the finalizer of the Job controller
  bool ready = false;
  int index = -1;
  std::string selected_by;  // label batch.kubernetes.io/controller-uid
  // It was not created for its Job, or did not match its selector for a while: the Job has to
  // accept it, even as a surplus.
  bool adopted = false;
  bool runs_forever = false;
  Room requests;

  bool ended() const { return phase == PodPhase::kSucceeded || phase == PodPhase::kFailed; }
  bool active() const { return !ended() && !deleting; }
  bool terminating() const { return !ended() && deleting; }
};

// The basis of a counter in a Job's status: pods enter uncountedTerminatedPods and leave it.
struct Counted {
  std::set<std::string> ever;
  std::set<std::string> now;
};

struct JobState {
  std::string name;
  std::string uid;
  std::shared_ptr<const nlohmann::json> object;
  bool exists = true;
  // Whether its specs ever had different numbers of completions, and the extremes of the other
  // fields.
  std::int64_t largest_parallelism = 0;
  std::int64_t smallest_deadline = -1;  // seconds; -1: never had one
  bool completions_changed = false;
  std::string terminal;         // "Complete", "Failed"; "" not yet
  std::string terminal_status;  // the status that it ended with
  Counted succeeded, failed;
  std::set<std::string> pods;  // uids that it ever controlled
  // Uids of the pods created for it that succeeded before their deletion was requested.
  std::set<std::string> good_ends;

  bool Indexed() const;
  std::int64_t Spec(const char* field, std::int64_t fallback) const;
  std::int64_t Status(const char* field) const;  // 0 if absent
  const nlohmann::json* StatusField(const char* field) const;
  bool Suspended() const;
  bool ReplacesFailedOnly() const;
  // The condition of a type if its status is True, else null.
  const nlohmann::json* Condition(const char* type) const;
};

struct NodeState {
  Room allocatable;
  bool open = true;  // no taint, not cordoned
};

// Facts at the end of a run that are not in the records.
struct EndOfRun {
  std::set<std::string> dead_nodes;  // whose kubelet has stopped
};

class Checker {
 public:
  // In the order of the feed, from its first record.  Does nothing after the first violation.
  void OnChange(const Change& change);
  // Called when nothing waits for its time any more.
  void AtEnd(const EndOfRun& end);

  const std::optional<Violation>& violation() const { return violation_; }
  // The last records of an object and, for a Job, of its pods and its intent, one per line.
  std::string History(const ResourceId& object, std::size_t records) const;

  // by uid, including deleted ones
  const std::map<std::string, JobState>& jobs() const { return jobs_; }
  const std::map<std::string, PodState>& pods() const { return pods_; }  // by name
  // Whether no timer item of another function has a time.
  bool OnlySchedulerWaits() const;
  std::size_t records() const { return changes_.size(); }

 private:
  void Report(const std::string& invariant, const ResourceId& object, const std::string& sentence);

  // Checks the metadata that every kind has.
  void CheckObject(const Change& change);

  // pod_rules.cc
  void OnPod(const Change& change);
  void OnNewPod(PodState& pod, const Change& change);
  void OnChangedPod(const PodState& before, PodState& pod);
  void OnLostFinalizer(const PodState& before, const PodState& pod);
  void CheckCreation(const JobState& job, const PodState& pod);
  void CheckActive(const JobState& job, const PodState& pod);
  void CheckRoom(const PodState& bound);

  // job_rules.cc
  void OnJob(const Change& change);
  void NoteSpec(JobState& job);
  void CheckStatus(JobState& job, const nlohmann::json& before);
  void CheckConditions(JobState& job, const nlohmann::json& before);
  void CheckCounters(JobState& job, const nlohmann::json& before);
  void CheckUncounted(JobState& job);
  void NoteUncounted(JobState& job, const char* list, Counted* counted, const Counted& other);
  void CheckIndexes(const JobState& job);

  // job_finish_rules.cc
  void CheckFinish(const JobState& job);
  void CheckComplete(const JobState& job);
  void CheckFailed(const JobState& job);

  // end_rules.cc
  void CheckPodAtEnd(const PodState& pod, const EndOfRun& end);
  void CheckJobAtEnd(const JobState& job, const EndOfRun& end);
  void CheckCountsAtEnd(const JobState& job);
  void CheckItemAtEnd(const ResourceId& id, const ItemPtr& item, const EndOfRun& end);
  bool FitsSomewhere(const PodState& pod, const EndOfRun& end) const;
  bool HasReasonToWait(const JobState& job, const EndOfRun& end) const;
  bool AwaitsReplacement(const PodState& pod, const JobState* job) const;
  Room UsedOn(const std::string& node) const;

  bool InCareOf(const PodState& pod, const JobState& job) const { return pod.owner == job.uid; }
  JobState* FindJob(const std::string& uid);

  std::optional<Violation> violation_;
  std::uint64_t sequence_ = 0;  // of the current record
  std::int64_t unix_nanos_ = 0;
  std::vector<Change> changes_;
  std::map<ResourceId, ItemPtr> objects_;  // current images
  std::map<std::string, PodState> pods_;
  std::map<std::string, JobState> jobs_;
  std::map<std::string, NodeState> nodes_;
};

// Parses "0,2-4,7" into numbers; invalid parts are skipped.
std::set<std::int64_t> ParseIndexes(const std::string& text);

}  // namespace kless::harness
