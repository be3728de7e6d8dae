#include "tests/harness/world.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "emulator/base/json.h"

namespace kless::harness {

namespace {

constexpr int kReadRecords = 256;
// Longer than any single delay in the stories.
constexpr Duration kSilence = std::chrono::minutes(30);
constexpr std::int64_t kNanosPerMs = 1'000'000;

Key PartsOf(const Key& key, KeyLayout layout) {
  return layout == KeyLayout::kTypeName ? key : Key{key.sort, key.partition};
}

}  // namespace

World::World(const Story& story) : needs_file_(story.Has("restart")) {
  if (needs_file_) {
    auto folder = ScratchFolder::Make();
    if (folder.has_error()) throw std::runtime_error(folder.error().message);
    folder_ = std::move(folder.value());
  }
  auto config = MakeConfig(story, needs_file_ ? folder_->path() : "");
  if (config.has_error()) throw std::runtime_error(config.error().message);
  layout_ = config->store.key_layout;
  emulator_ = std::make_unique<testing::TestEmulator>(std::move(config.value()));
}

void World::Report(const std::string& invariant, const ResourceId& object,
                   const std::string& sentence) {
  if (!violated()) problem_ = Violation{invariant, position_, object, sentence};
}

void World::Feed() {
  ChangeFeed& feed = emulator_->store().feed();
  const int resources = emulator_->store().resources().table().description().id;
  while (!violated() && position_ < feed.Latest()) {
    const auto read = feed.Read(position_, kReadRecords);
    if (read.has_error()) return Report("feed-order", {}, read.error().message);
    for (const RecordPtr& record : read.value()) {
      position_ = record->sequence;
      Change change{record->sequence, record->unix_nanos, {}, record->old_image, record->new_image};
      if (record->table == resources) {
        const Key parts = PartsOf(record->key, layout_);
        change.id = {parts.partition, parts.sort};
      }
      checker_.OnChange(change);
      const std::string& type = change.id.type;
      if (type != "timer" && type != "claim" && type != "event") last_change_ = record->unix_nanos;
    }
  }
}

std::int64_t World::NowMs() {
  return (emulator_->event_loop().UnixNanos() - VirtualEventLoop::kDefaultUnixEpochNanos) /
         kNanosPerMs;
}

void World::RunTo(std::int64_t at_ms) {
  VirtualEventLoop& event_loop = emulator_->event_loop();
  const std::int64_t left =
      VirtualEventLoop::kDefaultUnixEpochNanos + at_ms * kNanosPerMs - event_loop.UnixNanos();
  const TimePoint limit = event_loop.Now() + Duration(std::max<std::int64_t>(left, 0));
  const auto look = [&] {
    Feed();
    return violated();
  };
  if (!event_loop.RunUntil(look, limit)) event_loop.Run(limit);
}

void World::AdvanceTo(std::int64_t at_ms) {
  for (;;) {
    std::int64_t until = at_ms;
    for (const Armed& armed : armed_) until = std::min(until, armed.until_ms);
    RunTo(until);
    if (violated()) return;
    ExpireFaults();
    if (until == at_ms) return;
  }
}

void World::Settle(Duration limit) {
  const std::int64_t end_ms =
      NowMs() + std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  VirtualEventLoop& event_loop = emulator_->event_loop();
  for (;;) {
    std::int64_t until = end_ms;
    for (const Armed& armed : armed_) until = std::min(until, armed.until_ms);
    const bool last = until == end_ms;
    if (last) {
      event_loop.RunUntil(
          [&] {
            Feed();
            return violated() || Quiet();
          },
          event_loop.Now() + limit);
      break;
    }
    RunTo(until);
    if (violated()) return;
    ExpireFaults();
  }
  CountFaults();
  if (violated()) return;
  if (event_loop.failed_tasks() != 0) {
    return Report("task-failed", {}, std::to_string(event_loop.failed_tasks()) + " tasks");
  }
  const auto next = event_loop.NextDeadline();
  const bool rests =
      emulator_->emulator().AtRest() && (!next || *next - event_loop.Now() > kSilence);
  if (!rests && !Quiet()) {
    return Report(
        "does-not-quiesce", {},
        next ? "the next timer is due in " +
                   std::to_string((*next - event_loop.Now()) / std::chrono::milliseconds(1)) + " ms"
             : "the emulator is not at rest");
  }
  checker_.AtEnd({dead_nodes_});
}

// A scheduler retries unschedulable pods every 5 min, as Kubernetes does, and a controller manager
// checks its clock, both forever.
bool World::Quiet() {
  return emulator_->event_loop().UnixNanos() - last_change_ > kSilence.count() &&
         emulator_->emulator().Idle() && checker_.OnlySchedulerWaits();
}

int World::Send(const std::string& method, const std::string& target, const nlohmann::json& body) {
  const HttpResponse response =
      emulator_->Send(method, target, body.is_null() ? "" : DumpJson(body),
                      method == "PATCH" ? "application/merge-patch+json" : "application/json");
  Feed();
  if (response.status >= 500) {
    Report("server-error", {},
           method + " " + target + ": " + std::to_string(response.status) + " " + response.body);
  }
  return response.status;
}

std::optional<nlohmann::json> World::Get(const std::string& target) {
  const HttpResponse response = emulator_->Send("GET", target);
  if (response.status != 200) return std::nullopt;
  auto object = ParseJson(response.body);
  if (object.has_error()) return std::nullopt;
  return std::move(object.value());
}

void World::Arm(const Armed& armed) {
  const int status = Send("POST", "/kless/v1/faults", armed.fault());
  if (status >= 300) Report("server-error", {}, "the fault was refused: " + armed.event.ToText());
}

void World::ExpireFaults() {
  const std::int64_t now = NowMs();
  const auto over = [&](const Armed& armed) { return armed.until_ms <= now; };
  if (std::none_of(armed_.begin(), armed_.end(), over)) return;
  std::erase_if(armed_, over);
  CountFaults();
  Send("DELETE", "/kless/v1/faults", nullptr);
  // Faults that fire once may have fired: only rates remain.
  std::erase_if(armed_, [](const Armed& armed) { return armed.event.Has("at"); });
  for (const Armed& armed : armed_) Arm(armed);
}

void World::CountFaults() {
  for (const nlohmann::json& fault : emulator_->emulator().faults().ToJson()) {
    coverage_.Count("fired " + fault.value("kind", std::string()),
                    fault.value("fired", std::uint64_t{0}));
  }
}

}  // namespace kless::harness
