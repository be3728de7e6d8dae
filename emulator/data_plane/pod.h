// Pod: a simulated pod in memory, of a few hundred bytes; its document stays in the store.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "emulator/data_plane/pod_manifest.h"
#include "emulator/data_plane/timer_queue.h"
#include "store/item/resource_fields.h"

namespace kless::data_plane {

// All times are nanoseconds since 1970, as in EventLoop::UnixNanos.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

enum class ContainerState : std::uint8_t { kWaiting, kRunning, kTerminated };
enum class EndReason : std::uint8_t { kCompleted, kError, kOomKilled, kStatusUnknown };

struct Termination {
  std::int64_t started_at = 0;
  std::int64_t finished_at = 0;
  int exit_code = 0;
  EndReason reason = EndReason::kCompleted;
};

struct Container {
  ContainerState state = ContainerState::kWaiting;
  bool backing_off = false;  // waiting: CrashLoopBackOff
  bool ready = false;
  bool ran_before = false;  // `last` holds the previous run
  int restarts = 0;
  int backoff_base = 0;  // number of restarts when the back-off was reset
  // If waiting, or terminated and to be restarted: when it starts, or 0 if it is not its turn.  If
  // running: when the kubelet notices its end.  Otherwise kNever.
  std::int64_t due = 0;
  std::int64_t ready_at = kNever;
  // If running: how it will end (finished_at is in the future).  If terminated: how it ended.
  Termination run;
  Termination last;

  // Whether its end is final.
  bool ended() const { return state == ContainerState::kTerminated && due == kNever; }
  bool started_once() const { return state != ContainerState::kWaiting || ran_before; }
};

// Why a pod's containers are stopped.
enum class StopReason : std::uint8_t {
  kNone,
  kFinished,  // the main containers have ended: sidecars are stopped
  kDeleted,
  kDeadline,  // activeDeadlineSeconds
  kEvicted,
};

struct Pod {
  std::string uid;
  std::shared_ptr<const PodManifest> manifest;
  int node = 0;               // its index
  int ip_slot = 0;            // in the node's pod network; 0: none
  std::uint64_t version = 0;  // of the document that was last read or written
  std::int64_t started_at = 0;
  std::int64_t pull_due = 0;        // not pulled yet: the end of the next attempt
  std::int64_t write_due = kNever;  // the status could not be written: the next attempt
  int pull_failures = 0;
  bool pulled = false;
  bool deleting = false;
  std::int64_t grace_seconds = 0;  // deleting: the last known grace
  StopReason stop = StopReason::kNone;
  PodPhase phase = PodPhase::kPending;
  std::vector<Container> containers;  // in the order of the shape
  std::string eviction_message;
  TimerId timer;

  bool terminal() const { return IsTerminal(phase); }
};

}  // namespace kless::data_plane
