#include "functions/controllers/scheduler/queue.h"

#include <algorithm>
#include <tuple>

namespace kless::controllers::scheduler {

namespace {

// The back-off ends at whole seconds, and a pod still backs off within the second of its end.
std::int64_t ReadyAt(const QueuedPod& queued) {
  const int count = queued.error_count > 0 ? queued.error_count : queued.unschedulable_count;
  if (count == 0) return queued.entered_unix_nanos;
  const std::int64_t backoff =
      count > 4 ? kBackoffMost : std::min(kBackoffMost, kBackoffInitial << (count - 1));
  const std::int64_t end = queued.entered_unix_nanos + backoff;
  return end - end % kNanosPerSecond + kNanosPerSecond;
}

auto OrderOf(const PodRecord& pod) {
  return std::make_tuple(-pod.priority, pod.queued.entered_unix_nanos, pod.queued.sequence);
}

}  // namespace

bool PodQueue::ByOrder::operator()(const PodRecord* a, const PodRecord* b) const {
  return OrderOf(*a) < OrderOf(*b);
}
bool PodQueue::ByReady::operator()(const PodRecord* a, const PodRecord* b) const {
  if (a->queued.ready_unix_nanos != b->queued.ready_unix_nanos) {
    return a->queued.ready_unix_nanos < b->queued.ready_unix_nanos;
  }
  return OrderOf(*a) < OrderOf(*b);
}
bool PodQueue::BySequence::operator()(const PodRecord* a, const PodRecord* b) const {
  return a->queued.sequence < b->queued.sequence;
}

void PodQueue::Begin(std::int64_t now) {
  if (!started_) started_ = now;
}

void PodQueue::CountRejectors(std::uint32_t rejectors, int sign) {
  for (std::size_t i = 0; i < rejected_by_.size(); ++i) {
    if (rejectors >> i & 1) rejected_by_[i] += sign;
  }
}

bool PodQueue::AnyRejectedBy(std::uint32_t plugins) const {
  for (std::size_t i = 0; i < rejected_by_.size(); ++i) {
    if ((plugins >> i & 1) != 0 && rejected_by_[i] > 0) return true;
  }
  return false;
}

void PodQueue::Insert(PodRecord& pod, QueuePlace place) {
  pod.queued.place = place;
  if (place == QueuePlace::kActive) active_.insert(&pod);
  if (place == QueuePlace::kBackoff) backoff_.insert(&pod);
  if (place == QueuePlace::kErrorBackoff) errors_.insert(&pod);
  if (place == QueuePlace::kUnschedulable) {
    unschedulable_.insert(&pod);
    CountRejectors(pod.queued.rejectors, 1);
  }
  if (place == QueuePlace::kGated) gated_.insert(&pod);
}

void PodQueue::Remove(PodRecord& pod) {
  switch (pod.queued.place) {
    case QueuePlace::kActive:
      active_.erase(&pod);
      break;
    case QueuePlace::kBackoff:
      backoff_.erase(&pod);
      break;
    case QueuePlace::kErrorBackoff:
      errors_.erase(&pod);
      break;
    case QueuePlace::kUnschedulable:
      unschedulable_.erase(&pod);
      CountRejectors(pod.queued.rejectors, -1);
      break;
    case QueuePlace::kGated:
      gated_.erase(&pod);
      break;
    case QueuePlace::kNone:
    case QueuePlace::kAssumed:
      break;
  }
  pod.queued.place = QueuePlace::kNone;
}

void PodQueue::Add(PodRecord& pod, std::int64_t now) {
  Begin(now);
  Remove(pod);
  pod.queued = QueuedPod();
  pod.queued.entered_unix_nanos = now;
  pod.queued.sequence = ++sequence_;
  Insert(pod, pod.shape->gated ? QueuePlace::kGated : QueuePlace::kActive);
}

void PodQueue::AddUnschedulable(PodRecord& pod, std::uint32_t rejectors, std::int64_t now) {
  Begin(now);
  if (rejectors == 0) {
    AddError(pod, now);
    return;
  }
  Remove(pod);
  pod.queued.entered_unix_nanos = now;
  pod.queued.sequence = ++sequence_;
  pod.queued.rejectors = rejectors;
  pod.queued.error_count = 0;
  ++pod.queued.unschedulable_count;
  pod.queued.ready_unix_nanos = ReadyAt(pod.queued);
  Insert(pod, QueuePlace::kUnschedulable);
}

void PodQueue::AddError(PodRecord& pod, std::int64_t now) {
  Begin(now);
  Remove(pod);
  pod.queued.entered_unix_nanos = now;
  pod.queued.sequence = ++sequence_;
  pod.queued.rejectors = 0;
  ++pod.queued.error_count;
  pod.queued.ready_unix_nanos = ReadyAt(pod.queued);
  Insert(pod, QueuePlace::kErrorBackoff);
}

void PodQueue::Wake(PodRecord& pod, std::int64_t now) {
  if (pod.queued.place != QueuePlace::kUnschedulable) return;
  Remove(pod);
  Insert(pod, now < pod.queued.ready_unix_nanos ? QueuePlace::kBackoff : QueuePlace::kActive);
}

void PodQueue::Activate(PodRecord& pod) {
  if (pod.queued.place != QueuePlace::kUnschedulable && pod.queued.place != QueuePlace::kBackoff) {
    return;
  }
  Remove(pod);
  Insert(pod, QueuePlace::kActive);
}

void PodQueue::Reprioritize(PodRecord& pod, std::int64_t priority) {
  if (pod.priority == priority) return;
  const QueuePlace place = pod.queued.place;
  Remove(pod);
  pod.priority = priority;
  Insert(pod, place);
}

void PodQueue::Flush(std::int64_t now) {
  for (auto* waiting : {&backoff_, &errors_}) {
    while (!waiting->empty() && (*waiting->begin())->queued.ready_unix_nanos <= now) {
      PodRecord& pod = **waiting->begin();
      Remove(pod);
      Insert(pod, QueuePlace::kActive);
    }
  }
  for (auto due = NextFlush(); due && *due <= now; due = NextFlush()) {
    Wake(**unschedulable_.begin(), now);
  }
}

// The first tick at which the oldest unschedulable pod has waited for more than five minutes.
std::optional<std::int64_t> PodQueue::NextFlush() const {
  if (unschedulable_.empty() || !started_) return std::nullopt;
  const std::int64_t waited =
      (*unschedulable_.begin())->queued.entered_unix_nanos + kUnschedulableMost - *started_;
  return *started_ + (waited / kFlushInterval + 1) * kFlushInterval;
}

PodRecord* PodQueue::Pop(std::int64_t now) {
  Flush(now);
  PodRecord* pod = nullptr;
  if (!active_.empty()) {
    pod = *active_.begin();
  } else if (!backoff_.empty()) {
    pod = *backoff_.begin();
  }
  if (pod != nullptr) Remove(*pod);
  return pod;
}

bool PodQueue::HasActive(std::int64_t now) const {
  if (!active_.empty() || !backoff_.empty()) return true;
  const auto wake = NextWake();
  return wake && *wake <= now;
}

std::optional<std::int64_t> PodQueue::NextWake() const {
  std::optional<std::int64_t> wake = NextFlush();
  for (const auto* waiting : {&backoff_, &errors_}) {
    if (waiting->empty()) continue;
    const std::int64_t ready = (*waiting->begin())->queued.ready_unix_nanos;
    wake = wake ? std::min(*wake, ready) : ready;
  }
  return wake;
}

std::vector<PodRecord*> PodQueue::Unschedulable() const {
  return {unschedulable_.begin(), unschedulable_.end()};
}

std::size_t PodQueue::size() const {
  return active_.size() + backoff_.size() + errors_.size() + unschedulable_.size() + gated_.size();
}

}  // namespace kless::controllers::scheduler
