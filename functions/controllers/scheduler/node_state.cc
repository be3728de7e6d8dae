#include "functions/controllers/scheduler/node_state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/quantity.h"

namespace kless::controllers::scheduler {

using kubernetes::BoolAt;
using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::QuantityMilli;
using kubernetes::QuantityUnits;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

void ParseAllocatable(const json& status, NodeFacts& facts) {
  const json* amounts = Find(status, "allocatable");
  if (amounts == nullptr) amounts = Find(status, "capacity");
  if (amounts == nullptr || !amounts->is_object()) return;
  for (const auto& [name, quantity] : amounts->items()) {
    if (name == "cpu") {
      facts.allocatable.milli_cpu = QuantityMilli(quantity);
    } else if (name == "memory") {
      facts.allocatable.memory = QuantityUnits(quantity);
    } else if (name == "ephemeral-storage") {
      facts.allocatable.storage = QuantityUnits(quantity);
    } else if (name == "pods") {
      facts.pods = QuantityUnits(quantity);
    } else {
      facts.allocatable.extended.emplace_back(name, QuantityUnits(quantity));
    }
  }
}

void ParseTaints(const json& spec, NodeFacts& facts) {
  const json* taints = Find(spec, "taints");
  if (taints == nullptr || !taints->is_array()) return;
  for (const json& taint : *taints) {
    const std::string effect = StringAt(taint, "effect");
    Taint parsed{StringAt(taint, "key"), StringAt(taint, "value"), TaintEffect::kNoSchedule};
    if (effect == "PreferNoSchedule") {
      parsed.effect = TaintEffect::kPreferNoSchedule;
    } else if (effect == "NoExecute") {
      parsed.effect = TaintEffect::kNoExecute;
    } else if (effect != "NoSchedule") {
      continue;
    }
    facts.taints.push_back(std::move(parsed));
  }
}

void ParseImages(const json& status, NodeFacts& facts) {
  const json* images = Find(status, "images");
  if (images == nullptr || !images->is_array()) return;
  for (const json& image : *images) {
    const json* names = Find(image, "names");
    if (names == nullptr || !names->is_array()) continue;
    const std::int64_t bytes = IntegerAt(image, "sizeBytes").value_or(0);
    for (const json& name : *names) {
      if (name.is_string()) facts.images[name.get<std::string>()] = bytes;
    }
  }
}

}  // namespace

std::string NodeFactsText(std::string_view document) {
  std::string text = "{";
  const auto append = [&](std::string_view key, std::string_view value) {
    if (text.size() > 1) text += ',';
    text += '"';
    text += key;
    text += "\":";
    text += value;
  };
  RawJson raw(document);
  std::string_view key;
  if (!raw.EnterObject()) return "{}";
  while (raw.NextMember(&key)) {
    if (key == "spec") {
      append(key, raw.Value());
    } else if (key == "status" && raw.EnterObject()) {
      while (raw.NextMember(&key)) {
        const std::string_view value = raw.Value();
        if (key == "allocatable" || key == "capacity" || key == "images") append(key, value);
      }
    } else {
      raw.Value();
    }
  }
  text += '}';
  return text;
}

std::shared_ptr<const NodeFacts> ParseNodeFacts(const std::string& name,
                                                std::shared_ptr<const ResourceFields> fields,
                                                std::string_view document) {
  if (fields == nullptr || !fields->is_object) return nullptr;
  auto facts = std::make_shared<NodeFacts>();
  facts->name = name;
  facts->fields = std::move(fields);
  facts->text = NodeFactsText(document);
  const auto parsed = ParseJson(facts->text);
  if (!parsed) return facts;
  ParseAllocatable(*parsed, *facts);
  ParseImages(*parsed, *facts);
  if (const json* spec = Find(*parsed, "spec")) {
    facts->unschedulable = BoolAt(*spec, "unschedulable");
    ParseTaints(*spec, *facts);
  }
  return facts;
}

void NodeState::Count(const PodRecord& pod, int sign) {
  const PodShape& shape = *pod.shape;
  milli_cpu += sign * shape.request.milli_cpu;
  memory += sign * shape.request.memory;
  storage += sign * shape.request.storage;
  scored_milli_cpu += sign * shape.scored_milli_cpu;
  scored_memory += sign * shape.scored_memory;
  for (const auto& [resource, amount] : shape.request.extended) {
    auto held = std::find_if(extended.begin(), extended.end(),
                             [&](const auto& entry) { return entry.first == resource; });
    if (held == extended.end()) held = extended.insert(extended.end(), {resource, 0});
    held->second += sign * amount;
  }
  if (!shape.ports.empty()) pods_with_ports += sign;
  if (shape.HasPodTerms()) pods_with_terms += sign;
}

void NodeState::AddPod(PodRecord& pod) {
  pods.push_back(&pod);
  Count(pod, 1);
}

void NodeState::RemovePod(PodRecord& pod) {
  const auto found = std::find(pods.begin(), pods.end(), &pod);
  if (found == pods.end()) return;
  pods.erase(found);
  Count(pod, -1);
}

}  // namespace kless::controllers::scheduler
