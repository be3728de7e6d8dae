// The pods of a ReplicaSet: their role for it, and the order in which they are deleted.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

struct ReplicaPod {
  ResourceId id;
  std::string uid, node;
  bool terminal = false;  // Succeeded or Failed
  bool deleting = false;
  int phase = 0;  // 0 Pending, 1 Unknown, 2 Running
  bool ready = false;
  std::int64_t ready_at = 0;  // Unix nanoseconds of the last transition; 0: unknown
  std::int64_t created_at = 0;
  std::int64_t deletion_cost = 0;
  std::int64_t restarts = 0;  // of the container with the most
  bool fully_labeled = true;  // it has all labels of the template
  bool active() const { return !terminal && !deleting; }
};

// `template_labels` are those of the ReplicaSet; may be null.
ReplicaPod MakeReplicaPod(const ResourceId& id, const ItemPtr& item,
                          const nlohmann::json* template_labels);

// Sorts by the order of deletion (RS6).  `neighbours` counts the pods of related ReplicaSets per
// node.
void SortByVictims(const std::map<std::string, int>& neighbours, std::int64_t unix_nanos,
                   std::vector<ReplicaPod>& pods);

}  // namespace kless::controllers
