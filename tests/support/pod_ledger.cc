#include "tests/support/pod_ledger.h"

#include "store/item/resource_fields.h"

namespace kless::testing {

std::string PodLedger::Replay(const std::vector<RecordPtr>& records) {
  std::uint64_t last = records.empty() ? 0 : records.front()->sequence - 1;
  for (const RecordPtr& record : records) {
    if (record->sequence != ++last) {
      return "record " + std::to_string(record->sequence) + " follows " + std::to_string(last - 1);
    }
    const ResourceId id = resources_.IdOf(record->key);
    if (id.type != "pod") continue;
    std::string job;
    if (record->old_image && record->old_image->fields) job = record->old_image->fields->owner_name;
    if (!record->new_image) {
      pods_.erase(id.name);
    } else {
      const ResourceFields& fields = *record->new_image->fields;
      if (!fields.owner_name.empty()) job = fields.owner_name;
      pods_[id.name] = {fields.owner_name, fields.uid,      fields.owner_uid,       fields.phase,
                        fields.tracked,    fields.deleting, fields.completion_index};
    }
    if (record->new_image) {
      const Pod& pod = pods_[id.name];
      if (pod.phase == PodPhase::kSucceeded) succeeded_[pod.job][pod.uid] = pod.index;
      if (pod.phase == PodPhase::kFailed) failed_[pod.job][pod.uid] = pod.index;
    }
    std::string violation = Check(job, record->sequence);
    if (!violation.empty()) return violation;
  }
  return "";
}

int PodLedger::Active(const std::string& job) const {
  int count = 0;
  for (const auto& [name, pod] : pods_) count += pod.job == job && pod.active() ? 1 : 0;
  return count;
}

int PodLedger::Count(const Ended& ended, const std::string& job) {
  const auto found = ended.find(job);
  return found == ended.end() ? 0 : static_cast<int>(found->second.size());
}

std::string PodLedger::Check(const std::string& job, std::uint64_t sequence) const {
  const auto found = expected_.find(job);
  if (found == expected_.end()) return "";
  const Expected& expected = found->second;
  const std::string at = " of job " + job + " at record " + std::to_string(sequence);
  const int active = Active(job);
  const int succeeded = Succeeded(job);
  if (active > expected.parallelism) {
    return std::to_string(active) + " active pods" + at + ", parallelism is " +
           std::to_string(expected.parallelism);
  }
  if (active + succeeded > expected.completions) {
    return std::to_string(active) + " active and " + std::to_string(succeeded) + " succeeded pods" +
           at + ", completions is " + std::to_string(expected.completions);
  }
  if (!expected.indexed) return "";
  std::set<int> taken;
  if (const auto ended = succeeded_.find(job); ended != succeeded_.end()) {
    for (const auto& [uid, index] : ended->second) taken.insert(index);
  }
  for (const auto& [name, pod] : pods_) {
    if (pod.job != job || !pod.active()) continue;
    if (!taken.insert(pod.index).second) {
      return "index " + std::to_string(pod.index) + " has two pods" + at;
    }
  }
  return "";
}

}  // namespace kless::testing
