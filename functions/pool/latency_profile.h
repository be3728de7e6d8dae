// LatencyProfile: the cost of each step of the emulated world, as data with sources
// (configs/latency).
//
// The file is YAML with the keys of FromJson.  Its `sources` map says where the numbers come from,
// with one entry per distribution, so that a report can print it next to the emulated value.
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

// The memory that buys one full vCPU:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (2026-11)
constexpr int kMemoryMbPerVcpu = 1769;

// The source of a distribution.
struct LatencySource {
  std::string source;                          // a publication, or "assumption"
  std::string date;                            // of the measurement: "2022-09"
  std::optional<std::uint64_t> n;              // number of samples
  std::map<std::string, double> quantiles_ms;  // as published: {"p50": 213, "p99": 552}
  std::string note;                            // how the number was derived
};

// The classic control plane: a controller manager that talks to an API server.
struct ClassicProfile {
  // The Kubernetes release whose constants and queueing rules the controller follows: "1.27" or
  // "1.36".  Job queue back-off 10 s to 360 s or 1 s to 60 s; updates of a Job's status queue it at
  // once or after the batch period (reference kubernetes.md, I and (b)).
  std::string release = "1.36";
  // Client-side token bucket, one per controller, shared by pod writes, status writes and events.
  // 0: no limit.  Kubernetes' flags are --kube-api-qps and --kube-api-burst: 20 and 30.
  double client_qps = 20;
  int client_burst = 30;
  int workers = 5;                                       // --concurrent-job-syncs
  Duration sync_batch_period = std::chrono::seconds(1);  // SyncJobBatchPeriod
  int api_cores = 2;            // requests that the API server processes at once
  Distribution api_latency;     // of a request, besides its CPU: network, etcd's disk
  Distribution api_cpu;         // CPU of a request, API server and etcd together, on one core
  Distribution watch_delivery;  // from the write to its arrival in the informer
  Distribution sync_cpu;        // of a sync, besides its requests
  // The stages of the controller's start-up, in order.
  std::vector<std::pair<std::string, Distribution>> startup;
};

// The client that submits a workload.
struct SubmitterProfile {
  Distribution rtt;            // of a request over an open connection, besides the server's work
  Distribution kubectl_start;  // from its start until it sends its request
  Distribution kubectl_end;    // from the reply until it has exited
  Distribution client_cpu;     // of a keep-alive client between a reply and the next request
};

struct LatencyProfile {
  std::string name = "instant";
  // A datastore request: server side and network.
  Distribution store_read;
  Distribution store_write;
  // CPU time of one request in the function, on a full vCPU; divided by the CPU share.
  Distribution store_request_cpu;
  // CPU time of the first request of an environment (client construction, TLS), likewise.
  Distribution first_request_cpu;
  // From a commit until the event source mapping sees the record.
  Distribution feed_delivery;
  // The lag of secondary-index reads.
  Distribution index_lag;
  // From the time a timer item is due until its function is invoked (EventBridge EventLoop).
  Distribution timer_delivery;
  // CPU time of one reconcile besides its requests, likewise.
  Distribution reconcile_cpu;
  // Init of a cold start by runtime ("go", "rust", "python3.13"), for functions that name a runtime
  // and no init.
  std::map<std::string, Distribution> init;
  ClassicProfile classic;
  SubmitterProfile submitter;
  // Settings of the function that was measured and of its account, as published: the text by path,
  // "functions.default.runtime", "functions.account_concurrency".  They are defaults for every use
  // of the profile.
  std::map<std::string, std::string> settings;
  // Sources by the path of the value: "store_read", "init.go", "classic.api_cpu",
  // "classic.startup.caches".
  std::map<std::string, LatencySource> sources;

  // {"name": "instant", "store_read": <distribution>, ..., "init": {"go": <distribution>},
  // "classic": {"release": "1.36", "client_qps": 20, ..., "startup": [{"container start":
  // <distribution>}]}, "submitter": {"kubectl_start": <distribution>}, "functions":
  // {"account_concurrency": 10, "default": {"runtime": "go", "mapping": {"batch_size": 100}}},
  // "store": {"key_layout": "type-name", "resource_shards": 4}, "aws": {"throttling": true,
  // "table_delay": "5s"}, "sources": {"store_read":
  // {"source": "...", "date": "2022-09", "n": 1024, "quantiles_ms": {"p50": 213}, "note": "..."}}}.
  // All keys are optional, except `source` and `date` in a source.  kInvalidArgument names the key
  // at fault and, if it is unknown, the nearest known key.
  static Result<LatencyProfile> FromJson(const nlohmann::json& json);
  // Sets one value by its path, as FromJson reads it: "classic.client_qps", 0.  An error names the
  // path only if it is unknown.
  Result<void> Set(const std::string& path, const nlohmann::json& value);
  // The distribution at a path such as "submitter.rtt" or "init.go"; null if there is none.
  const Distribution* Find(const std::string& path) const;
  // The paths that Set knows, except "init.<runtime>" and "classic.startup".
  static std::vector<std::string> Paths();
};

// The share of a vCPU that `memory_mb` buys, at most 1: a handler runs on one thread.
double CpuShare(int memory_mb);

}  // namespace kless
