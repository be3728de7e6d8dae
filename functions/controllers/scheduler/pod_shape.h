// PodShape: the parts of a pod's spec that matter for scheduling, typed.  Pods of one Job have the
// same shape: shapes are interned by the raw text of those members, so that a pod of a known shape
// costs one pass over its text and a hash.  Properties that differ from pod to pod (name, labels,
// node) are in PodRecord.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "functions/controllers/scheduler/label_terms.h"

namespace kless::controllers::scheduler {

// The default request of a container, for LeastAllocated only (reference SC 2.1).
constexpr std::int64_t kDefaultMilliCpu = 100;
constexpr std::int64_t kDefaultMemoryBytes = 200 * 1024 * 1024;

struct ResourceAmounts {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;                                     // bytes
  std::int64_t storage = 0;                                    // ephemeral-storage, bytes
  std::vector<std::pair<std::string, std::int64_t>> extended;  // by name; whole units, no zeros
};

struct Toleration {
  std::string key;  // "": every key, with exists
  std::string value;
  std::string effect;  // "": every effect
  bool exists = false;
};

enum class TaintEffect : unsigned char { kNoSchedule, kPreferNoSchedule, kNoExecute };
struct Taint {
  std::string key, value;
  TaintEffect effect = TaintEffect::kNoSchedule;
  bool operator==(const Taint&) const = default;
};
bool Tolerates(const Toleration& toleration, const Taint& taint);
bool ToleratedByAny(const std::vector<Toleration>& tolerations, const Taint& taint);

// One term of podAffinity or podAntiAffinity.
struct PodAffinityTerm {
  std::string topology_key;
  LabelSelectorTerm selector;
  // If both are empty, the namespace is that of the pod with the term.
  std::vector<std::string> namespaces;
  std::optional<LabelSelectorTerm> namespace_selector;
  std::vector<std::string> match_keys;     // matchLabelKeys
  std::vector<std::string> mismatch_keys;  // mismatchLabelKeys
  std::int64_t weight = 0;                 // of a preferred term
};

struct SpreadConstraint {
  std::int64_t max_skew = 1;
  std::string topology_key;
  bool hard = true;  // DoNotSchedule
  LabelSelectorTerm selector;
  std::optional<std::int64_t> min_domains;
  bool honor_affinity = true;  // nodeAffinityPolicy
  bool honor_taints = false;   // nodeTaintsPolicy
  std::vector<std::string> match_keys;
};

struct HostPort {
  std::string ip;        // "0.0.0.0" for every address
  std::string protocol;  // "TCP"
  std::int64_t port = 0;
};
bool Conflict(const HostPort& a, const HostPort& b);

struct PodShape {
  ResourceAmounts request;
  // These include kDefaultMilliCpu and kDefaultMemoryBytes for containers without a request.
  std::int64_t scored_milli_cpu = 0;
  std::int64_t scored_memory = 0;

  std::optional<std::int64_t> priority;
  std::string priority_class;
  std::string preemption_policy;  // "": not given
  std::string scheduler_name;     // never ""
  bool gated = false;

  std::vector<Toleration> tolerations;
  LabelRequirements node_selector;
  bool has_required_terms = false;
  std::vector<NodeSelectorTerm> required_terms;
  std::vector<std::pair<std::int64_t, NodeSelectorTerm>> preferred_terms;  // weight, term
  std::vector<PodAffinityTerm> affinity, anti_affinity;                    // required
  std::vector<PodAffinityTerm> preferred_affinity, preferred_anti_affinity;
  std::vector<SpreadConstraint> spread;

  std::vector<HostPort> ports;
  std::vector<std::string> images;  // of all containers, with a tag
  std::vector<std::string> claims;  // names of PersistentVolumeClaims
  std::vector<std::string> ephemeral_volumes;

  bool HasPodTerms() const {
    return !affinity.empty() || !anti_affinity.empty() || !preferred_affinity.empty() ||
           !preferred_anti_affinity.empty();
  }
  bool RequestsCpuOrMemory() const { return request.milli_cpu != 0 || request.memory != 0; }
};

// An image's name, with ":latest" if it has no tag.
std::string NormalizedImage(std::string_view image);

PodShape ParsePodShape(std::string_view shape_text);

class PodShapes {
 public:
  std::shared_ptr<const PodShape> Intern(const std::string& shape_text);
  std::size_t size() const { return shapes_.size(); }

 private:
  // Shapes without pods are dropped when the table has doubled. unordered: looked up by text only.
  std::unordered_map<std::string, std::weak_ptr<const PodShape>> shapes_;
  std::size_t purge_at_ = 256;
};

}  // namespace kless::controllers::scheduler
