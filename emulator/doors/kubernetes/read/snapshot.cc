#include "emulator/doors/kubernetes/read/snapshot.h"

namespace kless::doors {

Result<ResourceSnapshot> ResourceSnapshot::At(Store& store, std::string type, std::string prefix,
                                              std::optional<std::uint64_t> position) {
  ResourceSnapshot snapshot(store, std::move(type), std::move(prefix));
  if (!position) return snapshot;
  const ChangeFeed& feed = store.feed();
  const ResourceTable& resources = store.resources();
  const int table = store.resources().table().description().id;
  if (*position < feed.LowWaterMark() || feed.Latest() > *position + kMaxRecords) {
    return MakeError(ErrorCode::kGone, "the position " + std::to_string(*position) + " is too old");
  }
  std::uint64_t at = *position;
  for (;;) {
    KLESS_TRY(auto records, feed.Read(at, 1000));
    if (records.empty()) return snapshot;
    for (const RecordPtr& record : records) {
      at = record->sequence;
      if (record->table != table) continue;
      const ResourceId id = resources.IdOf(record->key);
      if (id.type != snapshot.type_ || !id.name.starts_with(snapshot.prefix_)) continue;
      snapshot.changed_since_.try_emplace(id.name, record->old_image);
    }
  }
}

Result<ResourceSnapshot::Page> ResourceSnapshot::Read(const std::string& after, int limit) const {
  Page page;
  auto changed = changed_since_.upper_bound(after);
  std::string last = after;
  const auto size = static_cast<std::size_t>(limit);
  for (;;) {
    // One extra entry shows whether there are more.
    auto current = store_->resources().List(type_, prefix_, last, limit + 1);
    if (current.has_error()) return current.error();
    for (const ItemPtr& item : current.value().items) {
      last = store_->resources().IdOf(item->key).name;
      for (; changed != changed_since_.end() && changed->first < last; ++changed) {
        if (changed->second) page.entries.push_back({changed->first, changed->second});
      }
      if (changed != changed_since_.end() && changed->first == last) {
        if (changed->second) page.entries.push_back({last, changed->second});
        ++changed;
      } else {
        page.entries.push_back({last, item});
      }
    }
    if (!current.value().more) {
      for (; changed != changed_since_.end() && page.entries.size() <= size; ++changed) {
        if (changed->second) page.entries.push_back({changed->first, changed->second});
      }
    }
    page.more = page.entries.size() > size;
    if (page.more) page.entries.resize(size);
    if (page.more || !current.value().more) return page;
  }
}

}  // namespace kless::doors
