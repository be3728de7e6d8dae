// LatencyProfile: what a step of the emulated world costs, as data with sources (configs/latency).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/distribution.h"
#include "emulator/base/error.h"

namespace kless {

// A full vCPU has this much memory: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
constexpr int kMemoryMbPerVcpu = 1769;

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

  // {"name": "instant", "store_read": <distribution>, ...}: every key above may be given; unknown
  // keys are kInvalidArgument with the nearest known key.
  static Result<LatencyProfile> FromJson(const nlohmann::json& json);
};

// The share of a vCPU that `memory_mb` buys, at most 1: a handler runs on one thread.
double CpuShare(int memory_mb);

}  // namespace kless
