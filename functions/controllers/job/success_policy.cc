#include "functions/controllers/job/success_policy.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::Find;
using nlohmann::json;

namespace {

bool IsMet(const JobView& job, const json& rule, const IndexSet& succeeded) {
  const auto count = kubernetes::IntegerAt(rule, "succeededCount");
  if (Find(rule, "succeededIndexes") == nullptr) return count && succeeded.Count() >= *count;
  const IndexSet listed =
      IndexSet::Parse(kubernetes::StringAt(rule, "succeededIndexes"), job.CompletionsOrMax());
  return succeeded.CountCommon(listed) >= count.value_or(listed.Count());
}

}  // namespace

std::optional<std::string> MatchSuccessPolicy(const JobView& job, const IndexSet& succeeded) {
  const json* rules = Find(*job.document, {"spec", "successPolicy", "rules"});
  if (!job.indexed || rules == nullptr || !rules->is_array() || succeeded.Count() == 0) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < rules->size(); ++i) {
    if (IsMet(job, (*rules)[i], succeeded)) return "Matched rules at index " + std::to_string(i);
  }
  return std::nullopt;
}

}  // namespace kless::controllers
