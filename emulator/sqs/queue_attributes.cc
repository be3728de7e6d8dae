#include "emulator/sqs/queue_attributes.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::sqs {
namespace {

using nlohmann::json;

struct NumberAttribute {
  const char* name;
  std::int64_t min;
  std::int64_t max;
  const char* initial;  // "": it is absent by default
};
constexpr NumberAttribute kNumbers[] = {
    {"DelaySeconds", 0, 900, "0"},
    {"KmsDataKeyReusePeriodSeconds", 60, 86'400, ""},
    {"MaximumMessageSize", 1024, 1'048'576, "1048576"},
    {"MessageRetentionPeriod", 60, 1'209'600, "345600"},
    {"ReceiveMessageWaitTimeSeconds", 0, 20, "0"},
    {"VisibilityTimeout", 0, 43'200, "30"},
};

struct WordAttribute {
  const char* name;
  std::vector<std::string_view> words;
  bool is_fifo;         // only FIFO queues have it
  const char* initial;  // "": it is absent by default
};
const std::vector<WordAttribute>& Words() {
  static const std::vector<WordAttribute> words = {
      {"ContentBasedDeduplication", {"true", "false"}, true, "false"},
      {"DeduplicationScope", {"queue", "messageGroup"}, true, "queue"},
      {"FifoThroughputLimit", {"perQueue", "perMessageGroupId"}, true, "perQueue"},
      {"SqsManagedSseEnabled", {"true", "false"}, false, "true"},
  };
  return words;
}

constexpr std::string_view kTexts[] = {"KmsMasterKeyId", "Policy", "RedriveAllowPolicy",
                                       "RedrivePolicy"};
// Computed, never set.
constexpr std::string_view kComputed[] = {"All",
                                          "ApproximateNumberOfMessages",
                                          "ApproximateNumberOfMessagesDelayed",
                                          "ApproximateNumberOfMessagesNotVisible",
                                          "CreatedTimestamp",
                                          "FifoQueue",
                                          "LastModifiedTimestamp",
                                          "QueueArn"};

const NumberAttribute* FindNumber(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kNumbers), std::end(kNumbers),
                                         [&](const auto& each) { return each.name == name; });
  return found == std::end(kNumbers) ? nullptr : found;
}

const WordAttribute* FindWord(std::string_view name) {
  for (const WordAttribute& each : Words()) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

bool IsText(std::string_view name) {
  return std::find(std::begin(kTexts), std::end(kTexts), name) != std::end(kTexts);
}

std::optional<json> ObjectOf(const std::string& text) {
  auto parsed = ParseJson(text);
  if (parsed.has_error() || !parsed.value().is_object()) return std::nullopt;
  return std::move(parsed).value();
}

Outcome<void> CheckAllowPolicy(const std::string& text) {
  const auto policy = ObjectOf(text);
  const std::string name = "RedriveAllowPolicy";
  if (!policy) return InvalidParameter(text, name, "Redrive allow policy is not a valid JSON map.");
  const std::string permission =
      policy->contains("redrivePermission") && policy->at("redrivePermission").is_string()
          ? policy->at("redrivePermission").get<std::string>()
          : "";
  if (permission != "allowAll" && permission != "denyAll" && permission != "byQueue") {
    return InvalidParameter(text, name, "Invalid value for redrivePermission.");
  }
  const bool has_sources = policy->contains("sourceQueueArns");
  if (has_sources != (permission == "byQueue")) {
    return InvalidParameter(text, name,
                            "sourceQueueArns goes with the permission byQueue, and only with it.");
  }
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
  if (has_sources &&
      (!policy->at("sourceQueueArns").is_array() || policy->at("sourceQueueArns").size() > 10)) {
    return InvalidParameter(text, name, "sourceQueueArns is a list of at most 10 ARNs.");
  }
  return {};
}

Outcome<void> CheckValue(const std::string& name, const std::string& value, bool is_fifo) {
  if (name == "FifoQueue") {
    if (!is_fifo) return UnknownAttribute(name);
    if (value == "true") return {};
    return Failure{"InvalidAttributeValue", "InvalidAttributeValue",
                   "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is "
                   "not supported."};
  }
  if (const NumberAttribute* const number = FindNumber(name)) {
    const auto parsed = ParseInteger(value);
    if (parsed && *parsed >= number->min && *parsed <= number->max) return {};
    return InvalidAttributeValue(name);
  }
  if (const WordAttribute* const word = FindWord(name)) {
    if (word->is_fifo && !is_fifo) {
      if (name == "ContentBasedDeduplication") return UnknownAttribute(name);
      return InvalidAttributeName("You can specify the " + name +
                                  " only when FifoQueue is set to true.");
    }
    const bool is_word =
        std::find(word->words.begin(), word->words.end(), value) != word->words.end();
    return is_word ? Outcome<void>() : InvalidAttributeValue(name);
  }
  if (!IsText(name)) return UnknownAttribute(name);
  if (value.empty() || name == "KmsMasterKeyId") return {};
  if (name == "RedrivePolicy") {
    KLESS_TRY_VOID(ParseRedrivePolicy(value));
    return {};
  }
  if (name == "RedriveAllowPolicy") return CheckAllowPolicy(value);
  if (!ObjectOf(value)) return InvalidAttributeValue(name);
  return {};
}

}  // namespace

Outcome<RedrivePolicy> ParseRedrivePolicy(const std::string& text) {
  const auto policy = ObjectOf(text);
  const std::string name = "RedrivePolicy";
  if (!policy) return InvalidParameter(text, name, "Redrive policy is not a valid JSON map.");
  if (!policy->contains("deadLetterTargetArn") || !policy->at("deadLetterTargetArn").is_string()) {
    return InvalidParameterValue("The required parameter 'deadLetterTargetArn' is missing");
  }
  if (!policy->contains("maxReceiveCount")) {
    return InvalidParameterValue("The required parameter 'maxReceiveCount' is missing");
  }
  const json& count = policy->at("maxReceiveCount");
  std::optional<std::int64_t> number;
  if (count.is_number_integer()) number = count.get<std::int64_t>();
  if (count.is_string()) number = ParseInteger(count.get<std::string>());
  if (!number || *number < 1 || *number > 1000) {
    return InvalidParameter(text, name,
                            "Invalid value for maxReceiveCount: " +
                                (count.is_string() ? count.get<std::string>() : DumpJson(count)) +
                                ", valid values are from 1 to 1000 both inclusive.");
  }
  return RedrivePolicy{policy->at("deadLetterTargetArn").get<std::string>(), *number};
}

bool QueueAttributes::IsName(std::string_view name) {
  return FindNumber(name) != nullptr || FindWord(name) != nullptr || IsText(name) ||
         std::find(std::begin(kComputed), std::end(kComputed), name) != std::end(kComputed);
}

Outcome<void> QueueAttributes::Set(const Values& values, bool is_fifo) {
  Values changed = values_;
  for (const auto& [name, value] : values) {
    KLESS_TRY_VOID(CheckValue(name, value, is_fifo));
    if (name == "FifoQueue") continue;
    // An empty text takes the attribute away.
    if (value.empty()) {
      changed.erase(name);
    } else {
      changed[name] = value;
    }
  }
  values_ = std::move(changed);
  return {};
}

std::string QueueAttributes::ValueOf(const std::string& name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  if (const NumberAttribute* const number = FindNumber(name)) return number->initial;
  if (const WordAttribute* const word = FindWord(name)) return word->initial;
  return "";
}

QueueAttributes::Values QueueAttributes::Shown(bool is_fifo) const {
  Values shown = values_;
  for (const NumberAttribute& each : kNumbers) {
    if (*each.initial != '\0') shown.emplace(each.name, each.initial);
  }
  for (const WordAttribute& each : Words()) {
    if (*each.initial != '\0' && (is_fifo || !each.is_fifo)) shown.emplace(each.name, each.initial);
  }
  if (is_fifo) shown["FifoQueue"] = "true";
  return shown;
}

std::int64_t QueueAttributes::Number(const char* name) const {
  return ParseInteger(ValueOf(name)).value_or(0);
}

RedrivePolicy QueueAttributes::redrive() const {
  const auto found = values_.find("RedrivePolicy");
  if (found == values_.end()) return {};
  auto policy = ParseRedrivePolicy(found->second);
  return policy.has_error() ? RedrivePolicy() : std::move(policy).value();
}

bool QueueAttributes::AllowsSource(const std::string& arn) const {
  const auto found = values_.find("RedriveAllowPolicy");
  if (found == values_.end()) return true;
  const auto policy = ObjectOf(found->second);
  if (!policy) return true;
  const std::string permission = policy->value("redrivePermission", "allowAll");
  if (permission != "byQueue") return permission == "allowAll";
  const json sources = policy->value("sourceQueueArns", json::array());
  return std::find(sources.begin(), sources.end(), json(arn)) != sources.end();
}

}  // namespace kless::sqs
