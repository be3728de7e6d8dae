#include "functions/controllers/replicaset/replica_pods.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr const char* kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";

std::int64_t MostRestarts(const json& pod) {
  std::int64_t most = 0;
  for (const char* key : {"initContainerStatuses", "containerStatuses"}) {
    const json* statuses = Find(pod, {"status", key});
    for (std::size_t i = 0; i < kubernetes::SizeOf(statuses); ++i) {
      most = std::max(most, kubernetes::IntegerAt((*statuses)[i], "restartCount").value_or(0));
    }
  }
  return most;
}

// Ages are compared as powers of two: similar ages are a tie.
int AgeBucket(std::int64_t since, std::int64_t now) {
  const std::int64_t age = now - since;
  return age <= 0 ? -1 : static_cast<int>(std::log2(static_cast<double>(age)));
}

// Negative: `a` is deleted first.
int CompareAges(const ReplicaPod& a, std::int64_t a_since, const ReplicaPod& b,
                std::int64_t b_since, std::int64_t now) {
  if (a_since == b_since) return 0;
  const int difference = AgeBucket(a_since, now) - AgeBucket(b_since, now);
  if (difference != 0) return difference;
  return a.uid < b.uid ? -1 : 1;
}

int CountAt(const std::map<std::string, int>& neighbours, const std::string& node) {
  const auto found = neighbours.find(node);
  return found == neighbours.end() ? 0 : found->second;
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/controller_utils.go
bool GoesBefore(const std::map<std::string, int>& neighbours, std::int64_t now, const ReplicaPod& a,
                const ReplicaPod& b) {
  if (a.node.empty() != b.node.empty()) return a.node.empty();
  if (a.phase != b.phase) return a.phase < b.phase;
  if (a.ready != b.ready) return !a.ready;
  if (a.deletion_cost != b.deletion_cost) return a.deletion_cost < b.deletion_cost;
  const int a_neighbours = CountAt(neighbours, a.node);
  const int b_neighbours = CountAt(neighbours, b.node);
  if (a_neighbours != b_neighbours) return a_neighbours > b_neighbours;
  if (a.ready) {
    const int order = CompareAges(a, a.ready_at, b, b.ready_at, now);
    if (order != 0) return order < 0;
  }
  if (a.restarts != b.restarts) return a.restarts > b.restarts;
  const int order = CompareAges(a, a.created_at, b, b.created_at, now);
  return order != 0 ? order < 0 : a.uid < b.uid;
}

}  // namespace

ReplicaPod MakeReplicaPod(const ResourceId& id, const ItemPtr& item, const json* template_labels) {
  ReplicaPod pod;
  pod.id = id;
  const json object = ObjectOf(item);
  const ResourceFields& fields = *item->fields;
  pod.uid = fields.uid;
  pod.node = fields.node_name;
  pod.terminal = IsTerminal(fields.phase);
  pod.deleting = fields.deleting;
  pod.phase = fields.phase == PodPhase::kRunning ? 2 : fields.phase == PodPhase::kUnknown ? 1 : 0;
  pod.ready = fields.ready;
  if (const json* condition = FindCondition(object, "Ready")) {
    pod.ready_at = ParseTime(StringAt(*condition, "lastTransitionTime")).value_or(0);
  }
  pod.created_at = ParseTime(StringAt(object, {"metadata", "creationTimestamp"})).value_or(0);
  pod.deletion_cost =
      ParseInteger(StringAt(object, {"metadata", "annotations", kDeletionCost})).value_or(0);
  pod.restarts = MostRestarts(object);
  if (template_labels != nullptr && template_labels->is_object()) {
    const json& labels = kubernetes::FindOrEmpty(object, {"metadata", "labels"});
    for (const auto& [key, value] : template_labels->items()) {
      const json* own = Find(labels, key.c_str());
      pod.fully_labeled = pod.fully_labeled && own != nullptr && *own == value;
    }
  }
  return pod;
}

void SortByVictims(const std::map<std::string, int>& neighbours, std::int64_t unix_nanos,
                   std::vector<ReplicaPod>& pods) {
  std::stable_sort(pods.begin(), pods.end(), [&](const ReplicaPod& a, const ReplicaPod& b) {
    return GoesBefore(neighbours, unix_nanos, a, b);
  });
}

}  // namespace kless::controllers
