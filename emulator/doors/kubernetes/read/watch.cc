#include "emulator/doors/kubernetes/read/watch.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "functions/kubernetes/objects/served_document.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/field_error.h"

namespace kless::doors {

using kubernetes::Kind;

namespace {

// --min-request-timeout of the API server: a watch ends after 1 to 2 times this time.
constexpr std::int64_t kMinTimeoutSeconds = 1800;
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/storage/cacher/cacher.go
constexpr std::chrono::seconds kBookmarkPeriod{60};
constexpr std::int64_t kMaxTimeoutSeconds = 100LL * 365 * 24 * 3600;
constexpr int kRecordsPerRead = 512;
constexpr int kItemsPerRead = 200;
// Lines are sent together up to about this size.
constexpr std::size_t kChunkBytes = 64u << 10;

bool IsTrue(const HttpRequest& request, const char* name) {
  const std::string& value = request.Query(name);
  return value == "true" || value == "1";
}

const char* EventName(WatchEvent event) {
  switch (event) {
    case WatchEvent::kAdded:
      return "ADDED";
    case WatchEvent::kModified:
      return "MODIFIED";
    case WatchEvent::kDeleted:
      return "DELETED";
  }
  return "";
}

std::string EventLine(std::string_view type, std::string_view object) {
  std::string line;
  line.reserve(object.size() + 40);
  line.append(R"({"type":")").append(type).append(R"(","object":)").append(object).append("}\n");
  return line;
}

std::string Bookmark(const Kind& kind, std::uint64_t position, bool end_of_initial_state) {
  std::string object = R"({"kind":")" + kind.kind + R"(","apiVersion":")" + kind.ApiVersion() +
                       R"(","metadata":{"resourceVersion":")" + std::to_string(position) + '"';
  if (end_of_initial_state) object += R"(,"annotations":{"k8s.io/initial-events-end":"true"})";
  return EventLine("BOOKMARK", object + "}}");
}

std::string TooOld(std::uint64_t position, std::uint64_t low_water) {
  return EventLine("ERROR", DumpJson(kubernetes::StatusFailure(
                                410, "Expired",
                                "too old resource version: " + std::to_string(position) + " (" +
                                    std::to_string(low_water) + ")",
                                nullptr)));
}

// Lets the other handlers run.
Task<> Yield(EventLoop& event_loop) {
  co_await asio::post(event_loop.executor(), asio::use_awaitable);
}

}  // namespace

const std::string& WatchEventTexts::Line(const Kind& kind, const ChangeRecord& record,
                                         const std::string& resource_name, WatchEvent event) {
  // The event is part of the key, because one record can be ADDED for a watch whose selector it
  // begins to match and MODIFIED for another.
  const std::pair key(record.sequence, event);
  const auto found = lines_.find(key);
  if (found != lines_.end()) return found->second;
  // The oldest are dropped first, but never the only one: it may be larger than the limit.
  while (bytes_ > kMaxBytes && !lines_.empty()) {
    bytes_ -= lines_.begin()->second.size();
    lines_.erase(lines_.begin());
  }
  const Item& image = event == WatchEvent::kDeleted ? *record.old_image : *record.new_image;
  std::string line = EventLine(
      EventName(event), kubernetes::ServedDocument(kind, image, resource_name, record.sequence));
  bytes_ += line.size();
  return lines_.emplace(key, std::move(line)).first->second;
}

Refusal KubernetesWatches::ParseWatchOptions(const HttpRequest& request, Watcher* watcher,
                                             std::optional<std::uint64_t>* version) {
  const std::string& match = request.Query("resourceVersionMatch");
  const bool has_initial = request.query.contains("sendInitialEvents");
  // All problems are collected before the refusal, since the API server names them in one reply.
  kubernetes::FieldErrors errors;
  if (has_initial && match != "NotOlderThan") {
    errors.push_back(kubernetes::Forbidden(
        "resourceVersionMatch",
        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (!match.empty()) {
    if (!has_initial) {
      errors.push_back(kubernetes::Forbidden("resourceVersionMatch",
                                             "resourceVersionMatch is forbidden for watch unless "
                                             "sendInitialEvents is provided"));
    }
    if (match != "NotOlderThan") {
      errors.push_back(kubernetes::NotSupported("resourceVersionMatch", match, {"NotOlderThan"}));
    }
  }
  if (!errors.empty()) return InvalidOptions("ListOptions", errors);
  if (auto refusal = ParseResourceVersion(request, version)) return refusal;

  watcher->bookmarks = IsTrue(request, "allowWatchBookmarks");
  // Without a version, and without a word about initial events, a watch begins with the current
  // objects as if each had just been added.
  watcher->initial_state = has_initial ? IsTrue(request, "sendInitialEvents") : !*version;
  watcher->announce_end = has_initial && watcher->initial_state && watcher->bookmarks;

  std::int64_t seconds = 0;
  if (const std::string& text = request.Query("timeoutSeconds"); !text.empty()) {
    const auto parsed = ParseInteger(text);
    if (!parsed) {
      return BadRequest("strconv.ParseInt: parsing " + DumpJson(text) + ": invalid syntax");
    }
    seconds = std::clamp<std::int64_t>(*parsed, 0, kMaxTimeoutSeconds);
  }
  if (seconds == 0) {
    // The spread keeps clients that connected together from coming back together.  The door's own
    // random stream makes it repeatable.
    seconds = kMinTimeoutSeconds + static_cast<std::int64_t>(context_.random.Below(
                                       static_cast<std::uint64_t>(kMinTimeoutSeconds)));
  }
  watcher->deadline = context_.event_loop.Now() + std::chrono::seconds(seconds);
  return std::nullopt;
}

Task<HttpResponse> KubernetesWatches::Watch(ResourcePath path, HttpRequest request) {
  auto watcher = std::make_shared<Watcher>(path);
  if (auto refusal = watcher->selection.Parse(request)) co_return std::move(*refusal);
  std::optional<std::uint64_t> version;
  if (auto refusal = ParseWatchOptions(request, watcher.get(), &version)) {
    co_return std::move(*refusal);
  }
  if (version) {
    // A client may name a version that the feed does not show yet.  It has to be refused here if at
    // all: once the stream begins, the status of the reply has been sent.
    auto late = co_await reader_.AwaitVersion(*version);
    if (late) co_return std::move(*late);
  }
  watcher->position =
      version && !watcher->initial_state ? *version : context_.store.feed().Latest();

  HttpResponse response;
  // The stream runs after this coroutine has ended, so it shares the ownership of the watcher.
  response.stream = [this, watcher](Writer writer) { return Stream(watcher, std::move(writer)); };
  co_return response;
}

Task<> KubernetesWatches::Stream(WatcherPtr watcher, Writer writer) {
  ChangeFeed& feed = context_.store.feed();
  const Kind& kind = watcher->selection.kind();
  if (watcher->initial_state) {
    const bool sent = co_await SendInitialState(watcher, writer);
    if (!sent) co_return;
  }
  TimePoint next_bookmark = context_.event_loop.Now() + kBookmarkPeriod;
  for (;;) {
    bool caught_up = false;
    std::optional<std::string> lines = NextLines(*watcher, &caught_up);
    const bool trimmed = !lines;
    // The head of the reply is sent, so the status 410 travels as the last event, upon which
    // clients list again.
    if (trimmed) lines = TooOld(watcher->position, feed.LowWaterMark());
    const TimePoint now = context_.event_loop.Now();
    const bool over = now >= watcher->deadline;
    // A bookmark promises that nothing up to its version is missing, so it waits until the watch
    // has caught up.  The last one is sent at the deadline, so that the next watch begins where
    // this one ended and its client need not list again.
    if (!trimmed && caught_up && watcher->bookmarks && (over || now >= next_bookmark)) {
      *lines += Bookmark(kind, watcher->position, false);
      next_bookmark = now + kBookmarkPeriod;
    }
    if (!lines->empty()) {
      const auto written = co_await writer->Write(std::move(*lines));
      if (written.has_error()) co_return;
    } else if (!caught_up) {
      // A selective watch may read a long backlog without a line to write.  Nothing else would
      // suspend it then, and it would hold up the loop.
      co_await Yield(context_.event_loop);
    }
    if (trimmed || over) co_return;
    if (!caught_up) continue;
    // The last events of a removed kind have been sent by now.
    if (!custom_kinds_.IsCurrent(watcher->selection.shared_kind())) co_return;
    const TimePoint wake =
        watcher->bookmarks ? std::min(next_bookmark, watcher->deadline) : watcher->deadline;
    // Writing may have taken long.  The wait is for records beyond the position that was read, so
    // it ends at once if some came meanwhile.
    co_await feed.WaitBeyond(watcher->position, wake);
  }
}

// The position stays where it was before the first page, so that changes made meanwhile are sent
// afterwards.  Objects that a page already shows at a later version are remembered, so that they
// are not sent twice.
Task<bool> KubernetesWatches::SendInitialState(WatcherPtr watcher, Writer writer) {
  const Kind& kind = watcher->selection.kind();
  watcher->position = context_.store.feed().Latest();
  std::string after;
  std::string lines;
  bool more = true;
  while (more) {
    auto page =
        context_.resources().List(kind.type, watcher->selection.prefix(), after, kItemsPerRead);
    if (page.has_error()) co_return false;
    more = page.value().more;
    for (const ItemPtr& item : page.value().items) {
      after = context_.resources().IdOf(item->key).name;
      if (item->version > watcher->position) watcher->shown[after] = item->version;
      if (!watcher->selection.Matches(*item, after)) continue;
      lines += EventLine("ADDED", kubernetes::ServedDocument(kind, *item, after));
    }
    if (!more && watcher->announce_end) lines += Bookmark(kind, watcher->position, true);
    if (lines.empty() || (more && lines.size() < kChunkBytes)) continue;
    // The objects may not be committed yet.
    co_await context_.store.Committed();
    const auto written = co_await writer->Write(std::exchange(lines, std::string()));
    if (written.has_error()) co_return false;
  }
  co_return true;
}

std::optional<std::string> KubernetesWatches::NextLines(Watcher& watcher, bool* caught_up) {
  const auto records = context_.store.feed().Read(watcher.position, kRecordsPerRead);
  if (records.has_error()) return std::nullopt;
  *caught_up = records.value().size() < static_cast<std::size_t>(kRecordsPerRead);
  std::string lines;
  for (const RecordPtr& record : records.value()) {
    AppendEvent(watcher, *record, lines);
    watcher.position = record->sequence;
    // The cut bounds what a watch holds while its client reads slowly.  The position has moved
    // record by record, so the next call continues exactly here.
    if (lines.size() >= kChunkBytes) {
      *caught_up = false;
      break;
    }
  }
  return lines;
}

void KubernetesWatches::AppendEvent(Watcher& watcher, const ChangeRecord& record,
                                    std::string& out) {
  const ResourceTable& resources = context_.resources();
  const Selection& selection = watcher.selection;
  // Records of other types, which are most of what a watch reads, are skipped here.
  const bool type_first = resources.layout() == KeyLayout::kTypeName;
  const std::string& type = type_first ? record.key.partition : record.key.sort;
  const std::string& name = type_first ? record.key.sort : record.key.partition;
  if (type != selection.kind().type || !name.starts_with(selection.prefix())) return;
  if (record.table != resources_table_) return;

  if (!watcher.shown.empty()) {
    // The initial state told of this object at some version; the records up to that version are old
    // news.  The entry goes with the record of that version, so that the map shrinks as the watch
    // catches up.
    const auto shown = watcher.shown.find(name);
    if (shown != watcher.shown.end()) {
      const bool told = record.sequence <= shown->second;
      if (record.sequence >= shown->second) watcher.shown.erase(shown);
      if (told) return;
    }
  }
  const bool before = record.old_image && selection.Matches(*record.old_image, name);
  const bool after = record.new_image && selection.Matches(*record.new_image, name);
  if (!before && !after) return;
  // The event is relative to the selection and not to the record: an object whose labels cease to
  // match is DELETED for this watch, and one that begins to match is ADDED.
  const WatchEvent event = !before ? WatchEvent::kAdded
                           : after ? WatchEvent::kModified
                                   : WatchEvent::kDeleted;
  if (!selection.kind().from_stored) {
    out += texts_.Line(selection.kind(), record, name, event);
    return;
  }
  // The same record has another text in each version or view.
  const Item& image = event == WatchEvent::kDeleted ? *record.old_image : *record.new_image;
  out += EventLine(EventName(event),
                   kubernetes::ServedDocument(selection.kind(), image, name, record.sequence));
}

}  // namespace kless::doors
