#include "functions/controllers/scheduler/pod_edits.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/objects/pod_binding.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers::scheduler {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::ObjectAt;
using kubernetes::SetCondition;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr const char* kPreempting =
    "default-scheduler: preempting to accommodate a higher priority pod";

// ---- whole documents

std::optional<json> ParseLivePod(const std::string& document) {
  auto parsed = ParseJson(document);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  if (Find(*parsed, {"metadata", "deletionTimestamp"}) != nullptr ||
      IsTerminal(PodPhaseFromName(StringAt(*parsed, {"status", "phase"})))) {
    return std::nullopt;
  }
  return std::move(*parsed);
}

bool IsBound(const json& pod) { return !StringAt(pod, {"spec", "nodeName"}).empty(); }

json DocumentCondition(const json& pod, const char* type, const char* status, const char* reason,
                       const std::string& message) {
  json condition = {{"type", type}, {"status", status}, {"reason", reason}, {"message", message}};
  if (const auto generation = IntegerAt(pod, {"metadata", "generation"})) {
    condition["observedGeneration"] = *generation;
  }
  return condition;
}

std::optional<std::string> BindParsed(const std::string& document, const std::string& node,
                                      const Labels& topology_labels, std::int64_t unix_nanos) {
  std::optional<json> pod = ParseLivePod(document);
  if (!pod || IsBound(*pod)) return std::nullopt;
  const json* gates = Find(*pod, {"spec", "schedulingGates"});
  if (gates != nullptr && !gates->empty()) return std::nullopt;
  json* spec = ObjectAt(*pod, "spec");
  json* status = ObjectAt(*pod, "status");
  if (spec == nullptr || status == nullptr) return std::nullopt;
  (*spec)["nodeName"] = node;
  SetCondition(*status, {{"type", "PodScheduled"}, {"status", "True"}}, unix_nanos);
  status->erase("nominatedNodeName");
  if (!topology_labels.empty()) {
    json* metadata = ObjectAt(*pod, "metadata");
    json* labels = metadata == nullptr ? nullptr : ObjectAt(*metadata, "labels");
    if (labels != nullptr) {
      for (const auto& [key, value] : topology_labels) (*labels)[key] = value;
    }
  }
  return DumpJson(*pod);
}

// ---- splices

// Finds the positions of new members in an object with sorted keys, in one pass.
class Insertion {
 public:
  Insertion(std::string_view key, std::size_t begin) : key_(key), end_(begin) {}
  void Pass(std::string_view document, std::string_view key, std::string_view value) {
    if (!before_ && key > key_) before_ = Offset(document, key) - 1;
    end_ = Offset(document, value) + value.size();
    empty_ = false;
  }
  std::size_t at() const { return before_.value_or(end_); }
  std::string Text(const std::string& value) const {
    const std::string member = "\"" + std::string(key_) + "\":" + value;
    if (before_) return member + ",";
    return empty_ ? member : "," + member;
  }

 private:
  static std::size_t Offset(std::string_view document, std::string_view part) {
    return static_cast<std::size_t>(part.data() - document.data());
  }
  std::string_view key_;
  std::optional<std::size_t> before_;
  std::size_t end_;
  bool empty_ = true;
};

// The result of preparing a splice; kRefused: nothing to write; kOther: parse the document instead.
enum class Splice { kPossible, kRefused, kOther };

struct BindPoints {
  std::optional<Insertion> node_name, condition;
  std::optional<std::size_t> conditions_end;  // where to append to an existing array
  bool conditions_empty = false;
};

Splice ScanMetadata(RawJson& raw) {
  std::string_view key;
  Splice splice = Splice::kPossible;
  while (raw.NextMember(&key)) {
    const std::string_view value = raw.Value();
    if (key == "deletionTimestamp" && value != "null") splice = Splice::kRefused;
  }
  return splice;
}

Splice ScanDocumentSpec(std::string_view document, RawJson& raw, BindPoints& points) {
  points.node_name.emplace("nodeName", raw.position());
  std::string_view key;
  Splice splice = Splice::kPossible;
  while (raw.NextMember(&key)) {
    const std::string_view value = raw.Value();
    if (key == "nodeName" && value != "\"\"" && value.starts_with('"')) return Splice::kRefused;
    if (key == "nodeName" || key == "schedulingGates") splice = Splice::kOther;
    points.node_name->Pass(document, key, value);
  }
  return splice;
}

Splice ScanDocumentStatus(std::string_view document, RawJson& raw, BindPoints& points) {
  points.condition.emplace("conditions", raw.position());
  std::string_view key;
  Splice splice = Splice::kPossible;
  while (raw.NextMember(&key)) {
    const std::string_view value = raw.Value();
    if (key == "nominatedNodeName") splice = Splice::kOther;
    if (key == "phase" && IsTerminal(PodPhaseFromName(RawString(value)))) return Splice::kRefused;
    if (key == "conditions") {
      if (!value.starts_with('[') || !value.ends_with(']') ||
          value.find("PodScheduled") != std::string_view::npos) {
        splice = Splice::kOther;
      }
      points.conditions_end =
          static_cast<std::size_t>(value.data() - document.data()) + value.size() - 1;
      points.conditions_empty = value == "[]";
    }
    points.condition->Pass(document, key, value);
  }
  return splice;
}

Splice ScanDocument(std::string_view document, BindPoints& points) {
  RawJson raw(document);
  std::string_view key;
  if (!raw.EnterObject()) return Splice::kOther;
  Splice worst = Splice::kPossible;
  while (raw.NextMember(&key)) {
    Splice splice = Splice::kPossible;
    if (key == "metadata" && raw.EnterObject()) {
      splice = ScanMetadata(raw);
    } else if (key == "spec" && raw.EnterObject()) {
      splice = ScanDocumentSpec(document, raw, points);
    } else if (key == "status" && raw.EnterObject()) {
      splice = ScanDocumentStatus(document, raw, points);
    } else {
      raw.Value();
    }
    if (splice == Splice::kRefused) return splice;
    if (splice == Splice::kOther) worst = splice;
  }
  if (!points.node_name || !points.condition) return Splice::kOther;
  return worst;
}

}  // namespace

std::optional<std::string> BindPod(const std::string& document, const std::string& node,
                                   const Labels& topology_labels, std::int64_t unix_nanos) {
  BindPoints points;
  const Splice splice = ScanDocument(document, points);
  if (splice == Splice::kRefused) return std::nullopt;
  if (splice == Splice::kOther || !topology_labels.empty()) {
    return BindParsed(document, node, topology_labels, unix_nanos);
  }
  const std::string condition = "{\"lastProbeTime\":null,\"lastTransitionTime\":\"" +
                                FormatTime(unix_nanos) +
                                "\",\"status\":\"True\",\"type\":\"PodScheduled\"}";
  std::string quoted;
  AppendJsonString(quoted, node);
  std::pair<std::size_t, std::string> edits[2] = {
      {points.node_name->at(), points.node_name->Text(quoted)},
      {points.condition->at(), points.condition->Text("[" + condition + "]")}};
  if (points.conditions_end) {
    edits[1] = {*points.conditions_end, (points.conditions_empty ? "" : ",") + condition};
  }
  if (edits[1].first < edits[0].first) std::swap(edits[0], edits[1]);
  std::string out;
  out.reserve(document.size() + edits[0].second.size() + edits[1].second.size());
  out.append(document, 0, edits[0].first);
  out += edits[0].second;
  out.append(document, edits[0].first, edits[1].first - edits[0].first);
  out += edits[1].second;
  out.append(document, edits[1].first, std::string::npos);
  return out;
}

std::optional<std::string> MarkUnschedulable(const std::string& document,
                                             const std::string& message,
                                             const std::optional<std::string>& nominated_node,
                                             std::int64_t unix_nanos) {
  std::optional<json> pod = ParseLivePod(document);
  if (!pod || IsBound(*pod)) return std::nullopt;
  json* status = ObjectAt(*pod, "status");
  if (status == nullptr) return std::nullopt;
  bool changed = SetCondition(
      *status, DocumentCondition(*pod, "PodScheduled", "False", "Unschedulable", message),
      unix_nanos);
  if (nominated_node && StringAt(*status, "nominatedNodeName") != *nominated_node) {
    changed = true;
    if (nominated_node->empty()) {
      status->erase("nominatedNodeName");
    } else {
      (*status)["nominatedNodeName"] = *nominated_node;
    }
  }
  if (!changed) return std::nullopt;
  return DumpJson(*pod);
}

std::optional<std::string> MarkPreempted(const std::string& document, std::int64_t unix_nanos) {
  std::optional<json> pod = ParseLivePod(document);
  json* status = pod ? ObjectAt(*pod, "status") : nullptr;
  if (status == nullptr) return std::nullopt;
  if (!SetCondition(
          *status,
          DocumentCondition(*pod, "DisruptionTarget", "True", "PreemptionByScheduler", kPreempting),
          unix_nanos)) {
    return std::nullopt;
  }
  return DumpJson(*pod);
}

}  // namespace kless::controllers::scheduler
