// PodQueue: active, back-off, error back-off and unschedulable pods, in the order in which they are
// tried.  Times are unix nanoseconds; they never go back.
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
  // To the active pods (or gated ones), as new.
  void Add(PodRecord& pod, std::int64_t now);
  // After an attempt that `rejectors` made fail; 0: an error, which backs off without early retry.
  void AddUnschedulable(PodRecord& pod, std::uint32_t rejectors, std::int64_t now);
  void AddError(PodRecord& pod, std::int64_t now);
  // Out of the queue; its counts of failed attempts stay.
  void Remove(PodRecord& pod);
  // Out of the unschedulable pods: something may help it.
  void Wake(PodRecord& pod, std::int64_t now);
  // To the active pods whatever its back-off.
  void Activate(PodRecord& pod);
  // The place is kept; for a change of what the order depends on.
  void Reprioritize(PodRecord& pod, std::int64_t priority);

  // Highest priority first, of equal ones the oldest entry; without any active pod the first of
  // those that back off.  Null: none is to be tried now.
  PodRecord* Pop(std::int64_t now);
  bool HasActive(std::int64_t now) const;
  // When a pod will become active if nothing happens; nullopt: never.  Not of pods that are active.
  std::optional<std::int64_t> NextWake() const;

  // In order of entry.
  std::vector<PodRecord*> Unschedulable() const;
  // Whether one of them was rejected by one of the plugins (bits).
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
  std::optional<std::int64_t> started_;  // flushes tick from here
};

}  // namespace kless::controllers::scheduler
