#include "emulator/control_planes/classic/informer.h"

#include <algorithm>
#include <utility>

#include "store/item/resource_fields.h"

namespace kless::control_planes {
namespace {

constexpr int kLists = 2;  // Jobs and Pods
constexpr const char* kJobResource = "job";
constexpr const char* kPodResource = "pod";

}  // namespace

Informer::Informer(EventLoop& event_loop, Store& store, ApiServer& server,
                   const ClassicProfile& profile, Telemetry* telemetry, std::uint64_t seed,
                   Handler handler)
    : event_loop_(event_loop),
      store_(store),
      server_(server),
      profile_(profile),
      telemetry_(telemetry),
      random_(seed, "informer"),
      handler_(std::move(handler)),
      follower_(event_loop, store, MakeHandlers()) {}

void Informer::Keep(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image) {
  if (id.type == kJobResource) {
    if (new_image) {
      jobs_[id.name] = new_image;
    } else {
      jobs_.erase(id.name);
    }
  } else {
    if (old_image && old_image->fields) {
      const auto owned = pods_.find(old_image->fields->owner_uid);
      if (owned != pods_.end()) {
        owned->second.erase(id.name);
        if (owned->second.empty()) pods_.erase(owned);
      }
    }
    failed_.erase(id.name);
    if (new_image && new_image->fields && !new_image->fields->owner_uid.empty()) {
      const ResourceFields& fields = *new_image->fields;
      if (fields.tracked && fields.phase == PodPhase::kFailed) failed_[id.name] = new_image;
      pods_[new_image->fields->owner_uid][id.name] = MakeOwnedResource(id.name, *new_image);
    }
  }
}

// Reads all resources of a type, in order of name.
Result<std::vector<ItemPtr>> Informer::ReadAll(const char* type) const {
  std::vector<ItemPtr> items;
  const auto visited =
      VisitAll(store_.resources(), type, "",
               [&items](const ResourceId&, const ItemPtr& item) { items.push_back(item); });
  if (visited.has_error()) return visited.error();
  return items;
}

// Both lists show the same position of the feed, and replace the cache in one step: no Job is
// synced before its pods are there.  Cached objects that are not in the lists are gone.
Task<bool> Informer::List(std::uint64_t* position) {
  for (int request = 0; request < kLists; ++request) {
    const Duration way_back = co_await server_.Serve();
    if (way_back > Duration::zero()) co_await event_loop_.SleepFor(way_back);
  }
  const auto jobs = ReadAll(kJobResource);
  const auto pods = ReadAll(kPodResource);
  if (jobs.has_error() || pods.has_error()) co_return false;
  if (telemetry_ != nullptr) telemetry_->OnStoreCall(false, jobs.value().size() + 1);
  if (telemetry_ != nullptr) telemetry_->OnStoreCall(false, pods.value().size() + 1);
  *position = store_.feed().Latest();
  const std::map<std::string, ItemPtr> old_jobs = std::exchange(jobs_, {});
  pods_.clear();
  failed_.clear();
  for (const ItemPtr& job : jobs.value()) {
    Keep(store_.resources().IdOf(job->key), nullptr, job);
  }
  for (const ItemPtr& pod : pods.value()) {
    Keep(store_.resources().IdOf(pod->key), nullptr, pod);
  }
  listing_ = true;
  for (const ItemPtr& pod : pods.value()) {
    handler_(store_.resources().IdOf(pod->key), nullptr, pod);
  }
  for (const ItemPtr& job : jobs.value()) {
    const ResourceId id = store_.resources().IdOf(job->key);
    const auto old = old_jobs.find(id.name);
    handler_(id, old == old_jobs.end() ? nullptr : old->second, job);
  }
  for (const auto& [name, job] : old_jobs) {
    if (!jobs_.contains(name)) handler_({kJobResource, name}, job, nullptr);
  }
  listing_ = false;
  co_return true;
}

FeedFollower::Handlers Informer::MakeHandlers() {
  FeedFollower::Handlers handlers;
  handlers.list = [this](std::uint64_t* position) { return List(position); };
  handlers.wants = [this](const ChangeRecord& record) {
    const ResourceId id = store_.resources().IdOf(record.key);
    return id.type == kJobResource || id.type == kPodResource;
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

ItemPtr Informer::Job(const std::string& resource_name) const {
  const auto found = jobs_.find(resource_name);
  return found == jobs_.end() ? nullptr : found->second;
}

std::vector<OwnedResource> Informer::PodsOf(const std::string& owner_uid) const {
  std::vector<OwnedResource> rows;
  const auto owned = pods_.find(owner_uid);
  if (owned == pods_.end()) return rows;
  rows.reserve(owned->second.size());
  for (const auto& [name, row] : owned->second) rows.push_back(row);
  return rows;
}

ItemPtr Informer::FailedPod(const std::string& resource_name) const {
  const auto found = failed_.find(resource_name);
  return found == failed_.end() ? nullptr : found->second;
}

std::vector<std::string> Informer::JobNames() const {
  std::vector<std::string> names;
  for (const auto& [name, job] : jobs_) names.push_back(name);
  return names;
}

}  // namespace kless::control_planes
