// GET and POST clock: speed, pause, skip ahead.  GET idle: waits until nothing is left to do.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "emulator/base/duration.h"
#include "emulator/base/strings.h"
#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/routes.h"
#include "store/saved_date.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr double kSpeedLow = 0.001;
constexpr double kSpeedHigh = 1e6;
constexpr double kAdvanceHighMs = 366.0 * 86'400'000;
constexpr Duration kIdleTimeout = std::chrono::seconds(30);
constexpr Duration kIdleTimeoutHigh = std::chrono::hours(1);
// Real time between checks of parts of the world that do not notify: mappings that settle.
constexpr Duration kPollShortest = std::chrono::milliseconds(1);
constexpr Duration kPollLongest = std::chrono::milliseconds(20);
// While the clock is paused no timer fires: after this many turns everything that can happen has
// happened.
constexpr int kPausedTurns = 1000;

constexpr RouteField kClockFields[] = {
    {"speed", "number", "emulated seconds per real second, 0.001 to 1000000"},
    {"paused", "boolean", "true: no timer fires, requests are still served"},
    {"advance_ms", "number", "skips this many milliseconds, firing every timer in between"},
};
constexpr RouteField kIdleQuery[] = {
    {"timeout", "string", "a duration of emulated time, up to 1h (30s)"},
};

struct ClockChange {
  std::optional<double> speed;
  std::optional<bool> paused;
  std::optional<Duration> advance;
};

Result<ClockChange> ParseClockChange(const HttpRequest& request) {
  KLESS_TRY(const auto body, ParseBody(request, kClockFields));
  const auto invalid = [](const char* message) {
    return MakeError(ErrorCode::kInvalidArgument, message);
  };
  ClockChange change;
  const auto in_range = [](const json& value, double low, double high) {
    return value.is_number() && value.get<double>() >= low && value.get<double>() <= high;
  };
  for (const auto& [name, value] : body.items()) {
    if (name == "speed") {
      if (!in_range(value, kSpeedLow, kSpeedHigh)) {
        return invalid("'speed' must be a number from 0.001 to 1000000");
      }
      change.speed = value.get<double>();
    } else if (name == "paused") {
      if (!value.is_boolean()) return invalid("'paused' must be true or false");
      change.paused = value.get<bool>();
    } else {
      if (!in_range(value, 0, kAdvanceHighMs)) {
        return invalid("'advance_ms' must be a number of milliseconds, at most 366 days of them");
      }
      change.advance = FromMilliseconds(value.get<double>());
    }
  }
  if (body.empty()) {
    return invalid(R"(say {"speed": 10}, {"paused": true} or {"advance_ms": 600000})");
  }
  return change;
}

// Held while one request skips ahead; released also if the request is cancelled.
class AdvanceTurn {
 public:
  explicit AdvanceTurn(AdminContext& context) : context_(context) { context_.advancing = true; }
  ~AdvanceTurn() {
    context_.advancing = false;
    context_.advanced.NotifyOne();
  }
  AdvanceTurn(const AdvanceTurn&) = delete;
  AdvanceTurn& operator=(const AdvanceTurn&) = delete;

 private:
  AdminContext& context_;
};

Task<HttpResponse> PostClock(AdminContext& context, HttpRequest request) {
  const auto change = ParseClockChange(request);
  if (change.has_error()) co_return ErrorReply(change.error());
  if (context.clock == nullptr) {
    co_return ErrorReply(MakeError(ErrorCode::kUnsupported,
                                   "the clock of a virtual run belongs to the run; it cannot be "
                                   "set by a request"));
  }
  if (change.value().speed) context.clock->SetSpeed(*change.value().speed);
  if (change.value().paused) context.clock->SetPaused(*change.value().paused);
  if (change.value().advance) {
    while (context.advancing) co_await context.advanced.Wait();
    const AdvanceTurn turn(context);
    context.clock->Advance(*change.value().advance);
    // Now() stands still until the skip begins: this is where it ends.
    co_await context.event_loop.SleepUntil(context.event_loop.Now() + *change.value().advance);
  }
  // Committed before the reply is sent.
  SaveDate(context.store, *context.clock);
  co_return JsonReply(ClockToJson(context));
}

// What keeps the world from being idle, as a sentence.
std::string Pending(const AdminContext& context) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  for (const auto& [name, mapping] : context.mappings) {
    if (mapping->Idle()) continue;
    const EventSourceMappingStatus status = mapping->Status();
    add("mapping " + name + " is at record " + std::to_string(status.position) + " of " +
        std::to_string(status.latest) + " with " + std::to_string(status.in_flight) +
        " in flight (" + status.last_processing_result + ")");
  }
  if (!context.pool.Idle()) {
    add(std::to_string(context.pool.concurrency()) + " invocations run, or some are queued");
  }
  if (context.timers != nullptr && !context.timers->Idle()) add("a timer of a function is due");
  if (context.data_plane != nullptr && !context.data_plane->Idle()) {
    add("the simulated kubelets have changes to see or statuses to write");
  }
  if (text.empty()) text = "a timer is due";
  return text;
}

HttpResponse NotIdle(const AdminContext& context, const std::string& why) {
  json reply = ErrorToJson("TimedOut", why + ": " + Pending(context));
  reply["idle"] = false;
  return JsonReply(reply, 408);
}

Task<HttpResponse> WaitIdle(AdminContext& context, HttpRequest request) {
  Parameters parameters(request);
  const std::string text = parameters.Text("timeout").value_or("30s");
  const auto timeout = ParseDuration(text);
  if (!timeout || *timeout > kIdleTimeoutHigh) {
    parameters.Report("'timeout' must be a duration up to 1h such as 500 (milliseconds) or " +
                      FormatDuration(kIdleTimeout) + ", not '" + text + "'");
  }
  if (parameters.problem()) co_return ErrorReply(*parameters.problem());
  const TimePoint deadline = context.event_loop.Now() + *timeout;
  Duration poll = kPollShortest;
  int paused_turns = 0;
  for (;;) {
    // What a function wrote in this turn reaches the mappings with the commit at its end.
    co_await context.store.Committed();
    if (IsIdle(context)) break;
    if (context.event_loop.Now() >= deadline) {
      co_return NotIdle(context, "not idle after " + FormatDuration(*timeout));
    }
    if (context.clock != nullptr && context.clock->paused()) {
      if (++paused_turns > kPausedTurns) co_return NotIdle(context, "the clock is paused");
      co_await asio::post(context.event_loop.executor(), asio::use_awaitable);
      continue;
    }
    const double speed = context.clock == nullptr ? 1 : context.clock->speed();
    const Duration pause(static_cast<Duration::rep>(static_cast<double>(poll.count()) * speed));
    const TimePoint until = std::min(deadline, context.event_loop.Now() + pause);
    const bool notified = co_await context.pool.changed().Wait(until);
    if (!notified) poll = std::min(poll * 2, kPollLongest);
  }
  co_return JsonReply({{"idle", true}});
}

}  // namespace

void AddClockRoutes(Router& router, AdminContext& context) {
  AddAdminRoute(
      router, "GET", "/kless/v1/clock", {"The emulated clock: date, speed, time to the next timer"},
      Immediate([&context](const HttpRequest&) { return JsonReply(ClockToJson(context)); }));
  AddAdminRoute(router, "POST", "/kless/v1/clock",
                {"Sets the clock's speed, pauses it, or skips ahead", {}, kClockFields, true},
                [&context](HttpRequest request) { return PostClock(context, std::move(request)); });
  AddAdminRoute(router, "GET", "/kless/v1/idle",
                {"Replies once no record, invocation or due timer is left", kIdleQuery},
                [&context](HttpRequest request) { return WaitIdle(context, std::move(request)); });
}

}  // namespace kless::doors
