// Submitter: submits a workload to a world, at the cost of the submitting client.
//
// Jobs enter as POSTs through the router, like HTTP requests.  Before that a request costs its
// round trip (half each way) and, for kubectl, the process's own time; at the server it costs one
// write of the datastore (serverless) or one request of the API server (classic).
#pragma once

#include <memory>
#include <string>

#include "emulator/emulator.h"
#include "emulator/experiment/run/run_recorder.h"
#include "emulator/experiment/scenario/run_spec.h"
#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {

class Submitter {
 public:
  // All references must outlive it.  `prefix` is that of the Jobs' names.
  Submitter(EventLoop& event_loop, Emulator& emulator, RunRecorder& recorder, const RunSpec& spec,
            const Workload& workload, std::string prefix, std::uint64_t seed);

  // Everything is due relative to now.  Call it once.
  void Start();
  // Whether every arrival was submitted and got a reply.
  bool Done() const { return open_ == 0; }
  // Returns the first refusal: "job-00003: 422 ...".
  const std::string& problem() const { return problem_; }

 private:
  Task<> RunClient();
  Task<> SubmitAt(std::size_t index);
  Task<> Submit(std::size_t index);
  Task<> Invoke(std::size_t index);
  void StartInvocations();

  EventLoop& event_loop_;
  Emulator& emulator_;
  RunRecorder& recorder_;
  const RunSpec& spec_;
  const Workload& workload_;
  const std::string prefix_;
  Random random_;
  TimePoint started_at_{};
  std::size_t next_ = 0;
  std::size_t open_ = 0;  // arrivals without a reply
  std::string problem_;
};

// Returns "trace-00001".
std::string TraceFunctionName(std::size_t index);
// Registers the functions of an invocation workload in the pool.
Result<void> RegisterTraceFunctions(Emulator& emulator, const Workload& workload);

// Returns the POST of an arrival's Job.  Its command sleeps for the arrival's duration; without
// one, the data plane determines the run time if it has a setting for such commands.
HttpRequest JobRequest(const std::string& name, const Arrival& arrival, const Config& config);
// Returns "job-00001".
std::string JobName(const std::string& prefix, std::size_t index);

}  // namespace kless::experiment
