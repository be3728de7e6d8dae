#include "emulator/doors/aws/logs/events.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

using logs::EventPage;
using logs::EventQuery;
using logs::LogGroup;
using logs::Position;
using logs::StoredEvent;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
constexpr std::size_t kPutBytesMax = 1'048'576;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kTooNewMs = 2 * kHourMs;
constexpr std::int64_t kTooOldMs = 14 * kDayMs;

// A request looks at no more, so that it does not hold up others: its page may then be empty and
// have a token, as on AWS.
constexpr std::size_t kScannedBytesMax = 8u << 20;

// A boundary between events, and in which direction the page is: "f/" or "b/", 14 digits of time
// and 20 of the number.
std::string TokenText(char direction, const Position& boundary) {
  char text[64];
  std::snprintf(text, sizeof text, "%c/%014lld%020llu", direction,
                static_cast<long long>(boundary.unix_ms),
                static_cast<unsigned long long>(boundary.number));
  return text;
}

struct PageToken {
  bool is_forward = true;
  Position boundary;
};

AwsResult<std::optional<PageToken>> ReadToken(const Input& input) {
  const auto text = input.Text("nextToken");
  if (!text) return std::optional<PageToken>();
  const AwsError invalid = InvalidLogsParameter("The specified nextToken is invalid.");
  if (text->size() != 36 || (!text->starts_with("f/") && !text->starts_with("b/"))) return invalid;
  const auto time = ParseUnsigned(text->substr(2, 14));
  const auto number = ParseUnsigned(text->substr(16));
  if (!time || !number) return invalid;
  return std::optional<PageToken>(
      {text->front() == 'f', {static_cast<std::int64_t>(*time), *number}});
}

// Which events of a batch are kept: from `begin` to before `end`.
struct Accepted {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t expired = 0;  // events before it are beyond the group's retention
};

Accepted AcceptedOf(const std::vector<logs::LogEvent>& events, std::int64_t now_ms,
                    std::int64_t retention_days) {
  const auto before = [&](std::int64_t limit) {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(),
                      [limit](const logs::LogEvent& event) { return event.unix_ms < limit; }));
  };
  Accepted accepted;
  accepted.expired = retention_days > 0 ? before(now_ms - retention_days * kDayMs) : 0;
  accepted.begin = std::max(before(now_ms - kTooOldMs), accepted.expired);
  accepted.end = before(now_ms + kTooNewMs + 1);
  return accepted;
}

AwsResult<std::vector<logs::LogEvent>> ReadEvents(const Input& input) {
  std::vector<logs::LogEvent> events;
  std::size_t bytes = 0;
  for (const simdjson::dom::element each : simdjson::dom::array(*input.List("logEvents"))) {
    const Input event(each.get_object().value_unsafe());
    events.push_back({event.Integer("timestamp").value_or(0), event.TextOr("message")});
    bytes += events.back().message.size() + logs::kEventOverheadBytes;
  }
  if (bytes > kPutBytesMax) {
    return InvalidLogsParameter("Upload too large: " + std::to_string(bytes) +
                                " bytes exceeds limit of " + std::to_string(kPutBytesMax));
  }
  const auto earlier = [](const logs::LogEvent& left, const logs::LogEvent& right) {
    return left.unix_ms < right.unix_ms;
  };
  if (!std::is_sorted(events.begin(), events.end(), earlier)) {
    return InvalidLogsParameter(
        "Log events in a single PutLogEvents request must be in chronological order.");
  }
  if (events.back().unix_ms - events.front().unix_ms > kDayMs) {
    return InvalidLogsParameter(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 "
        "hours.");
  }
  return events;
}

AwsResult<std::string> PutLogEvents(LogsContext& context, const OperationRequest& request) {
  KLESS_TRY(const LogGroup* const group, FindLogGroup(context, request));
  const std::string stream = request.input.TextOr("logStreamName");
  KLESS_TRY(std::vector<logs::LogEvent> events, ReadEvents(request.input));
  const std::int64_t now_ms = context.event_loop.UnixNanos() / 1'000'000;
  const std::size_t count = events.size();
  const Accepted accepted = AcceptedOf(events, now_ms, group->retention_days);
  events.resize(std::min(accepted.end, count));
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(
                                                    std::min(accepted.begin, events.size())));
  KLESS_TRY_VOID(
      ForClient(context.logs.Put(LogsScopeOf(request), group->name, stream, std::move(events))));
  JsonObjectText rejected;
  const bool has_too_new = accepted.end < count;
  if (has_too_new) {
    rejected.Integer("tooNewLogEventStartIndex", static_cast<std::int64_t>(accepted.end));
  }
  if (accepted.begin > accepted.expired) {
    rejected.Integer("tooOldLogEventEndIndex", static_cast<std::int64_t>(accepted.begin));
  }
  if (accepted.expired > 0) {
    rejected.Integer("expiredLogEventEndIndex", static_cast<std::int64_t>(accepted.expired));
  }
  JsonObjectText reply;
  // Since 2023 no token is asked for; AWS still returns one.
  reply.String("nextSequenceToken", "1");
  if (has_too_new || accepted.begin > 0) reply.Raw("rejectedLogEventsInfo", rejected.Finish());
  return reply.Finish();
}

void ReadTimes(const Input& input, EventQuery* query) {
  query->from_ms = input.Integer("startTime").value_or(0);
  query->until_ms = input.Integer("endTime").value_or(INT64_MAX);
  if (const auto limit = input.Integer("limit")) query->limit = static_cast<std::size_t>(*limit);
}

// No two events have the same number, so the next one is the boundary after an event.
Position After(const Position& position) { return {position.unix_ms, position.number + 1}; }

AwsResult<std::string> GetLogEvents(LogsContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(const LogGroup* const group, FindLogGroup(context, request));
  const std::string stream = input.TextOr("logStreamName");
  KLESS_TRY_VOID(ForClient(context.logs.GetStream(LogsScopeOf(request), group->name, stream)));
  KLESS_TRY(const auto token, ReadToken(input));
  EventQuery query;
  query.streams = {stream};
  ReadTimes(input, &query);
  query.newest_first = token ? !token->is_forward : !input.Flag("startFromHead").value_or(false);
  if (token && token->is_forward) query.begin = token->boundary;
  if (token && !token->is_forward) query.end = token->boundary;
  EventPage page = context.logs.Find(LogsScopeOf(request), group->name, query);
  if (query.newest_first) std::reverse(page.events.begin(), page.events.end());
  std::string list = "[";
  for (const StoredEvent& event : page.events) {
    AppendElement(list, JsonObjectText()
                            .Integer("timestamp", event.position.unix_ms)
                            .String("message", event.message)
                            .Integer("ingestionTime", event.ingestion_ms)
                            .Finish());
  }
  // Without events both tokens stay where they are: at the end a client gets its own token back.
  const Position here = token ? token->boundary : Position{query.from_ms, 0};
  const Position first = page.events.empty() ? here : page.events.front().position;
  const Position next = page.events.empty() ? here : After(page.events.back().position);
  return JsonObjectText()
      .Raw("events", list + "]")
      .String("nextForwardToken", TokenText('f', next))
      .String("nextBackwardToken", TokenText('b', first))
      .Finish();
}

// AWS's ids have 56 digits and grow with the time.
std::string EventId(const Position& position) {
  return "38" + TokenText('e', position).substr(2) + std::string(20, '0');
}

AwsResult<std::string> FilterLogEvents(LogsContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(const LogGroup* const group, FindLogGroup(context, request));
  KLESS_TRY(const auto token, ReadToken(input));
  KLESS_TRY(const logs::FilterPattern filter,
            ForClient(logs::FilterPattern::Parse(input.TextOr("filterPattern"))));
  EventQuery query;
  query.stream_prefix = input.TextOr("logStreamNamePrefix");
  if (const auto names = input.List("logStreamNames")) {
    if (!query.stream_prefix.empty()) {
      return InvalidLogsParameter(
          "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
    }
    for (const simdjson::dom::element name : *names) {
      query.streams.emplace_back(name.get_string().value_unsafe());
      KLESS_TRY_VOID(ForClient(
          context.logs.GetStream(LogsScopeOf(request), group->name, query.streams.back())));
    }
  }
  ReadTimes(input, &query);
  query.filter = &filter;
  query.scanned_bytes_max = kScannedBytesMax;
  query.newest_first = token ? !token->is_forward : !input.Flag("startFromHead").value_or(true);
  if (token && token->is_forward) query.begin = token->boundary;
  if (token && !token->is_forward) query.end = token->boundary;
  const EventPage page = context.logs.Find(LogsScopeOf(request), group->name, query);
  std::string list = "[";
  for (const StoredEvent& event : page.events) {
    AppendElement(list, JsonObjectText()
                            .String("logStreamName", event.stream)
                            .Integer("timestamp", event.position.unix_ms)
                            .String("message", event.message)
                            .Integer("ingestionTime", event.ingestion_ms)
                            .String("eventId", EventId(event.position))
                            .Finish());
  }
  JsonObjectText reply;
  reply.Raw("events", list + "]");
  reply.Raw("searchedLogStreams", "[]");
  if (page.more) reply.String("nextToken", TokenText(query.newest_first ? 'b' : 'f', page.next));
  return reply.Finish();
}

}  // namespace

std::vector<LogsOperation> LogEventOperations() {
  return {{"FilterLogEvents", FilterLogEvents},
          {"GetLogEvents", GetLogEvents},
          {"PutLogEvents", PutLogEvents}};
}

}  // namespace kless::doors::aws
