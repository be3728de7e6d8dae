#include "emulator/control_planes/feed_follower.h"

#include <algorithm>
#include <utility>

namespace kless::control_planes {

namespace {

constexpr int kReadRecords = 512;
constexpr int kListPage = 500;

}  // namespace

FeedFollower::FeedFollower(EventLoop& event_loop, Store& store, Handlers handlers)
    : event_loop_(event_loop), store_(store), handlers_(std::move(handlers)) {}

Task<> FeedFollower::Run() {
  const int table = store_.resources().table().description().id;
  for (;;) {
    if (!listed_) {
      listed_ = co_await handlers_.list(&position_);
      if (!listed_) {
        co_await event_loop_.SleepFor(handlers_.list_retry);
        continue;
      }
    }
    const auto read = store_.feed().Read(position_, kReadRecords);
    if (read.has_error()) {  // trimmed: list again
      listed_ = false;
      continue;
    }
    for (const RecordPtr& record : read.value()) {
      const bool wanted = record->table == table && (!handlers_.wants || handlers_.wants(*record));
      if (wanted && handlers_.delay) {
        const Duration age(event_loop_.UnixNanos() - record->unix_nanos);
        last_ = std::max(last_, event_loop_.Now() - age + handlers_.delay());
        if (last_ > event_loop_.Now()) {
          if (handlers_.pause) handlers_.pause();
          co_await event_loop_.SleepUntil(last_);
        }
      }
      position_ = record->sequence;
      if (wanted) handlers_.deliver(*record);
    }
    if (handlers_.pause) handlers_.pause();
    if (position_ >= store_.feed().Latest()) {
      co_await store_.feed().WaitBeyond(position_, std::nullopt);
    }
  }
}

Result<void> VisitAll(const ResourceTable& resources, const std::string& type,
                      const std::string& prefix,
                      const std::function<void(const ResourceId&, const ItemPtr&)>& visit) {
  std::string after;
  for (;;) {
    KLESS_TRY(const auto page, resources.List(type, prefix, after, kListPage));
    for (const ItemPtr& item : page.items) {
      const ResourceId id = resources.IdOf(item->key);
      after = id.name;
      visit(id, item);
    }
    if (!page.more || page.items.empty()) return {};
  }
}

}  // namespace kless::control_planes
