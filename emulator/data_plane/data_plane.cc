#include "emulator/data_plane/data_plane.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/clock.h"
#include "store/item/resource_fields.h"

namespace kless::data_plane {
namespace {

constexpr int kReadRecords = 64;
constexpr int kListPage = 64;
// The delay after an error of the store; the kubelet syncs a pod every second (reference
// kubernetes.md (b)).
constexpr Duration kRetry = std::chrono::seconds(1);
constexpr const char* kPodType = "pod";
constexpr int kOutOfMemoryExitCode = 137;

}  // namespace

Error DataPlane::Stopped() {
  return MakeError(ErrorCode::kUnavailable, "the data plane has stopped");
}

DataPlane::DataPlane(EventLoop& event_loop, Store& store, DataPlaneConfig config,
                     std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      config_(std::move(config)),
      life_(config_),
      nodes_(event_loop, store, config_, seed),
      changed_(event_loop),
      timers_(event_loop, [this](Entry* entry) {
        // The timer has left the queue.  An entry that kept its ID would later try to remove a
        // timer that no longer exists.
        entry->second.timer = {};
        Drive(*entry, false);
        if (Idle()) changed_.NotifyAll();
      }) {
  KLESS_CHECK(config_.nodes > 0, "a data plane has nodes");
}

DataPlane::~DataPlane() = default;

void DataPlane::Start() { Spawn(event_loop_, "data plane", Follow()); }

void DataPlane::Stop() {
  // Follow is still suspended somewhere.  It sees the flag when it wakes; until then OnRecord and
  // SetTimer have no effect, so that no pod's status is written after this call.
  stopped_ = true;
  timers_.Clear();
  nodes_.StopHeartbeats();
  changed_.NotifyAll();
}

bool DataPlane::Idle() const {
  if (stopped_) return true;
  // The feed shows a write only after the turn, so its newest position alone would make the data
  // plane look idle in the very turn in which it wrote.  `written_` covers that gap.
  return listed_ && position_ >= store_.feed().Latest() && position_ >= written_ &&
         !timers_.AnyDue() && nodes_.Idle();
}

Task<> DataPlane::Follow() {
  while (!stopped_) {
    if (!listed_) {
      const bool listed = co_await List();
      if (stopped_) co_return;
      if (!listed) {
        co_await event_loop_.SleepFor(kRetry);
        continue;
      }
      changed_.NotifyAll();
    }
    const auto read = store_.feed().Read(position_, kReadRecords);
    // Records that were trimmed are lost to this reader.  Only a list tells what exists, and List
    // also finds what has vanished meanwhile.
    if (read.has_error()) {  // trimmed: list again
      listed_ = false;
      continue;
    }
    for (const RecordPtr& record : read.value()) {
      OnRecord(*record);
      position_ = record->sequence;
    }
    if (Idle()) changed_.NotifyAll();
    // Each batch of records is one handler.  Without the yield below a long backlog would run as a
    // single handler, and the commit that all replies wait for could not happen meanwhile.
    if (position_ >= store_.feed().Latest()) {
      co_await store_.feed().WaitBeyond(position_, std::nullopt);
    } else {  // let other coroutines run
      co_await asio::post(event_loop_.executor(), asio::use_awaitable);
    }
  }
}

// Pages are read in several steps: changes made meanwhile arrive again through the feed.
Task<bool> DataPlane::List() {
  position_ = store_.feed().Latest();
  const bool first = registered_ < config_.nodes;
  // The count outlives a failed list, so that a retry continues with the next node instead of
  // writing the first ones again.
  while (registered_ < config_.nodes) {
    const auto registered = nodes_.Register(registered_);
    if (registered.has_error()) co_return false;
    if (++registered_ % kListPage == 0) {
      co_await asio::post(event_loop_.executor(), asio::use_awaitable);
      if (stopped_) co_return false;
    }
  }
  // A pod that no page shows was removed while this reader saw no records.  Its own record may have
  // been trimmed, so that nothing else would end it.
  std::map<std::string, bool> gone;
  for (const auto& [name, pod] : pods_) gone[name] = true;
  std::string after;
  for (bool more = true; more;) {
    const auto page = store_.resources().List(kPodType, "", after, kListPage);
    if (page.has_error()) co_return false;
    for (const ItemPtr& item : page.value().items) {
      after = store_.resources().IdOf(item->key).name;
      gone.erase(after);
      const auto known = pods_.find(after);
      const Node* const node = NodeOf(*item);
      // The pods of a failed node stay as they were known: ReturnNode compares them with the store
      // when their kubelet is back.
      if (node == nullptr || !node->alive) continue;
      if (known != pods_.end() && known->second.uid != item->fields->uid) Forget(after);
      if (!pods_.contains(after)) {
        Adopt(after, true);
      } else if (known->second.version < item->version) {
        if (Absorb(known->second, *item)) {
          Drive(*known, false);
        } else {
          Forget(after);
          Adopt(after, true);
        }
      }
    }
    more = page.value().more;
    co_await asio::post(event_loop_.executor(), asio::use_awaitable);
    // A list that was cut short says nothing about the pods that it has not reached.
    if (stopped_) co_return false;
  }
  for (const auto& [name, unseen] : gone) Forget(name);
  if (first) nodes_.StartHeartbeats();
  listed_ = true;
  co_return true;
}

Node* DataPlane::NodeOf(const Item& item) {
  if (!item.fields || item.fields->node_name.empty()) return nullptr;
  return nodes_.Find(item.fields->node_name);
}

void DataPlane::OnRecord(const ChangeRecord& record) {
  if (stopped_ || record.table != store_.resources().table().description().id) return;
  const ResourceId id = store_.resources().IdOf(record.key);
  if (id.type == kPodType) {
    OnPod(id.name, record);
  } else if (id.type == kNodeType) {
    nodes_.OnObject(id.name, record.new_image ? record.new_image->fields->uid : std::string());
  }
}

void DataPlane::OnPod(const std::string& name, const ChangeRecord& record) {
  const auto known = pods_.find(name);
  if (known != pods_.end()) {
    if (record.sequence <= known->second.version) return;  // our own write, or one seen before
    const Node& node = nodes_.all()[static_cast<std::size_t>(known->second.node)];
    // The name alone does not identify a pod: another one may have been created under it, with a
    // life of its own.
    const bool same = record.new_image && record.new_image->fields->uid == known->second.uid &&
                      record.new_image->fields->node_name == node.identity.name;
    if (same) {
      if (!node.alive) return;
      if (Absorb(known->second, *record.new_image)) {
        Drive(*known, false);
        return;
      }
    }
    Forget(name);
  }
  if (!record.new_image) return;
  const Node* const node = NodeOf(*record.new_image);
  if (node == nullptr || !node->alive) return;
  const ResourceFields& fields = *record.new_image->fields;
  // A pod that has ended needs its kubelet for one thing only: to confirm its deletion.
  if (IsTerminal(fields.phase) && !fields.deleting) return;
  Adopt(name, false);
}

void DataPlane::Adopt(const std::string& name, bool resuming) {
  // The record or page that led here may be old.  Adopting the current item means that the first
  // status is written over the version that it was made from, and that the records up to it are
  // skipped as already seen.
  const auto item = store_.resources().Get({kPodType, name});
  if (item.has_error()) return;
  Node* const node = NodeOf(*item.value());
  if (node == nullptr || !node->alive) return;
  const ResourceFields& fields = *item.value()->fields;
  const PodDocument document(item.value()->document);
  if (IsTerminal(fields.phase)) {
    // Without grace the deletion has been confirmed already, and the pod waits for its finalizers.
    if (fields.deleting && document.grace_seconds.value_or(0) > 0) {
      ConfirmDeletion(name, fields.uid);
    }
    return;
  }
  Entry& entry = *pods_.emplace(name, Pod()).first;
  Pod& pod = entry.second;
  pod.uid = fields.uid;
  pod.manifest = manifests_.Read(document.spec, document.annotations);
  pod.node = node->index;
  pod.version = item.value()->version;
  pod.ip_slot = pod.manifest->host_network ? 0 : node->ip_slots.Take(IpSlotOf(document.status));
  ++node->pods;
  bool write = false;
  if (ReadStatus(document.status, &pod)) {
    life_.Resume(pod, event_loop_.UnixNanos());
  } else {
    write = life_.Begin(pod, event_loop_.UnixNanos());
  }
  if (fields.phase == PodPhase::kRunning) pod.phase = PodPhase::kRunning;
  // This precedes Drive, so that no container starts in a pod that is being deleted.
  if (document.deleting) BeginDeletion(pod, document, resuming);
  Drive(entry, write);
}

void DataPlane::BeginDeletion(Pod& pod, const PodDocument& document, bool resuming) {
  const std::int64_t asked = document.grace_seconds.value_or(0);
  // A repeated deletion may shorten the grace period but never prolongs it.
  if (pod.deleting && asked >= pod.grace_seconds) return;
  pod.deleting = true;
  pod.grace_seconds = asked;
  const std::int64_t now = event_loop_.UnixNanos();
  std::int64_t grace = asked * kNanosPerSecond;
  // The period has gone on while the kubelet was away; only its rest is left, if any.
  if (resuming && document.deletion_nanos) {
    grace = std::clamp<std::int64_t>(*document.deletion_nanos - now, 0, grace);
  }
  life_.Stop(pod, StopReason::kDeleted, grace, now);
}

bool DataPlane::Absorb(Pod& pod, const Item& item) {
  pod.version = item.version;
  const PodDocument document(item.document);
  if (IsTerminal(item.fields->phase) && !pod.terminal()) return false;
  auto shape = manifests_.Read(document.spec, document.annotations);
  // The states of containers belong to the manifest's entries by index.  The API server does not
  // let their number change, but a raw write may; the pod then keeps the manifest that its states
  // fit.
  if (shape->containers.size() == pod.manifest->containers.size()) {
    const bool pulls_now = pod.manifest->pull_fails && !shape->pull_fails && !pod.pulled;
    pod.manifest = std::move(shape);
    if (pulls_now) pod.pull_due = event_loop_.UnixNanos();
  }
  if (document.deleting) BeginDeletion(pod, document, false);
  return true;
}

void DataPlane::Drive(Entry& entry, bool write) {
  Pod& pod = entry.second;
  const std::int64_t now = event_loop_.UnixNanos();
  if (pod.write_due <= now) write = true;
  // This is one round only.  If another is due at once, a timer without delay brings it, so that
  // the status between the two rounds is a write of its own, which watches can see.
  if (life_.Advance(pod, now)) write = true;
  if (write) {
    pod.write_due = kNever;
    if (!Write(entry)) return;
  }
  SetTimer(entry);
}

void DataPlane::SetTimer(Entry& entry) {
  Pod& pod = entry.second;
  timers_.Remove(pod.timer);
  pod.timer = {};
  const std::int64_t now = event_loop_.UnixNanos();
  const std::int64_t due = std::min(life_.NextDue(pod), pod.write_due);
  if (due == kNever || stopped_) return;
  const Duration delay(std::max<std::int64_t>(0, due - now));
  pod.timer = timers_.Add(event_loop_.Now() + delay, &entry);
}

bool DataPlane::Write(Entry& entry) {
  constexpr int kAttempts = 5;
  // The attempts are bounded, since a store that refuses every write would hold up the loop
  // forever.  The status then becomes due again after a delay of emulated time.
  bool written = false;
  for (int attempt = 0; attempt < kAttempts && !written; ++attempt) {
    if (!WriteOnce(entry, &written)) {
      Forget(entry.first);
      return false;
    }
  }
  Pod& pod = entry.second;
  if (!written) {
    pod.write_due = event_loop_.UnixNanos() + kRetry.count();
    return true;
  }
  if (!pod.terminal()) return true;
  ++(pod.phase == PodPhase::kSucceeded ? stats_.succeeded : stats_.failed);
  // The terminal status is stored before the removal, as by a real kubelet, so that controllers can
  // count how the pod ended.  Forget comes last, because it destroys `entry`.
  if (pod.deleting) ConfirmDeletion(entry.first, pod.uid);
  Forget(entry.first);
  return false;
}

// Makes one attempt on the current document.  Returns false if it is no longer ours.
bool DataPlane::WriteOnce(Entry& entry, bool* written) {
  Pod& pod = entry.second;
  const ResourceId id{kPodType, entry.first};
  const auto current = store_.resources().Get(id);
  // Only kNotFound says that the pod is gone.  Any other error may be temporary, so the pod stays
  // managed and the write is tried again.
  if (current.has_error()) return current.error().code != ErrorCode::kNotFound;
  const Item& item = *current.value();
  const Node* const node = NodeOf(item);
  if (node == nullptr || node->index != pod.node || item.fields->uid != pod.uid) return false;
  // Another writer's change must take effect before the status is made: it may have begun a
  // deletion, and the status of a pod that runs on would contradict it.
  if (item.version != pod.version) {  // its record has not arrived yet
    ++stats_.conflicts;
    if (!Absorb(pod, item)) return false;
  }
  const PodDocument document(item.document);
  const auto put =
      store_.resources().Put(id, WithMember(item.document, "status", Render(entry, document)),
                             Condition::VersionIs(item.version));
  if (put.has_error()) return true;
  *written = true;
  pod.version = put.value().version;
  // A write that changes nothing makes no record.  Waiting for one would keep Idle() false forever.
  if (put.value().changed) {
    ++stats_.status_writes;
    written_ = std::max(written_, put.value().version);
  }
  return true;
}

Result<DataPlane::Entry*> DataPlane::RunningPod(const std::string& name) {
  if (stopped_) return Stopped();
  const auto found = pods_.find(name);
  if (found == pods_.end()) {
    return MakeError(ErrorCode::kNotFound,
                     "no pod '" + name + "' that has not ended on a simulated node");
  }
  const Node& node = nodes_.all()[static_cast<std::size_t>(found->second.node)];
  if (!node.alive) {
    return MakeError(ErrorCode::kConflict,
                     "node " + node.identity.name + " of pod " + name + " has failed");
  }
  return &*found;
}

Result<void> DataPlane::KillPod(const std::string& name, int exit_code, bool oom) {
  KLESS_TRY(const auto entry, RunningPod(name));
  if (!life_.Kill(entry->second, exit_code, oom, event_loop_.UnixNanos())) {
    return MakeError(ErrorCode::kConflict, "no container of pod " + name + " runs");
  }
  Drive(*entry, false);
  return {};
}

Result<void> DataPlane::FailPod(const std::string& name, int exit_code) {
  return KillPod(name, exit_code, false);
}

Result<void> DataPlane::OomPod(const std::string& name) {
  return KillPod(name, kOutOfMemoryExitCode, true);
}

Result<void> DataPlane::EvictPod(const std::string& name, const std::string& message) {
  KLESS_TRY(const auto entry, RunningPod(name));
  Pod& pod = entry->second;
  if (pod.stop != StopReason::kNone) {
    return MakeError(ErrorCode::kConflict, "pod " + name + " is being stopped already");
  }
  // The message comes first, because Drive writes the status that quotes it.
  pod.eviction_message = message;
  life_.Stop(pod, StopReason::kEvicted, 0, event_loop_.UnixNanos());
  Drive(*entry, false);
  return {};
}

}  // namespace kless::data_plane
