#include "emulator/control_planes/classic/informer.h"

#include <algorithm>
#include <utility>

#include "store/item/resource_fields.h"

namespace kless::control_planes {
namespace {

constexpr int kLists = 2;  // owners and dependents

}  // namespace

Informer::Informer(EventLoop& event_loop, Store& store, ApiServer& server,
                   const ClassicProfile& profile, const controllers::Promises& promises,
                   Telemetry* telemetry, std::uint64_t seed, Handler handler)
    : event_loop_(event_loop),
      store_(store),
      server_(server),
      profile_(profile),
      promises_(promises),
      telemetry_(telemetry),
      random_(seed, "informer"),
      handler_(std::move(handler)),
      follower_(event_loop, store, MakeHandlers()) {}

void Informer::Keep(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image) {
  if (id.type == promises_.owner_type) {
    if (new_image) {
      owners_[id.name] = new_image;
    } else {
      owners_.erase(id.name);
    }
  } else {
    if (old_image && old_image->fields) {
      const auto owned = dependents_.find(old_image->fields->owner_uid);
      if (owned != dependents_.end()) {
        owned->second.erase(id.name);
        if (owned->second.empty()) dependents_.erase(owned);
      }
    }
    failed_.erase(id.name);
    if (new_image && new_image->fields && !new_image->fields->owner_uid.empty()) {
      const ResourceFields& fields = *new_image->fields;
      if (fields.tracked && fields.phase == PodPhase::kFailed) failed_[id.name] = new_image;
      dependents_[new_image->fields->owner_uid][id.name] = MakeOwnedResource(id.name, *new_image);
    }
  }
}

// Reads all resources of a type, in order of name.
Result<std::vector<ItemPtr>> Informer::ReadAll(const std::string& type) const {
  std::vector<ItemPtr> items;
  const auto visited =
      VisitAll(store_.resources(), type, "",
               [&items](const ResourceId&, const ItemPtr& item) { items.push_back(item); });
  if (visited.has_error()) return visited.error();
  return items;
}

// Both lists show the same position of the feed, and replace the cache in one step: no owner
// is synced before its dependents are there.  Cached objects that are not in the lists are gone.
Task<bool> Informer::List(std::uint64_t* position) {
  for (int request = 0; request < kLists; ++request) {
    const Duration way_back = co_await server_.Serve();
    if (way_back > Duration::zero()) co_await event_loop_.SleepFor(way_back);
  }
  const auto owners = ReadAll(promises_.owner_type);
  const auto dependents = ReadAll(promises_.dependent_type);
  if (owners.has_error() || dependents.has_error()) co_return false;
  if (telemetry_ != nullptr) telemetry_->OnStoreCall(false, owners.value().size() + 1);
  if (telemetry_ != nullptr) telemetry_->OnStoreCall(false, dependents.value().size() + 1);
  *position = store_.feed().Latest();
  const std::map<std::string, ItemPtr> old_owners = std::exchange(owners_, {});
  dependents_.clear();
  failed_.clear();
  for (const ItemPtr& owner : owners.value()) {
    Keep(store_.resources().IdOf(owner->key), nullptr, owner);
  }
  for (const ItemPtr& dependent : dependents.value()) {
    Keep(store_.resources().IdOf(dependent->key), nullptr, dependent);
  }
  listing_ = true;
  for (const ItemPtr& dependent : dependents.value()) {
    handler_(store_.resources().IdOf(dependent->key), nullptr, dependent);
  }
  for (const ItemPtr& owner : owners.value()) {
    const ResourceId id = store_.resources().IdOf(owner->key);
    const auto old = old_owners.find(id.name);
    handler_(id, old == old_owners.end() ? nullptr : old->second, owner);
  }
  for (const auto& [name, owner] : old_owners) {
    if (!owners_.contains(name)) handler_({promises_.owner_type, name}, owner, nullptr);
  }
  listing_ = false;
  co_return true;
}

FeedFollower::Handlers Informer::MakeHandlers() {
  FeedFollower::Handlers handlers;
  handlers.list = [this](std::uint64_t* position) { return List(position); };
  handlers.wants = [this](const ChangeRecord& record) {
    const ResourceId id = store_.resources().IdOf(record.key);
    return id.type == promises_.owner_type || id.type == promises_.dependent_type;
  };
  handlers.delay = [this] { return profile_.watch_delivery.Sample(random_); };
  handlers.deliver = [this](const ChangeRecord& record) {
    const ResourceId id = store_.resources().IdOf(record.key);
    if (telemetry_ != nullptr) telemetry_->OnVisible(record, event_loop_.Now());
    Keep(id, record.old_image, record.new_image);
    handler_(id, record.old_image, record.new_image);
  };
  return handlers;
}

ItemPtr Informer::OwnerNamed(const std::string& resource_name) const {
  const auto found = owners_.find(resource_name);
  return found == owners_.end() ? nullptr : found->second;
}

std::vector<controllers::Dependent> Informer::DependentsOf(const std::string& owner_uid) const {
  std::vector<controllers::Dependent> found;
  const auto owned = dependents_.find(owner_uid);
  if (owned == dependents_.end()) return found;
  found.reserve(owned->second.size());
  for (const auto& [name, row] : owned->second) found.push_back({row, true, nullptr});
  return found;
}

ItemPtr Informer::FailedDependent(const std::string& resource_name) const {
  const auto found = failed_.find(resource_name);
  return found == failed_.end() ? nullptr : found->second;
}

std::vector<std::string> Informer::OwnerNames() const {
  std::vector<std::string> names;
  for (const auto& [name, owner] : owners_) names.push_back(name);
  return names;
}

}  // namespace kless::control_planes
