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
  // CPU of one reconcile besides its requests, likewise.
  Distribution reconcile_cpu;
  // By the name of the distribution.
  std::map<std::string, LatencySource> sources;

  // {"name": "instant", "store_read": <distribution>, ..., "sources": {"store_read": {"source":
  // "...", "date": "2022-09", "n": 1024, "quantiles_ms": {"p50": 213}, "note": "..."}}}: every key
  // may be given, in a source `source` and `date` must be.  kInvalidArgument names the key at
  // fault, for an unknown one with the nearest known key.
  static Result<LatencyProfile> FromJson(const nlohmann::json& json);
};

// The share of a vCPU that `memory_mb` buys, at most 1: a handler runs on one thread.
double CpuShare(int memory_mb);

}  // namespace kless
