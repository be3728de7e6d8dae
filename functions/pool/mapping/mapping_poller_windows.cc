// The part of the mapping poller that opens, keeps and ends tumbling windows.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/pool/mapping/mapping_poller.h"
#include "functions/pool/mapping/stream_event.h"
#include "functions/pool/mapping/tumbling_window.h"

namespace kless {

// Opens the window of the lane's next record, unless one is open.
void MappingPoller::OpenWindow(MappingLane& lane) {
  if (config_.tumbling_window == Duration::zero() || lane.open) return;
  const RecordPtr record = lane.front();
  const TableDescription& table = store_.FindTable(table_)->description();
  EventWindow window;
  window.start_nanos = WindowStartOf(record->unix_nanos, config_.tumbling_window);
  window.end_nanos = window.start_nanos + config_.tumbling_window.count();
  window.shard_id = ShardIdOf(config_.source, table, *record);
  window.arn = StreamViewOf(config_.source, table, *record).arn;
  lane.open = std::move(window);
  SetOpenUntil(lane);
}

void MappingPoller::SetOpenUntil(MappingLane& lane) {
  const Duration left(lane.open->end_nanos - event_loop_.UnixNanos());
  lane.open_until = event_loop_.Now() + left + kWindowGrace;
}

void MappingPoller::CloseWindow(MappingLane& lane) {
  lane.open.reset();
  ScheduleSave();
}

bool MappingPoller::EndIsTooOld(const MappingLane& lane) const {
  const Duration limit = config_.maximum_record_age >= Duration::zero() ? config_.maximum_record_age
                                                                        : store_.retention_age();
  return Duration(event_loop_.UnixNanos() - lane.open->end_nanos) > limit + kWindowGrace;
}

// A partial response that makes no progress leaves the state as it was, as any other error does.
std::string MappingPoller::TakeState(MappingLane& lane, const InvokeResult& result,
                                     const BatchDelivery& delivery) {
  auto state = WindowStateOf(result.payload.value());
  if (state.has_error()) return state.error().message;
  const auto& records = delivery.next();
  if (!result.response.all_done() && !records.empty() &&
      result.response.first_failed <= records.front()->sequence) {
    return {};
  }
  if (state.value().size() > kWindowStateBytesMax) {
    lane.open->terminated_early = true;
  } else {
    lane.open->state = std::move(state.value());
  }
  ScheduleSave();
  return {};
}

// {"0": WINDOW}: by number of the shard.
void MappingPoller::SaveWindows() {
  nlohmann::json windows = nlohmann::json::object();
  for (std::size_t index = 0; index < shards_.size(); ++index) {
    const auto& open = shards_[index].lanes.front()->open;
    if (open) windows[std::to_string(index)] = WindowToText(*open);
  }
  std::string text = windows.empty() ? std::string() : DumpJson(windows);
  if (text == saved_windows_) return;
  if (text.empty()) {
    store_.RemoveValue(OpenWindowsName(config_.name));
  } else {
    store_.SaveValue(OpenWindowsName(config_.name), text);
  }
  saved_windows_ = std::move(text);
}

Result<void> MappingPoller::LoadWindows() {
  const auto saved = store_.LoadValue(OpenWindowsName(config_.name));
  if (!saved) return {};
  saved_windows_ = *saved;
  if (config_.tumbling_window == Duration::zero()) {
    store_.RemoveValue(OpenWindowsName(config_.name));
    return {};
  }
  const auto windows = ParseJson(*saved);
  const bool readable = windows.has_value() && windows.value().is_object();
  for (std::size_t index = 0; readable && index < shards_.size(); ++index) {
    const auto found = windows.value().find(std::to_string(index));
    if (found == windows.value().end() || !found->is_string()) continue;
    KLESS_TRY(auto window, WindowFromText(found->get<std::string>()));
    MappingLane& lane = *shards_[index].lanes.front();
    lane.open = std::move(window);
    SetOpenUntil(lane);
  }
  if (readable) return {};
  return MakeError(ErrorCode::kInternal, "the open windows of event source mapping '" +
                                             config_.name + "' are unreadable");
}

}  // namespace kless
