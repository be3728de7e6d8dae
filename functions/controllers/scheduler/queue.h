// PodQueue: active, back-off, error back-off and unschedulable pods, in the order in which they are
// tried.  Times are unix nanoseconds; they never decrease.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "emulator/base/clock.h"
#include "functions/controllers/scheduler/node_state.h"

namespace kless::controllers::scheduler {

constexpr std::int64_t kBackoffInitial = 1 * kNanosPerSecond;
constexpr std::int64_t kBackoffMost = 10 * kNanosPerSecond;
constexpr std::int64_t kFlushInterval = 30 * kNanosPerSecond;
constexpr std::int64_t kUnschedulableMost = 300 * kNanosPerSecond;

class PodQueue {
 public:
  // Adds a new pod to the active (or gated) pods.
  void Add(PodRecord& pod, std::int64_t now);
  // Called after an attempt that `rejectors` made fail; 0 means an error, which backs off without
  // early retry.
  void AddUnschedulable(PodRecord& pod, std::uint32_t rejectors, std::int64_t now);
  void AddError(PodRecord& pod, std::int64_t now);
  // Removes the pod from the queue; its counts of failed attempts stay.
  void Remove(PodRecord& pod);
  // Moves the pod out of the unschedulable ones: an event may help it.
  void Wake(PodRecord& pod, std::int64_t now);
  // Makes the pod active, whatever its back-off.
  void Activate(PodRecord& pod);
  // Updates the order after a change of priority; the pod's place is kept.
  void Reprioritize(PodRecord& pod, std::int64_t priority);

  // Removes and returns the pod to try: the highest priority first, then the oldest entry; without
  // active pods, the first of those that back off.  Null if there is none.
  PodRecord* Pop(std::int64_t now);
  bool HasActive(std::int64_t now) const;
  // When the next pod becomes active if nothing happens; nullopt: never.  Ignores pods that are
  // active.
  std::optional<std::int64_t> NextWake() const;

  // In order of entry.
  std::vector<PodRecord*> Unschedulable() const;
  // Whether any of them was rejected by one of the plugins (bits).
  bool AnyRejectedBy(std::uint32_t plugins) const;
  std::size_t size() const;
  std::size_t unschedulable_size() const { return unschedulable_.size(); }

 private:
  struct ByOrder {
    bool operator()(const PodRecord* a, const PodRecord* b) const;
  };
  struct ByReady {
    bool operator()(const PodRecord* a, const PodRecord* b) const;
  };
  struct BySequence {
    bool operator()(const PodRecord* a, const PodRecord* b) const;
  };
  void Begin(std::int64_t now);
  void CountRejectors(std::uint32_t rejectors, int sign);
  void Insert(PodRecord& pod, QueuePlace place);
  void Flush(std::int64_t now);
  std::optional<std::int64_t> NextFlush() const;

  std::set<PodRecord*, ByOrder> active_;
  std::set<PodRecord*, ByReady> backoff_;
  std::set<PodRecord*, ByReady> errors_;
  std::set<PodRecord*, BySequence> unschedulable_;
  std::set<PodRecord*, BySequence> gated_;
  std::array<std::int64_t, 32> rejected_by_{};  // unschedulable pods by rejecting plugin
  std::uint64_t sequence_ = 0;
  std::optional<std::int64_t> started_;  // flush ticks count from here
};

}  // namespace kless::controllers::scheduler
