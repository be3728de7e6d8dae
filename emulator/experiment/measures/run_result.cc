#include "emulator/experiment/measures/run_result.h"

#include <nlohmann/json.hpp>

namespace kless::experiment {

using nlohmann::json;

const std::vector<std::string>& CauseNames() {
  static const std::vector<std::string> names = {"submit",        "commit",  "feed",  "lane",
                                                 "throttle",      "wait",    "init",  "batch",
                                                 "first_request", "compute", "store", "other"};
  return names;
}

const char* CauseName(Cause cause) { return CauseNames()[static_cast<std::size_t>(cause)].c_str(); }

// Rows are arrays because a run of 100,000 pods is sent through a pipe.
json RunResultToJson(const RunResult& result) {
  json jobs = json::array(), pods = json::array(), invocations = json::array();
  json environments = json::array(), feed = json::array(), startup = json::array();
  for (const JobTiming& job : result.jobs) {
    jobs.push_back({job.name, job.due, job.begun, job.written, job.reconciled, job.answered,
                    job.pods_wanted, job.pods});
  }
  for (const PodTiming& pod : result.pods) {
    pods.push_back({pod.job, pod.name, pod.created, pod.start, pod.causes});
  }
  for (const InvocationTiming& row : result.invocations) {
    invocations.push_back({row.function, row.environment, row.start, row.outcome, row.requested,
                           row.queued, row.init, row.run, row.store, row.billed, row.memory_mb,
                           row.throttles, row.ideal});
  }
  for (const EnvironmentSample& sample : result.environments) {
    environments.push_back({sample.at, sample.initializing, sample.busy, sample.idle});
  }
  for (const FeedSample& sample : result.feed) {
    feed.push_back({sample.at, sample.iterator_age, sample.queued});
  }
  for (const StartupStage& stage : result.startup) startup.push_back({stage.name, stage.duration});
  json provisioned = json::object();
  for (const auto& [function, kept] : result.provisioned) {
    provisioned[function] = {kept.environments, kept.memory_mb};
  }
  return {{"seed", result.seed},
          {"jobs", std::move(jobs)},
          {"pods", std::move(pods)},
          {"invocations", std::move(invocations)},
          {"environments", std::move(environments)},
          {"throttles", result.throttles},
          {"feed", std::move(feed)},
          {"startup", std::move(startup)},
          {"end", result.end},
          {"last_pod_end", result.last_pod_end},
          {"concurrency_cap", result.concurrency_cap},
          {"environment_memory_mb", result.environment_memory_mb},
          {"provisioned", std::move(provisioned)},
          {"concurrency_peak", result.concurrency_peak},
          {"counts", result.counts},
          {"problem", result.problem}};
}

Result<RunResult> RunResultFromJson(const json& document) {
  RunResult result;
  try {
    document.at("seed").get_to(result.seed);
    for (const json& row : document.at("jobs")) {
      JobTiming job;
      row.at(0).get_to(job.name);
      row.at(1).get_to(job.due);
      row.at(2).get_to(job.begun);
      row.at(3).get_to(job.written);
      row.at(4).get_to(job.reconciled);
      row.at(5).get_to(job.answered);
      row.at(6).get_to(job.pods_wanted);
      row.at(7).get_to(job.pods);
      result.jobs.push_back(std::move(job));
    }
    for (const json& row : document.at("pods")) {
      PodTiming pod;
      row.at(0).get_to(pod.job);
      row.at(1).get_to(pod.name);
      row.at(2).get_to(pod.created);
      row.at(3).get_to(pod.start);
      row.at(4).get_to(pod.causes);
      result.pods.push_back(std::move(pod));
    }
    for (const json& row : document.at("invocations")) {
      InvocationTiming made;
      row.at(0).get_to(made.function);
      row.at(1).get_to(made.environment);
      row.at(2).get_to(made.start);
      row.at(3).get_to(made.outcome);
      row.at(4).get_to(made.requested);
      row.at(5).get_to(made.queued);
      row.at(6).get_to(made.init);
      row.at(7).get_to(made.run);
      row.at(8).get_to(made.store);
      row.at(9).get_to(made.billed);
      row.at(10).get_to(made.memory_mb);
      row.at(11).get_to(made.throttles);
      row.at(12).get_to(made.ideal);
      result.invocations.push_back(std::move(made));
    }
    for (const json& row : document.at("environments")) {
      result.environments.push_back({row.at(0).get<std::int64_t>(), row.at(1).get<int>(),
                                     row.at(2).get<int>(), row.at(3).get<int>()});
    }
    for (const json& row : document.at("feed")) {
      result.feed.push_back({row.at(0).get<std::int64_t>(), row.at(1).get<std::int64_t>(),
                             row.at(2).get<std::uint64_t>()});
    }
    for (const json& row : document.at("startup")) {
      result.startup.push_back({row.at(0).get<std::string>(), row.at(1).get<std::int64_t>()});
    }
    document.at("throttles").get_to(result.throttles);
    document.at("end").get_to(result.end);
    document.at("last_pod_end").get_to(result.last_pod_end);
    document.at("concurrency_cap").get_to(result.concurrency_cap);
    document.at("environment_memory_mb").get_to(result.environment_memory_mb);
    for (const auto& [function, row] : document.at("provisioned").items()) {
      result.provisioned[function] = {row.at(0).get<int>(), row.at(1).get<int>()};
    }
    document.at("concurrency_peak").get_to(result.concurrency_peak);
    document.at("counts").get_to(result.counts);
    document.at("problem").get_to(result.problem);
  } catch (const json::exception& error) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string("not the document of a run: ") + error.what());
  }
  return result;
}

}  // namespace kless::experiment
