#include "emulator/cli/activity_log.h"

#include <unistd.h>

#include <cstring>

#include "emulator/base/system/log.h"
#include "emulator/config.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless::cli {

Activity ActivityOf(const FunctionPool& pool) {
  Activity sum;
  for (const std::string& name : pool.Names()) {
    const auto stats = pool.Stats(name);
    if (stats.has_error()) continue;
    sum.invocations += stats.value().invocations;
    sum.cold_starts += stats.value().cold_starts;
    sum.throttles += stats.value().throttles;
    sum.failures += stats.value().errors;
  }
  return sum;
}

// The numbers of a removed function disappear: a sum may have decreased.
std::optional<Activity> NewsSince(const Activity& before, const Activity& now) {
  const auto risen = [](std::uint64_t from, std::uint64_t to) { return to > from ? to - from : 0; };
  Activity news;
  news.invocations = risen(before.invocations, now.invocations);
  news.cold_starts = risen(before.cold_starts, now.cold_starts);
  news.throttles = risen(before.throttles, now.throttles);
  news.failures = risen(before.failures, now.failures);
  if (news.cold_starts + news.throttles + news.failures == 0) return std::nullopt;
  return news;
}

ActivityLog::ActivityLog(asio::io_context& context, Emulator& emulator)
    : emulator_(emulator), timer_(context), began_(std::chrono::steady_clock::now()) {}

void ActivityLog::LogStart(const std::string& endpoint, const std::string& given) {
  if (!LogEnabled(LogLevel::kInfo)) return;
  const Config& config = emulator_.config();
  const bool classic = config.control_plane == ControlPlane::kClassic;
  const bool memory = config.store.durability == Durability::kMemory;
  Log(LogLevel::kInfo, "serve", "started",
      {{"version", std::string_view(KLESS_VERSION)},
       {"pid", std::uint64_t(::getpid())},
       {"endpoint", std::string_view(endpoint)},
       {"control_plane", std::string_view(classic ? "classic" : "serverless")},
       {"latency", std::string_view(config.latency.name)},
       {"data_file", memory ? std::string_view("none") : std::string_view(config.store.path)},
       {"seed", emulator_.seed()},
       {"boot", emulator_.boots()},
       {"records", emulator_.store().Stats().feed_latest}});
  Log(LogLevel::kInfo, "serve", "settings given: " + (given.empty() ? "none" : given));
  WaitForMinute();
}

void ActivityLog::WaitForMinute() {
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    const Activity now = ActivityOf(emulator_.pool());
    if (const auto news = NewsSince(last_, now)) {
      Log(LogLevel::kInfo, "functions", "the last minute",
          {{"invocations", news->invocations},
           {"cold_starts", news->cold_starts},
           {"throttles", news->throttles},
           {"failures", news->failures}});
    }
    last_ = now;
    WaitForMinute();
  });
}

void ActivityLog::LogSignal(int signal) {
  timer_.cancel();
  Log(LogLevel::kInfo, "serve", std::string("stops: SIG") + ::sigabbrev_np(signal));
}

void ActivityLog::LogEnd(std::uint64_t requests) {
  if (!LogEnabled(LogLevel::kInfo)) return;
  const Activity sum = ActivityOf(emulator_.pool());
  const StoreStats store = emulator_.store().Stats();
  const std::chrono::duration<double> up = std::chrono::steady_clock::now() - began_;
  Log(LogLevel::kInfo, "serve", "stopped",
      {{"uptime_s", up.count()},
       {"requests", requests},
       {"writes", store.writes},
       {"records", store.feed_latest},
       {"invocations", sum.invocations},
       {"cold_starts", sum.cold_starts},
       {"throttles", sum.throttles},
       {"failures", sum.failures},
       {"data_bytes", store.file_bytes}});
}

std::string GivenSettings(const Config& config) {
  std::string text;
  for (const auto& [path, value] : config.given) {
    if (path.starts_with("log.")) continue;
    text += (text.empty() ? "" : " ") + path + "=" + value;
  }
  return text;
}

}  // namespace kless::cli
