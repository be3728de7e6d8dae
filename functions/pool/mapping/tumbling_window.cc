#include "functions/pool/mapping/tumbling_window.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless {

using nlohmann::json;

std::int64_t WindowStartOf(std::int64_t unix_nanos, Duration length) {
  const std::int64_t remainder = unix_nanos % length.count();
  return unix_nanos - (remainder < 0 ? remainder + length.count() : remainder);
}

Result<std::string> WindowStateOf(std::string_view payload) {
  const auto parsed = ParseJson(payload);
  if (parsed.has_error() || !parsed.value().is_object() || !parsed.value().contains("state")) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the response has no state, which a tumbling window needs");
  }
  return DumpJson(parsed.value()["state"]);
}

std::string WindowToText(const EventWindow& window) {
  return DumpJson({{"start", window.start_nanos},
                   {"end", window.end_nanos},
                   {"state", window.state},
                   {"shard_id", window.shard_id},
                   {"arn", window.arn},
                   {"terminated_early", window.terminated_early}});
}

Result<EventWindow> WindowFromText(std::string_view text) {
  const auto parsed = ParseJson(text);
  if (parsed.has_error() || !parsed.value().is_object()) {
    return MakeError(ErrorCode::kInternal, "not an open window: " + std::string(text));
  }
  const json& stored = parsed.value();
  const auto has = [&](const char* name, auto is) {
    const auto found = stored.find(name);
    return found != stored.end() && ((*found).*is)();
  };
  const bool complete = has("start", &json::is_number_integer) &&
                        has("end", &json::is_number_integer) && has("state", &json::is_string) &&
                        has("shard_id", &json::is_string) && has("arn", &json::is_string) &&
                        has("terminated_early", &json::is_boolean);
  if (!complete) {
    return MakeError(ErrorCode::kInternal, "not an open window: " + std::string(text));
  }
  EventWindow window;
  window.start_nanos = stored["start"].get<std::int64_t>();
  window.end_nanos = stored["end"].get<std::int64_t>();
  window.state = stored["state"].get<std::string>();
  window.shard_id = stored["shard_id"].get<std::string>();
  window.arn = stored["arn"].get<std::string>();
  window.terminated_early = stored["terminated_early"].get<bool>();
  return window;
}

}  // namespace kless
