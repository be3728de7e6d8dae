#include "emulator/control_planes/classic/informer.h"

#include <algorithm>

#include "store/resource_fields.h"

namespace kless::control_planes {
namespace {

constexpr int kReadRecords = 512;
constexpr int kListPage = 500;
constexpr int kLists = 2;  // Jobs and Pods
constexpr const char* kJobType = "job";
constexpr const char* kPodType = "pod";

}  // namespace

Informer::Informer(Scheduler& scheduler, Store& store, ApiServer& server,
                   const ClassicProfile& profile, Telemetry* telemetry, std::uint64_t seed,
                   Handler handler)
    : scheduler_(scheduler),
      store_(store),
      server_(server),
      profile_(profile),
      telemetry_(telemetry),
      random_(seed, "informer"),
      handler_(std::move(handler)) {}

void Informer::Apply(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image) {
  if (id.type == kJobType) {
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
    if (new_image && new_image->fields && !new_image->fields->owner_uid.empty()) {
      const ResourceFields& fields = *new_image->fields;
      pods_[fields.owner_uid][id.name] = OwnedResource{id.name,
                                                       fields.uid,
                                                       new_image->version,
                                                       fields.phase,
                                                       fields.ready,
                                                       fields.deleting,
                                                       fields.tracked,
                                                       !fields.node_name.empty(),
                                                       fields.completion_index};
    }
  }
  handler_(id, old_image, new_image);
}

// The cache starts anew: what it held and the list does not hold is gone.  Both lists show one
// position of the feed, and nobody acts on a Job before its pods are there.
Task<> Informer::List() {
  for (int request = 0; request < kLists; ++request) {
    const Duration way_back = co_await server_.Serve();
    if (way_back > Duration::zero()) co_await scheduler_.SleepFor(way_back);
  }
  store_.EndTurn();
  position_ = store_.feed().Latest();
  jobs_.clear();
  pods_.clear();
  listing_ = true;
  // Pods first: their handlers find no Job yet, the Jobs' handlers find all pods.
  for (const char* type : {kPodType, kJobType}) {
    std::string after;
    for (bool more = true; more;) {
      const auto page = store_.resources().List(type, "", after, kListPage);
      if (page.has_error()) break;
      for (const ItemPtr& item : page.value().items) {
        const ResourceId id = store_.resources().IdOf(item->key);
        after = id.name;
        Apply(id, nullptr, item);
      }
      more = page.value().more && !page.value().items.empty();
    }
  }
  listing_ = false;
  listed_ = true;
}

Task<> Informer::Run() {
  TimePoint last{};
  for (;;) {
    if (!listed_) co_await List();
    const auto read = store_.feed().Read(position_, kReadRecords);
    if (read.has_error()) {  // trimmed: list again
      listed_ = false;
      continue;
    }
    for (const RecordPtr& record : read.value()) {
      if (record->table != store_.resources().table().description().id) {
        position_ = record->sequence;
        continue;
      }
      const ResourceId id = store_.resources().IdOf(record->key);
      if (id.type != kJobType && id.type != kPodType) {
        position_ = record->sequence;
        continue;
      }
      const Duration age(scheduler_.UnixNanos() - record->unix_nanos);
      const TimePoint written = scheduler_.Now() - age;
      last = std::max(last, written + profile_.watch_delivery.Sample(random_));
      if (last > scheduler_.Now()) co_await scheduler_.SleepUntil(last);
      if (telemetry_ != nullptr) telemetry_->OnVisible(*record, scheduler_.Now());
      position_ = record->sequence;
      Apply(id, record->old_image, record->new_image);
    }
    if (position_ >= store_.feed().Latest()) {
      co_await store_.feed().WaitBeyond(position_, std::nullopt);
    }
  }
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

std::vector<std::string> Informer::JobNames() const {
  std::vector<std::string> names;
  for (const auto& [name, job] : jobs_) names.push_back(name);
  return names;
}

bool Informer::Idle() const { return listed_ && position_ >= store_.feed().Latest(); }

}  // namespace kless::control_planes
