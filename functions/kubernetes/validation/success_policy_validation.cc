#include "functions/kubernetes/validation/success_policy_validation.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/types/go_internal_text.h"
#include "functions/kubernetes/validation/job_validation.h"
#include "functions/kubernetes/values/index_list.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/batch/validation/validation.go
constexpr const char* kSuccessRules = "spec.successPolicy.rules";
constexpr std::size_t kMaxSuccessRules = 20;
constexpr std::size_t kMaxIndexesBytes = 64 * 1024;

void ValidateCount(std::int64_t count, std::int64_t completions, const IndexList* indexes,
                   const std::string& field, FieldErrors& errors) {
  if (count < 0) {
    errors.push_back(Invalid(field, count, "must be greater than or equal to 0"));
  }
  if (count > completions) {
    errors.push_back(Invalid(field, count,
                             "must be less than or equal to " + std::to_string(completions) +
                                 " (the number of specified completions)"));
  }
  if (indexes != nullptr && count > indexes->total) {
    errors.push_back(
        Invalid(field, count,
                "must be less than or equal to " + std::to_string(indexes->total) +
                    " (the number of indexes in the specified succeededIndexes field)"));
  }
}

void ValidateSuccessRule(const json& rule, std::int64_t completions, const std::string& field,
                         FieldErrors& errors) {
  const json* listed = Find(rule, "succeededIndexes");
  const json* count = Find(rule, "succeededCount");
  if (listed == nullptr && count == nullptr) {
    errors.push_back(
        Required(field, "at least one of succeededCount or succeededIndexes must be specified"));
  }
  IndexList indexes;
  if (listed != nullptr && listed->is_string()) {
    const auto& text = listed->get_ref<const std::string&>();
    if (text.size() > kMaxIndexesBytes) {
      errors.push_back(TooLong(field + ".succeededIndexes", kMaxIndexesBytes));
    }
    indexes = ParseIndexList(text, completions);
    if (!indexes.problem.empty()) {
      errors.push_back(Invalid(field + ".succeededIndexes", text,
                               "error parsing succeededIndexes: " + indexes.problem));
    }
  }
  if (const auto number = IntegerAt(rule, "succeededCount")) {
    ValidateCount(*number, completions, listed == nullptr ? nullptr : &indexes,
                  field + ".succeededCount", errors);
  }
}

}  // namespace

void ValidateSuccessPolicy(const json& policy, const json& spec, FieldErrors& errors) {
  if (!IsIndexed(spec)) {
    errors.push_back(InvalidAs("spec.successPolicy",
                               GoInternalJson("SuccessPolicy", nullptr, policy),
                               "requires indexed completion mode"));
    return;
  }
  const json* rules = Find(policy, "rules");
  const std::size_t size = SizeOf(rules);
  if (size == 0) {
    errors.push_back(Required(
        kSuccessRules, "at least one rules must be specified when the successPolicy is specified"));
  }
  if (size > kMaxSuccessRules) errors.push_back(TooMany(kSuccessRules, size, kMaxSuccessRules));
  const auto completions = IntegerAt(spec, "completions");
  if (!completions) return;  // This has an error of its own.
  for (std::size_t i = 0; i < size; ++i) {
    ValidateSuccessRule((*rules)[i], *completions,
                        std::string(kSuccessRules) + "[" + std::to_string(i) + "]", errors);
  }
}

}  // namespace kless::kubernetes
