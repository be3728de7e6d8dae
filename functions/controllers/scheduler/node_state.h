// NodeState and PodRecord: one node with the resources its pods use, and one pod as the scheduler
// sees it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "functions/controllers/scheduler/label_terms.h"
#include "functions/controllers/scheduler/pod_shape.h"
#include "store/item/resource_fields.h"

namespace kless::controllers::scheduler {

struct NodeState;

// Where the queue keeps a pod that is not on a node, and why.
enum class QueuePlace : unsigned char {
  kNone,           // bound, terminal, deleting, or another scheduler's
  kActive,         // to be tried next
  kBackoff,        // to be tried when nothing is active, or when the back-off ends
  kErrorBackoff,   // to be tried when the back-off ends
  kUnschedulable,  // waits for an event that may help it
  kGated,          // has scheduling gates
  kAssumed,        // decided, but the binding is not observed yet
};

struct QueuedPod {
  QueuePlace place = QueuePlace::kNone;
  std::int64_t entered_unix_nanos = 0;  // when it was put into the queue or last failed
  std::uint64_t sequence = 0;           // breaks ties of the same instant
  std::int64_t ready_unix_nanos = 0;    // end of the back-off
  int unschedulable_count = 0;
  int error_count = 0;          // consecutive errors
  std::uint32_t rejectors = 0;  // bits 1 << Plugin of the last attempt; 0: none (an error)
};

struct PodRecord {
  std::string name;  // "namespace/name"
  std::shared_ptr<const ResourceFields> fields;
  std::shared_ptr<const PodShape> shape;
  std::uint64_t version = 0;
  std::int64_t priority = 0;
  bool may_preempt = true;
  std::string nominated_in_document;                // status.nominatedNodeName
  std::int64_t start_unix_nanos = -1;               // status.startTime; -1: none
  bool preempted = false;                           // deleting, with the condition of a preemption
  std::shared_ptr<const std::string> last_message;  // of the last failed attempt, or null
  NodeState* nominated = nullptr;  // counted on that node against pods of at most its priority
  NodeState* node = nullptr;       // bound or assumed there
  QueuedPod queued;

  std::string_view namespace_name() const {
    return std::string_view(name).substr(0, std::min(name.find('/'), name.size()));
  }
  const Labels& labels() const { return fields->labels; }
  const std::string& uid() const { return fields->uid; }
};

// The facts of a Node object; immutable, so that the state before a change remains available.
struct NodeFacts {
  std::string name;
  std::shared_ptr<const ResourceFields> fields;
  ResourceAmounts allocatable;
  std::int64_t pods = 0;
  std::vector<Taint> taints;
  bool unschedulable = false;
  std::map<std::string, std::int64_t> images;  // name with tag, bytes
  // the members of the document from which these were read
  std::string text;

  const Labels& labels() const { return fields->labels; }
};
// Null if the document is not an object.
std::shared_ptr<const NodeFacts> ParseNodeFacts(const std::string& name,
                                                std::shared_ptr<const ResourceFields> fields,
                                                std::string_view document);
// The members that ParseNodeFacts reads, as text: equal texts have equal facts (except labels).
std::string NodeFactsText(std::string_view document);

struct NodeState {
  std::shared_ptr<const NodeFacts> facts;  // null: pods name the node, but there is no Node object
  std::string name;
  std::int64_t milli_cpu = 0, memory = 0, storage = 0;  // requested by its pods
  std::int64_t scored_milli_cpu = 0, scored_memory = 0;
  std::vector<std::pair<std::string, std::int64_t>> extended;
  std::vector<PodRecord*> pods;
  std::vector<PodRecord*> nominated;
  int pods_with_ports = 0;
  int pods_with_terms = 0;       // any pod affinity or anti-affinity
  std::size_t slot = 0;          // small number that indexes tables by node
  std::uint64_t generation = 0;  // differs after every change, and from that of every other node

  // These do not touch the pod itself.
  void AddPod(PodRecord& pod);
  void RemovePod(PodRecord& pod);

 private:
  void Count(const PodRecord& pod, int sign);
};

}  // namespace kless::controllers::scheduler
