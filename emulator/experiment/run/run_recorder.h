// RunRecorder: observes one world and builds a RunResult from its observations.
//
// It counts from Begin on.  Pods and Jobs are taken from the change feed (Read), their causes from
// the telemetry; both are joined by sequence number.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/experiment/measures/run_result.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::experiment {

// Returns how many pods a Job wants at first: parallelism, at most completions if given; 0 if it is
// suspended, or if the document cannot be read.
int PodsWanted(const std::string& document);

class RunRecorder final : public Telemetry {
 public:
  explicit RunRecorder(EventLoop& event_loop) : event_loop_(event_loop) {}

  // Everything counts from here on; time 0 of the result is now.
  void Begin(Store& store);
  TimePoint began_at() const { return began_at_; }

  // Jobs that were not announced by AddJob are counted, too: due and submitted when they are
  // written.  A deleted Job wants no more pods than it has by then (counted as
  // "jobs_deleted_early"); one that is created again under its name is another Job.
  void FollowAllJobs() { follows_all_ = true; }
  // The submitter's part of a Job's life.  `name` is "job-00001", in namespace default.
  int AddJob(const std::string& name, TimePoint due, int pods);
  void JobBegun(int job);
  void JobArrived(int job);  // called when its request has reached the server
  void JobAnswered(int job);
  // An invocation of the workload, and its duration without waits.
  void AddInvocation(const std::string& request_id, Duration ideal);

  // Reads at most `records` new records of the feed.  Returns true if there may be more.
  bool Read(int records = 100'000);
  std::uint64_t position() const { return position_; }
  void AddFeedSample(Duration iterator_age, std::uint64_t queued);
  // Whether all pods that the Jobs want have been seen.
  bool Complete() const { return pods_missing_ == 0; }
  std::int64_t pods_missing() const { return pods_missing_; }

  // Returns the recorded result; the recorder is empty afterwards.  Reads the rows of the
  // invocation log.
  RunResult Finish();

  void OnVisible(const ChangeRecord& record, TimePoint visible_at) override;
  void OnWorkStarted(const WorkTrace& work) override;
  void OnWrite(const WriteTrace& write) override;
  void OnEnvironments(TimePoint at, const std::string& function,
                      const EnvironmentCounts& counts) override;
  void OnThrottle(TimePoint at, const std::string& function) override;
  void OnStartupStage(TimePoint ended_at, const std::string& name, Duration took) override;
  void OnStoreCall(bool write, std::uint64_t items) override;

 private:
  struct JobTrace {
    TimePoint arrived{};
    TimePoint visible{};
    std::uint64_t sequence = 0;  // of its INSERT
  };
  struct PodTrace {  // kept until its record is read
    std::string work;
    TimePoint reconcile_began_at{};
    WorkTime spent;
  };

  std::int64_t Since(TimePoint at) const { return (at - began_at_).count(); }
  TimePoint WrittenAt(const ChangeRecord& record) const;
  void ReadJob(const ChangeRecord& record, const std::string& name);
  void ReadPod(const ChangeRecord& record, const ResourceId& id);
  void ReadJobChange(const ChangeRecord& record, const std::string& name);
  void ReadPodChange(const ChangeRecord& record, const ResourceId& id);
  void FillCauses(int job, TimePoint created, const PodTrace& trace, PodTiming* pod) const;
  void AddInvocations();
  void Sample(TimePoint at);
  void NotePeak();

  EventLoop& event_loop_;
  Store* store_ = nullptr;
  bool counting_ = false;
  TimePoint began_at_{};
  std::uint64_t position_ = 0;
  std::uint64_t first_row_ = 0;  // of the invocation log, before the first row that counts
  std::int64_t pods_missing_ = 0;
  RunResult result_;
  bool follows_all_ = false;
  std::map<std::string, int> jobs_;  // by resource name
  std::vector<JobTrace> job_traces_;
  std::map<std::uint64_t, TimePoint> visible_;  // Jobs' INSERT records
  std::map<std::string, WorkTrace> works_;
  std::map<std::uint64_t, PodTrace> pods_;                 // by sequence
  std::map<std::string, Duration> ideals_;                 // by request id
  std::map<std::string, EnvironmentCounts> environments_;  // by function
  EnvironmentSample all_environments_;  // their current sum; its time is not used
  TimePoint operational_at_{};
};

}  // namespace kless::experiment
