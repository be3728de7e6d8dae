#include "tests/harness/checker.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/quantity.h"

namespace kless::harness {

namespace {

using kubernetes::Find;
using kubernetes::StringAt;

// metadata.generation, without parsing: nothing before it has such a member.
std::optional<std::uint64_t> GenerationOf(const Item& item) {
  constexpr std::string_view kMember = "\"generation\":";
  const auto found = item.document.find(kMember);
  if (found == std::string::npos) return std::nullopt;
  const auto begin = found + kMember.size();
  const auto end = item.document.find_first_not_of("0123456789", begin);
  return ParseUnsigned(std::string_view(item.document).substr(begin, end - begin));
}

NodeState ReadNode(const Item& item) {
  NodeState node;
  const auto object = nlohmann::json::parse(item.document, nullptr, false);
  const auto amount = [&](const char* resource) {
    const auto* quantity = Find(object, {"status", "allocatable", resource});
    return quantity == nullptr ? nlohmann::json() : *quantity;
  };
  node.allocatable = {kubernetes::QuantityMilli(amount("cpu")),
                      kubernetes::QuantityUnits(amount("memory")),
                      kubernetes::QuantityUnits(amount("pods"))};
  const auto* taints = Find(object, {"spec", "taints"});
  const auto* cordoned = Find(object, {"spec", "unschedulable"});
  node.open = (taints == nullptr || taints->empty()) &&
              (cordoned == nullptr || *cordoned != nlohmann::json(true));
  return node;
}

std::string DescribePod(const Item& item) {
  const ResourceFields& fields = *item.fields;
  std::string text = PodPhaseName(fields.phase);
  if (!fields.node_name.empty()) text += " on " + fields.node_name;
  if (fields.ready) text += " ready";
  if (fields.deleting) text += " deleting";
  if (fields.tracked) text += " tracked";
  if (fields.completion_index >= 0) text += " index " + std::to_string(fields.completion_index);
  if (fields.owner_uid.empty()) text += " without owner";
  return text + " uid " + fields.uid.substr(0, 8);
}

std::string DescribeJob(const Item& item) {
  const auto object = nlohmann::json::parse(item.document, nullptr, false);
  nlohmann::json shown = nlohmann::json::object();
  for (const char* field : {"parallelism", "completions", "suspend"}) {
    if (const auto* value = Find(object, {"spec", field})) shown[field] = *value;
  }
  std::string text = shown.dump();
  if (const auto* status = Find(object, "status")) text += " " + status->dump();
  if (item.fields && item.fields->deleting) {
    text += " deleting";
    if (const auto* held = Find(object, {"metadata", "finalizers"})) text += held->dump();
  }
  return text;
}

std::string Describe(const Change& change) {
  std::string text = "  #" + std::to_string(change.sequence) + " " +
                     FormatMicroTime(change.unix_nanos).substr(11) + " " + change.id.type + " " +
                     change.id.name + ": ";
  if (!change.new_image) return text + "gone";
  if (!change.old_image) text += "new, ";
  const Item& item = *change.new_image;
  if (change.id.type == "pod" && item.fields) return text + DescribePod(item);
  if (change.id.type == "job") return text + DescribeJob(item);
  return text + item.document.substr(0, 200);
}

}  // namespace

std::set<std::int64_t> ParseIndexes(const std::string& text) {
  std::set<std::int64_t> indexes;
  for (const std::string_view part : Split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = ParseInteger(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : ParseInteger(part.substr(dash + 1));
    if (!first || !last || *last - *first > 100'000) continue;
    for (std::int64_t index = *first; index <= *last; ++index) indexes.insert(index);
  }
  return indexes;
}

bool JobState::Indexed() const {
  return StringAt(*object, {"spec", "completionMode"}) == "Indexed";
}

std::int64_t JobState::Spec(const char* field, std::int64_t fallback) const {
  return kubernetes::IntegerAt(*object, {"spec", field}).value_or(fallback);
}

std::int64_t JobState::Status(const char* field) const {
  return kubernetes::IntegerAt(*object, {"status", field}).value_or(0);
}

const nlohmann::json* JobState::StatusField(const char* field) const {
  return Find(*object, {"status", field});
}

bool JobState::Suspended() const {
  const auto* suspend = Find(*object, {"spec", "suspend"});
  return suspend != nullptr && *suspend == nlohmann::json(true);
}

bool JobState::ReplacesFailedOnly() const {
  return StringAt(*object, {"spec", "podReplacementPolicy"}) == "Failed";
}

const nlohmann::json* JobState::Condition(const char* type) const {
  const auto* conditions = StatusField("conditions");
  if (conditions == nullptr || !conditions->is_array()) return nullptr;
  for (const nlohmann::json& condition : *conditions) {
    if (StringAt(condition, "type") == type && StringAt(condition, "status") == "True") {
      return &condition;
    }
  }
  return nullptr;
}

void Checker::Report(const std::string& invariant, const ResourceId& object,
                     const std::string& sentence) {
  if (violation_) return;
  violation_ = Violation{invariant, sequence_, object, sentence};
}

JobState* Checker::FindJob(const std::string& uid) {
  const auto found = jobs_.find(uid);
  return found == jobs_.end() ? nullptr : &found->second;
}

void Checker::OnChange(const Change& change) {
  if (violation_) return;
  if (!changes_.empty() && change.sequence != sequence_ + 1) {
    Report("feed-order", change.id,
           "record " + std::to_string(change.sequence) + " follows " + std::to_string(sequence_));
  }
  sequence_ = change.sequence;
  unix_nanos_ = change.unix_nanos;
  changes_.push_back(change);
  CheckObject(change);
  if (violation_) return;
  if (change.new_image) {
    objects_[change.id] = change.new_image;
  } else {
    objects_.erase(change.id);
  }
  if (change.id.type == "job") {
    OnJob(change);
  } else if (change.id.type == "pod") {
    OnPod(change);
  } else if (change.id.type == "node") {
    if (change.new_image) {
      nodes_[change.id.name] = ReadNode(*change.new_image);
    } else {
      nodes_.erase(change.id.name);
    }
  }
}

// feed-order: a record's old image is the image of the record before it.
// resource-version: an object's version is the sequence number of its record.
// uid-changed, generation-fell, deletion-undone: only by a new object under the same name.
void Checker::CheckObject(const Change& change) {
  const auto known = objects_.find(change.id);
  const std::uint64_t before = known == objects_.end() ? 0 : known->second->version;
  const std::uint64_t said = change.old_image ? change.old_image->version : 0;
  if (before != said) {
    return Report("feed-order", change.id,
                  "its last version was " + std::to_string(before) + ", its record says " +
                      std::to_string(said));
  }
  if (!change.new_image) return;
  if (change.new_image->version != change.sequence) {
    return Report("resource-version", change.id,
                  "its version is " + std::to_string(change.new_image->version));
  }
  if (!change.old_image || !change.old_image->fields || !change.new_image->fields) return;
  const ResourceFields& old_fields = *change.old_image->fields;
  const ResourceFields& new_fields = *change.new_image->fields;
  if (old_fields.uid.empty()) return;
  if (old_fields.uid != new_fields.uid) {
    return Report("uid-changed", change.id, old_fields.uid + " became " + new_fields.uid);
  }
  if (old_fields.deleting && !new_fields.deleting) {
    return Report("deletion-undone", change.id, "its deletionTimestamp has gone");
  }
  const auto old_generation = GenerationOf(*change.old_image);
  const auto new_generation = GenerationOf(*change.new_image);
  if (old_generation && new_generation && *new_generation < *old_generation) {
    Report("generation-fell", change.id,
           std::to_string(*old_generation) + " became " + std::to_string(*new_generation));
  }
}

std::string Checker::History(const ResourceId& object, std::size_t records) const {
  std::set<ResourceId> shown = {object};
  if (object.type == "job") {
    for (const auto& [uid, job] : jobs_) {
      if (job.name != object.name) continue;
      shown.insert({"intent", object.name.substr(0, object.name.find('/') + 1) + uid});
      for (const Change& change : changes_) {
        const ItemPtr& image = change.new_image ? change.new_image : change.old_image;
        if (change.id.type == "pod" && image->fields && image->fields->owner_uid == uid) {
          shown.insert(change.id);
        }
      }
    }
  }
  std::vector<std::string> lines;
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    if (lines.size() == records) break;
    if (shown.contains(change->id)) lines.push_back(Describe(*change));
  }
  std::string text;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) text += *line + "\n";
  return text;
}

}  // namespace kless::harness
