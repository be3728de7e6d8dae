#include "emulator/control_planes/classic/controller_manager.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/system/log.h"
#include "emulator/control_planes/object_writes.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::control_planes {

using controllers::Dependent;
using controllers::Plan;
using controllers::Write;

namespace {

constexpr const char* kComponent = "job-controller";
constexpr const char* kJobType = "job";
constexpr const char* kPodType = "pod";
constexpr int kAdoptionPage = 500;
// Kubernetes controller_utils.go ExpectationsTimeout.
constexpr Duration kExpectationsTimeout = std::chrono::minutes(5);
// Queue back-off of failed syncs: DefaultJobBackOff (1.27), DefaultJobApiBackOff (1.36).
constexpr Duration kRetryBase127 = std::chrono::seconds(10);
constexpr Duration kRetryMax127 = std::chrono::seconds(360);
constexpr Duration kRetryBase = std::chrono::seconds(1);
constexpr Duration kRetryMax = std::chrono::seconds(60);
// MinResyncPeriod: each informer draws its own period from 12 h to 24 h.
constexpr Duration kResyncMin = std::chrono::hours(12);

bool OwnedByJob(const ItemPtr& image) {
  return image && image->fields && image->fields->owner_kind == "Job" &&
         !image->fields->owner_name.empty();
}

std::optional<std::int64_t> GenerationOf(const Item& job) {
  const auto parsed = ParseJson(job.document);
  if (parsed.has_error()) return std::nullopt;
  return kubernetes::IntegerAt(parsed.value(), {"metadata", "generation"});
}

bool IsOther(const Item& job, const std::string& uid) {
  const std::string own = controllers::JobUid(job);
  return !own.empty() && own != uid;
}

// Whether another Job now has the name.  A raw Job gets its uid with its first sync.
bool IsReplaced(const Item& old_image, const Item& new_image) {
  const std::string uid = controllers::JobUid(old_image);
  return !uid.empty() && uid != controllers::JobUid(new_image);
}

}  // namespace

ControllerManager::ControllerManager(EventLoop& event_loop, Store& store,
                                     const LatencyProfile& profile, Telemetry* telemetry,
                                     std::uint64_t seed, const std::vector<std::string>& loops)
    : event_loop_(event_loop),
      store_(store),
      profile_(profile.classic),
      telemetry_(telemetry),
      release_1_27_(profile.classic.release == "1.27"),
      runs_jobs_(std::find(loops.begin(), loops.end(), "job") != loops.end()),
      random_(seed, "controller manager"),
      changed_(event_loop),
      server_(event_loop, profile.classic, seed),
      client_(event_loop, server_, profile.classic.client_qps, profile.classic.client_burst),
      events_(event_loop, store, client_, telemetry, changed_, kComponent, seed),
      runner_(event_loop, store, client_, events_, telemetry, seed),
      queue_(event_loop, release_1_27_ ? kRetryBase127 : kRetryBase,
             release_1_27_ ? kRetryMax127 : kRetryMax),
      informer_(event_loop, store, server_, profile.classic, telemetry, seed,
                [this](const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image) {
                  OnChange(id, old_image, new_image);
                }) {
  for (const controllers::ControlLoop& loop : controllers::ControlLoops()) {
    if (std::find(loops.begin(), loops.end(), loop.setting) == loops.end()) continue;
    loops_.push_back(std::make_unique<LoopController>(event_loop, store, server_, profile_, loop,
                                                      telemetry, changed_, seed));
  }
  if (std::find(loops.begin(), loops.end(), "scheduler") != loops.end()) {
    kube_scheduler_ = std::make_unique<ClassicScheduler>(event_loop, store, server_, profile_,
                                                         telemetry, changed_, seed);
  }
}

void ControllerManager::Start() { Spawn(event_loop_, "controller manager", Run()); }

Task<> ControllerManager::Run() {
  for (const auto& [name, time] : profile_.startup) {
    const Duration sampled = time.Sample(random_);
    if (sampled > Duration::zero()) co_await event_loop_.SleepFor(sampled);
    if (telemetry_ != nullptr) telemetry_->OnStartupStage(event_loop_.Now(), name, sampled);
  }
  operational_ = true;
  for (const auto& loop : loops_) loop->Start();
  if (kube_scheduler_) kube_scheduler_->Start();
  if (!runs_jobs_) co_return;
  Spawn(event_loop_, "informer", informer_.Run());
  Spawn(event_loop_, "event sink", events_.Run());
  for (int worker = 0; worker < profile_.workers; ++worker) {
    Spawn(event_loop_, "worker", Work(worker));
  }
  const double share = random_.Unit();
  Resync(kResyncMin +
         Duration(static_cast<Duration::rep>(share * static_cast<double>(kResyncMin.count()))));
}

// Delivers an update without a change for every Job.
void ControllerManager::Resync(Duration period) {
  event_loop_.CallAt(event_loop_.Now() + period, [this, period] {
    const Duration delay = release_1_27_ ? Duration::zero() : profile_.sync_batch_period;
    for (const std::string& name : informer_.JobNames()) queue_.AddAfter(name, delay);
    Resync(period);
  });
}

void ControllerManager::Bury(const std::string& key, const std::string& uid, ItemPtr last) {
  if (!uid.empty()) deleted_[key].emplace(uid, std::move(last));
}

void ControllerManager::Stop() {
  stopping_ = true;
  for (const auto& loop : loops_) loop->Stop();
  if (kube_scheduler_) kube_scheduler_->Stop();
}

bool ControllerManager::Quiet() const {
  return in_hand_ == 0 && events_.Idle() && (!kube_scheduler_ || kube_scheduler_->Quiet()) &&
         std::all_of(loops_.begin(), loops_.end(), [](const auto& loop) { return loop->Quiet(); });
}

bool ControllerManager::Idle() const {
  return operational_ && (!runs_jobs_ || informer_.Idle()) &&
         queue_.Quiet(profile_.sync_batch_period) && Quiet() &&
         (!kube_scheduler_ || kube_scheduler_->Idle()) &&
         std::all_of(loops_.begin(), loops_.end(), [](const auto& loop) { return loop->Idle(); });
}

bool ControllerManager::AtRest() const {
  return Idle() && queue_.Idle() &&
         std::all_of(loops_.begin(), loops_.end(), [](const auto& loop) { return loop->AtRest(); });
}

std::uint64_t ControllerManager::position() const {
  std::uint64_t position = runs_jobs_ ? informer_.position() : store_.feed().Latest();
  for (const auto& loop : loops_) position = std::min(position, loop->position());
  if (kube_scheduler_) position = std::min(position, kube_scheduler_->position());
  return position;
}

void ControllerManager::OnChange(const ResourceId& id, const ItemPtr& old_image,
                                 const ItemPtr& new_image) {
  if (id.type == kJobType) {
    OnJob(id.name, old_image, new_image);
  } else {
    OnPod(id.name, old_image, new_image);
  }
  changed_.NotifyAll();
}

void ControllerManager::OnJob(const std::string& name, const ItemPtr& old_image,
                              const ItemPtr& new_image) {
  const bool gone = old_image && (!new_image || IsReplaced(*old_image, *new_image));
  if (gone) {
    expectations_.erase(name);
    memos_.erase(controllers::JobUid(*old_image));
    Bury(name, controllers::JobUid(*old_image), old_image);
  }
  const bool at_once =
      release_1_27_ || !old_image || gone || GenerationOf(*old_image) != GenerationOf(*new_image);
  queue_.AddAfter(name, at_once ? Duration::zero() : profile_.sync_batch_period);
}

void ControllerManager::OnPod(const std::string& name, const ItemPtr& old_image,
                              const ItemPtr& new_image) {
  if (new_image && new_image->fields && new_image->fields->owner_uid.empty()) OnOrphan(name);
  const ItemPtr& image = OwnedByJob(new_image) ? new_image : old_image;
  if (!OwnedByJob(image)) return;
  const std::string key = name.substr(0, name.find('/')) + "/" + image->fields->owner_name;
  // The Job precedes its pods in the feed: if it is not there now, it is gone.
  const std::string& uid = image->fields->owner_uid;
  const ItemPtr job = informer_.Job(key);
  if (OwnedByJob(new_image) && (!job || IsOther(*job, uid))) {
    Bury(key, uid, JobTombstone(store_.resources(), {kJobType, key}, uid));
  }
  const auto expected = expectations_.find(key);
  if (expected != expectations_.end() && expected->second.uid == uid && !informer_.listing()) {
    const bool deleting_before = old_image && old_image->fields->deleting;
    const bool deleting_now = !new_image || (new_image->fields && new_image->fields->deleting);
    if (!old_image) --expected->second.creations;
    if (!deleting_before && deleting_now) --expected->second.deletions;
  }
  queue_.AddAfter(key, profile_.sync_batch_period);
}

bool ControllerManager::Satisfied(const std::string& key) const {
  const auto expected = expectations_.find(key);
  if (expected == expectations_.end()) return true;
  return (expected->second.creations <= 0 && expected->second.deletions <= 0) ||
         event_loop_.Now() - expected->second.set_at > kExpectationsTimeout;
}

ControllerManager::Expectations ControllerManager::Expect(const std::string& key,
                                                          const std::string& uid,
                                                          const Plan& plan) {
  Expectations expected;
  expected.uid = uid;
  expected.set_at = event_loop_.Now();
  for (const controllers::Batch& batch : plan.batches) {
    for (const Write& write : batch.writes) {
      if (write.Is<controllers::Creation>()) ++expected.creations;
      if (write.Is<controllers::Deletion>()) ++expected.deletions;
    }
  }
  if (expected.creations == 0 && expected.deletions == 0) {
    expectations_.erase(key);
  } else {
    expectations_[key] = expected;
  }
  return expected;
}

void ControllerManager::LowerExpectations(const std::string& key, const Expectations& planned,
                                          const Sync& sync) {
  const auto expected = expectations_.find(key);
  if (expected == expectations_.end()) return;
  expected->second.creations -= planned.creations - sync.created;
  expected->second.deletions -= planned.deletions - sync.deleted;
}

Task<> ControllerManager::Work(int worker) {
  for (;;) {
    WorkQueue::Taken taken = co_await queue_.Get();
    if (stopping_) co_return;
    ++in_hand_;
    const std::string key = taken.key;
    co_await Handle(std::move(taken), worker);
    queue_.Done(key);
    --in_hand_;
    changed_.NotifyAll();
  }
}

Task<> ControllerManager::Handle(WorkQueue::Taken taken, int worker) {
  const std::string key = taken.key;
  if (!Satisfied(key)) {  // the pods' own records queue the key again
    const TimePoint given_up = expectations_.at(key).set_at + kExpectationsTimeout;
    queue_.AddAfter(key, given_up - event_loop_.Now() + Duration(1));
    co_return;
  }
  // 1.36 does not sync while its cache is older than its own writes (I6); 1.27 notices by a
  // conflict.
  const auto newest = newest_.find(key);
  if (newest != newest_.end() && newest->second > informer_.position() && !release_1_27_) {
    queue_.AddRateLimited(key);
    co_return;
  }
  newest_.erase(key);
  Sync sync;
  sync.work = "sync-" + std::to_string(++syncs_);
  sync.owner = {kJobType, key};
  sync.began_at = event_loop_.Now();
  if (telemetry_ != nullptr) {
    WorkTrace trace;
    trace.work = sync.work;
    trace.place = "worker-" + std::to_string(worker);
    trace.requested_at = taken.due_at;
    trace.admitted_at = sync.began_at;
    trace.started_at = sync.began_at;
    telemetry_->OnWorkStarted(trace);
  }
  const Duration cpu = profile_.sync_cpu.Sample(random_);
  if (cpu > Duration::zero()) co_await event_loop_.SleepFor(cpu);
  sync.spent.compute += cpu;

  Result<void> done;
  while (done.has_value() && deleted_.contains(key)) {
    auto gone = deleted_[key].extract(deleted_[key].begin());
    if (deleted_[key].empty()) deleted_.erase(key);
    done = co_await CleanUp(&sync, gone.mapped());
    if (done.has_error()) deleted_[key].insert(std::move(gone));
  }
  const ItemPtr job = informer_.Job(key);
  if (done.has_value() && job) done = co_await Reconcile(&sync, job);
  if (done.has_value()) {
    queue_.Forget(key);
    co_return;
  }
  Log(LogLevel::kInfo, kComponent, "job " + key + ": " + LogText(done.error()));
  queue_.AddRateLimited(key);
}

// Adds whole pods if the controller needs them.  The cache has those that a policy judges; those
// for a Job's own selector are read from the table.
void ControllerManager::ShowPods(const std::string& space, controllers::JobObservation* observed) {
  auto pod = observed->pods.begin();
  for (const std::string& name : controllers::PodsToRead(*observed->job, observed->pods)) {
    while (pod->resource.name != name) ++pod;
    pod->item = informer_.FailedPod(name);
    if (pod->item) continue;
    const auto item = store_.resources().Get({kPodType, name});
    if (item.has_value()) pod->item = item.value();
  }
  if (!controllers::MayAdopt(*observed->job)) return;
  std::string after;
  for (bool more = true; more;) {
    const auto page = store_.resources().List(kPodType, space + "/", after, kAdoptionPage);
    if (page.has_error() || page.value().items.empty()) return;
    for (const ItemPtr& item : page.value().items) {
      after = store_.resources().IdOf(item->key).name;
      if (!item->fields || !item->fields->owner_uid.empty()) continue;
      observed->orphans.push_back({MakeOwnedResource(after, *item), true, item});
    }
    more = page.value().more;
  }
}

// A pod without a controller may be one that a Job has to adopt.
void ControllerManager::OnOrphan(const std::string& name) {
  const std::string space = name.substr(0, name.find('/') + 1);
  for (const std::string& key : informer_.JobNames()) {
    if (key.rfind(space, 0) != 0) continue;
    const ItemPtr job = informer_.Job(key);
    if (job && controllers::MayAdopt(*job)) queue_.AddAfter(key, profile_.sync_batch_period);
  }
}

Task<Result<void>> ControllerManager::Reconcile(Sync* sync, ItemPtr job) {
  const std::string key = sync->owner.name;
  const std::string space = key.substr(0, key.find('/'));
  const std::string uid = controllers::JobUid(*job);
  sync->version = job->version;
  sync->event_target = {"batch/v1", "Job", space, key.substr(space.size() + 1), uid, job->version};
  controllers::JobObservation observed;
  observed.job = job;
  observed.random = &random_;
  observed.unix_nanos = event_loop_.UnixNanos();
  if (const auto memo = memos_.find(uid); memo != memos_.end()) observed.memo = memo->second;
  for (OwnedResource& row : informer_.PodsOf(uid))
    observed.pods.push_back({std::move(row), true, nullptr});
  ShowPods(space, &observed);
  Plan plan = controllers::IsBeingOrphaned(*job)
                  ? controllers::ReconcileOrphanedJob(*job, observed.pods)
                  : controllers::ReconcileJob(observed);
  const auto again = plan.requeue_after;
  const auto memo = plan.memo;
  const Expectations planned = Expect(key, uid, plan);
  sync->created = sync->deleted = 0;
  const Result<void> done = co_await runner_.Execute(sync, std::move(plan));
  if (sync->newest > 0) newest_[key] = sync->newest;
  LowerExpectations(key, planned, *sync);
  if (done.has_error()) co_return done;
  if (memo) memos_[uid] = *memo;
  if (again) queue_.AddAfter(key, *again);
  co_return done;
}

Task<Result<void>> ControllerManager::CleanUp(Sync* sync, ItemPtr last) {
  const std::string key = sync->owner.name;
  const std::string space = key.substr(0, key.find('/'));
  const std::string uid = controllers::JobUid(*last);
  sync->event_target = {"batch/v1", "Job", space, key.substr(space.size() + 1), uid, last->version};
  std::vector<Dependent> pods;
  for (OwnedResource& row : informer_.PodsOf(uid)) pods.push_back({std::move(row), true, nullptr});
  Plan plan = controllers::ReconcileDeletedJob(*last, pods);
  const Result<void> done = co_await runner_.Execute(sync, std::move(plan));
  co_return done;
}

}  // namespace kless::control_planes
