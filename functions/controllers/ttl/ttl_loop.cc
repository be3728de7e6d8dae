#include "functions/controllers/ttl/ttl_loop.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr const char* kTtlField = "ttlSecondsAfterFinished";
// Larger values (31 years) would overflow when added to a time in nanoseconds.
constexpr std::int64_t kMaxTtlSeconds = 1'000'000'000;

void TtlKeys(const ResourceId& id, const ItemPtr&, const ItemPtr& job,
             std::vector<std::string>* keys) {
  if (job == nullptr || job->document.find(kTtlField) == std::string::npos) return;
  keys->push_back(id.name);
}

// When the Job became Complete or Failed; nullopt if it has not.
std::optional<std::int64_t> JobFinishedAt(const json& job) {
  for (const char* type : {"Complete", "Failed"}) {
    const json* condition = FindCondition(job, type);
    if (condition == nullptr || kubernetes::StringAt(*condition, "status") != "True") continue;
    return ParseTime(kubernetes::StringAt(*condition, "lastTransitionTime"));
  }
  return std::nullopt;
}

Reconciliation ReconcileTtl(const std::string& key, const std::string&, World& world) {
  Reconciliation result{.owner = {"job", key}, .item = nullptr, .plan = {}};
  const ItemPtr* item = world.Get(result.owner);
  if (item == nullptr || *item == nullptr || IsDeleting(*item)) return result;
  result.item = *item;
  const json job = ObjectOf(*item);
  const auto ttl = kubernetes::IntegerAt(job, {"spec", kTtlField});
  const auto finished = JobFinishedAt(job);
  if (!ttl || !finished) return result;
  const std::int64_t expires =
      *finished + std::clamp<std::int64_t>(*ttl, 0, kMaxTtlSeconds) * kNanosPerSecond;
  if (world.unix_nanos() < expires) {
    result.plan.requeue_after = Duration(expires - world.unix_nanos());
  } else {
    result.plan.batches.push_back(
        {{DeletionOf(result.owner, UidOf(*item), Deletion::Propagation::kForeground)}});
  }
  return result;
}

}  // namespace

ControlLoop TtlLoop() {
  ControlLoop loop;
  loop.name = "ttl-after-finished-controller";
  loop.setting = "ttl";
  loop.component = "ttl-after-finished-controller";
  loop.types = {"job"};
  loop.keys = TtlKeys;
  loop.reconcile = ReconcileTtl;
  return loop;
}

}  // namespace kless::controllers
