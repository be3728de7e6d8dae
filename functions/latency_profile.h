// LatencyProfile: what a step of the emulated world costs, as data with sources (configs/latency).
//
// The file is YAML with the keys of FromJson.  Where the numbers come from stands in its `sources`
// map, one entry per distribution, so that a report can print it beside what it emulated.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/distribution.h"
#include "emulator/base/error.h"

namespace kless {

// A full vCPU has this much memory:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (2026-11)
constexpr int kMemoryMbPerVcpu = 1769;

// Where a distribution comes from.
struct LatencySource {
  std::string source;                          // a publication, or "assumption"
  std::string date;                            // of the measurement: "2022-09"
  std::optional<std::uint64_t> n;              // samples
  std::map<std::string, double> quantiles_ms;  // as published: {"p50": 213, "p99": 552}
  std::string note;                            // how the number was derived
};

// The classic control plane: a controller manager that talks to an API server.
struct ClassicProfile {
  // Whose constants and queueing rules the controller follows: "1.27" or "1.36".  Job queue
  // back-off 10 s to 360 s or 1 s to 60 s; updates of a Job's status queue it at once or after the
  // batch period (reference kubernetes.md, I and (b)).
  std::string release = "1.36";
  // Client-side token bucket, one per controller, shared by pod writes, status writes and events.
  // 0: no limit.  --kube-api-qps, --kube-api-burst: 20 and 30.
  double client_qps = 20;
  int client_burst = 30;
  int workers = 5;                                       // --concurrent-job-syncs
  Duration sync_batch_period = std::chrono::seconds(1);  // SyncJobBatchPeriod
  int api_cores = 2;            // requests that the API server works on at once
  Distribution api_latency;     // of a request besides its CPU: network, etcd's disk
  Distribution api_cpu;         // CPU of a request, API server and etcd together, on one core
  Distribution watch_delivery;  // from the write until the informer has it
  Distribution sync_cpu;        // of a sync besides its requests
  // From nothing to a controller that works, in order.
  std::vector<std::pair<std::string, Distribution>> startup;
};

// Who submits.
struct SubmitterProfile {
  Distribution rtt;            // of a request over an open connection, besides the server's work
  Distribution kubectl_start;  // from its start until its request leaves
  Distribution kubectl_end;    // from its answer until it has exited
  Distribution client_cpu;     // of a keep-alive client between an answer and the next request
};

struct LatencyProfile {
  std::string name = "instant";
  // Datastore request, server side and network.
  Distribution store_read;
  Distribution store_write;
  // CPU of one request in the function, in time of a full vCPU; divided by the CPU share.
  Distribution store_request_cpu;
  // CPU of the first request of an environment (client construction, TLS), likewise.
  Distribution first_request_cpu;
  // From commit until the event source mapping sees the record.
  Distribution feed_delivery;
  // How far secondary-index reads lag behind.
  Distribution index_lag;
  // From when a timer item is due until its function is asked to run (EventBridge Scheduler).
  Distribution timer_delivery;
  // CPU of one reconcile besides its requests, likewise.
  Distribution reconcile_cpu;
  // Init of a cold start by runtime ("go", "rust", "python3.13"): what a function gets that names
  // its runtime and no init.
  std::map<std::string, Distribution> init;
  ClassicProfile classic;
  SubmitterProfile submitter;
  // By the path of the value: "store_read", "init.go", "classic.api_cpu", "classic.startup.caches".
  std::map<std::string, LatencySource> sources;

  // {"name": "instant", "store_read": <distribution>, ..., "init": {"go": <distribution>},
  // "classic": {"release": "1.36", "client_qps": 20, ..., "startup": [{"container start":
  // <distribution>}]}, "submitter": {"kubectl_start": <distribution>}, "sources": {"store_read":
  // {"source": "...", "date": "2022-09", "n": 1024, "quantiles_ms": {"p50": 213}, "note":
  // "..."}}}: every key may be given, in a source `source` and `date` must be.  kInvalidArgument
  // names the key at fault, for an unknown one with the nearest known key.
  static Result<LatencyProfile> FromJson(const nlohmann::json& json);
  // Sets one value by its path, as FromJson reads it: "classic.client_qps", 0.
  Result<void> Set(const std::string& path, const nlohmann::json& value);
  // The distribution at a path, null if it is none: "submitter.rtt", "init.go".
  const Distribution* Find(const std::string& path) const;
  // The paths that Set knows ("init.<runtime>" and "classic.startup" aside).
  static std::vector<std::string> Paths();
};

// The share of a vCPU that `memory_mb` buys, at most 1: a handler runs on one thread.
double CpuShare(int memory_mb);

}  // namespace kless
