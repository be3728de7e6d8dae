#include "emulator/control_planes/timer_service.h"

#include <algorithm>
#include <utility>

#include "emulator/base/system/log.h"
#include "functions/controllers/loop/control_loop.h"
#include "functions/controllers/loops.h"

namespace kless::control_planes {

namespace {

constexpr Duration kRetryInitial = std::chrono::seconds(1);
constexpr Duration kRetryMaximum = std::chrono::minutes(1);

bool IsHousekeeping(const std::string& function) {
  for (const controllers::ControlLoop& loop : controllers::ControlLoops()) {
    if (loop.name == function) return loop.housekeeping;
  }
  return false;
}

// Parses "<function>/<key>".
TimerItem Read(const ResourceId& id, const Item& item) {
  const auto slash = id.name.find('/');
  if (slash == std::string::npos) return TimerItem{};
  return TimerItem::FromItem(id.name.substr(0, slash), id.name.substr(slash + 1), item);
}

}  // namespace

TimerService::TimerService(EventLoop& event_loop, Store& store, FunctionPool& pool,
                           const LatencyProfile& profile, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      pool_(pool),
      profile_(profile),
      random_(seed, "timer service"),
      follower_(event_loop, store, MakeHandlers()) {}

void TimerService::Start() { Spawn(event_loop_, "timer service", follower_.Run()); }

bool TimerService::Idle() const {
  return follower_.CaughtUp() && firing_ == 0 && (!next() || *next() > event_loop_.Now());
}

std::optional<TimePoint> TimerService::next() const {
  std::optional<TimePoint> first;
  const std::int64_t now = event_loop_.UnixNanos();
  for (const auto& [name, pending] : timers_) {
    const TimePoint due = event_loop_.Now() + Duration(pending.item.unix_nanos - now);
    if (!first || due < *first) first = due;
  }
  return first;
}

bool TimerService::AtRest() const {
  return Idle() && std::all_of(timers_.begin(), timers_.end(), [](const auto& timer) {
           return IsHousekeeping(timer.second.item.function);
         });
}

Task<bool> TimerService::List(std::uint64_t* position) {
  *position = store_.feed().Latest();
  std::map<std::string, Pending> old = std::exchange(timers_, {});
  for (auto& [name, pending] : old) {
    if (pending.waiting) event_loop_.Cancel(pending.call);
    if (!pending.firing) continue;
    Pending& kept = timers_[name];
    kept.item = pending.item;
    kept.firing = true;
  }
  const auto visited =
      VisitAll(store_.resources(), kTimerType, "",
               [this](const ResourceId& id, const ItemPtr& item) { Keep(id, item); });
  if (visited.has_error()) {
    Log(LogLevel::kWarning, "timers", LogText(visited.error()));
    co_return false;
  }
  co_return true;
}

FeedFollower::Handlers TimerService::MakeHandlers() {
  FeedFollower::Handlers handlers;
  handlers.list_retry = kRetryInitial;
  handlers.list = [this](std::uint64_t* position) { return List(position); };
  handlers.wants = [](const ChangeRecord& record) {
    return record.key.partition == kTimerType || record.key.sort == kTimerType;
  };
  handlers.deliver = [this](const ChangeRecord& record) {
    const ResourceId id = store_.resources().IdOf(record.key);
    if (id.type == kTimerType) Keep(id, record.new_image);
  };
  return handlers;
}

void TimerService::Keep(const ResourceId& id, const ItemPtr& item) {
  const auto found = timers_.find(id.name);
  TimerItem timer = item ? Read(id, *item) : TimerItem{};
  if (timer.unix_nanos == 0) {
    if (found == timers_.end()) return;
    if (found->second.waiting) event_loop_.Cancel(found->second.call);
    timers_.erase(found);
    return;
  }
  Pending& pending = timers_[id.name];
  if (pending.waiting) event_loop_.Cancel(pending.call);
  pending.waiting = false;
  pending.item = std::move(timer);
  if (!pending.firing) Arm(id.name, pending);
}

void TimerService::Arm(const std::string& name, Pending& pending) {
  const Duration delay(pending.item.unix_nanos - event_loop_.UnixNanos());
  const Duration late = profile_.timer_delivery.Sample(random_);
  pending.waiting = true;
  pending.call = event_loop_.CallAt(event_loop_.Now() + std::max(delay, Duration::zero()) + late,
                                    [this, name] {
                                      const auto due = timers_.find(name);
                                      if (stopping_ || due == timers_.end()) return;
                                      due->second.waiting = false;
                                      due->second.firing = true;
                                      Spawn(event_loop_, "timer " + name, Fire(name));
                                    });
}

Task<> TimerService::Fire(std::string name) {
  ++firing_;
  Duration back_off = kRetryInitial;
  std::uint64_t version = 0;
  for (;;) {
    const auto due = timers_.find(name);
    if (due == timers_.end() || stopping_) break;
    // It was postponed while a refused invocation waited: the end of this function sets its timer
    // again.
    if (due->second.item.unix_nanos > event_loop_.UnixNanos()) break;
    version = due->second.item.version;
    auto event = std::make_shared<FunctionEvent>();
    event->payload = TimerPayload(due->second.item.key);
    InvokeOptions options;
    options.trigger = "timer";
    const InvokeResult result =
        co_await pool_.Invoke(due->second.item.function, std::move(event), options);
    ++fired_;
    if (result.payload.has_value()) {
      Settle(name, version);
      break;
    }
    if (result.payload.error().code == ErrorCode::kNotFound) {
      // The loop does not run now: the item stays in the table for when it does.
      timers_.erase(name);
      break;
    }
    co_await event_loop_.SleepFor(back_off);
    back_off = std::min(back_off * 2, kRetryMaximum);
  }
  --firing_;
  const auto left = timers_.find(name);
  if (left == timers_.end()) co_return;
  left->second.firing = false;
  if (left->second.item.version != version) Arm(name, left->second);  // rewritten meanwhile
}

void TimerService::Settle(const std::string& name, std::uint64_t version) {
  const ResourceId id{kTimerType, name};
  const auto item = store_.resources().Get(id);
  if (item.has_error() || item.value()->version != version) return;
  TimerItem timer = Read(id, *item.value());
  if (timer.unix_nanos > event_loop_.UnixNanos()) return;
  timer.unix_nanos = 0;
  if (timer.memo.empty()) {
    (void)store_.resources().Remove(id, Condition::VersionIs(version));
  } else {
    (void)store_.resources().Put(id, timer.ToDocument(), Condition::VersionIs(version));
  }
}

}  // namespace kless::control_planes
