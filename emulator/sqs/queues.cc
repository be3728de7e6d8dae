#include "emulator/sqs/queues.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::sqs {
namespace {

using nlohmann::json;

constexpr std::string_view kQueuePrefix = "sqs/queue/";
constexpr std::string_view kFifoSuffix = ".fifo";

bool IsName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

Outcome<void> CheckName(const std::string& name, bool is_fifo) {
  std::string_view stem = name;
  if (is_fifo) {
    if (!stem.ends_with(kFifoSuffix)) {
      return InvalidParameterValue(
          "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
          "underscores, must end with .fifo suffix and be 1 to 80 in length");
    }
    stem.remove_suffix(kFifoSuffix.size());
  }
  if (name.size() <= 80 && IsName(stem)) return {};
  return InvalidParameterValue(
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

std::optional<Queue::Description> DescriptionFromText(const std::string& text) {
  const auto source = ParseJson(text);
  if (source.has_error()) return std::nullopt;
  try {
    const json& parts = source.value();
    Queue::Description description;
    description.name = parts.at("name").get<std::string>();
    description.scope = {parts.at("account").get<std::string>(),
                         parts.at("region").get<std::string>()};
    description.is_fifo = parts.at("fifo").get<bool>();
    description.created_nanos = parts.at("created").get<std::int64_t>();
    description.modified_nanos = parts.at("modified").get<std::int64_t>();
    description.tags = parts.at("tags").get<std::map<std::string, std::string>>();
    const auto values = parts.at("attributes").get<QueueAttributes::Values>();
    if (description.attributes.Set(values, description.is_fifo).has_error()) return std::nullopt;
    return description;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

Outcome<void> CheckTags(const Queues::Tags& tags) {
  if (tags.size() > kTagsMax) {
    return InvalidParameterValue("Too many tags added for queue: at most 50.");
  }
  for (const auto& [key, value] : tags) {
    if (key.empty() || key.size() > 128 || value.size() > 256) {
      return InvalidParameterValue(
          "Tag keys must be between 1 and 128 characters in length, tag "
          "values at most 256.");
    }
  }
  return {};
}

}  // namespace

Queues::Queues(EventLoop& event_loop, Store& store, std::uint64_t seed)
    : event_loop_(event_loop), store_(store), random_(seed, "sqs") {
  for (const auto& [name, text] : store_.LoadValues(std::string(kQueuePrefix))) {
    auto description = DescriptionFromText(text);
    if (!description) continue;
    description->id = name.substr(kQueuePrefix.size());
    auto queue = std::make_unique<Queue>(event_loop_, store_, random_, std::move(*description));
    std::string arn = queue->arn();
    queues_[std::move(arn)] = std::move(queue);
  }
}

Outcome<void> Queues::Create(const Scope& scope, const std::string& name,
                             const QueueAttributes::Values& attributes, const Tags& tags) {
  const auto fifo = attributes.find("FifoQueue");
  const bool is_fifo = fifo != attributes.end() && fifo->second == "true";
  KLESS_TRY_VOID(CheckName(name, is_fifo));
  KLESS_TRY_VOID(CheckTags(tags));
  const std::string arn = QueueArn(scope, name);
  QueueAttributes checked;
  KLESS_TRY_VOID(checked.Set(attributes, is_fifo));
  if (const Queue* const existing = Find(arn)) {
    for (const auto& [attribute, value] : attributes) {
      const bool is_same = attribute == "FifoQueue" ||
                           existing->description().attributes.ValueOf(attribute) == value;
      if (is_same) continue;
      return Failure{"QueueNameExists", "QueueAlreadyExists",
                     "A queue already exists with the same name and a different value for "
                     "attribute " +
                         attribute};
    }
    return {};
  }
  KLESS_TRY_VOID(CheckRedrive(arn, is_fifo, checked));
  Queue::Description description;
  description.id = HexDigits(random_.Bits());
  description.name = name;
  description.scope = scope;
  description.is_fifo = is_fifo;
  description.created_nanos = description.modified_nanos = event_loop_.UnixNanos();
  description.attributes = std::move(checked);
  description.tags = tags;
  auto queue = std::make_unique<Queue>(event_loop_, store_, random_, std::move(description));
  queue->Save();
  queues_[arn] = std::move(queue);
  return {};
}

// A dead-letter queue exists, is of the same type, and allows it.
Outcome<void> Queues::CheckRedrive(const std::string& arn, bool is_fifo,
                                   const QueueAttributes& attributes) {
  const RedrivePolicy policy = attributes.redrive();
  if (policy.target.empty()) return {};
  const std::string text = attributes.ValueOf("RedrivePolicy");
  const Queue* const target = Find(policy.target);
  if (target == nullptr) {
    return InvalidParameter(text, "RedrivePolicy", "Dead letter target does not exist.");
  }
  if (target->description().is_fifo != is_fifo) {
    return InvalidParameter(text, "RedrivePolicy",
                            "Dead-letter queue must be same type of queue as the source.");
  }
  if (!target->description().attributes.AllowsSource(arn)) {
    return InvalidParameter(
        text, "RedrivePolicy",
        "Queue " + arn + " is not allowed by the redriveAllowPolicy of " + policy.target + ".");
  }
  return {};
}

Queue* Queues::Find(std::string_view arn) {
  const auto found = queues_.find(arn);
  return found == queues_.end() ? nullptr : found->second.get();
}

Outcome<Queue*> Queues::Get(std::string_view arn) {
  if (Queue* const queue = Find(arn)) return queue;
  return QueueDoesNotExist();
}

std::vector<std::string> Queues::Names(const Scope& scope, const std::string& prefix) const {
  std::vector<std::string> names;
  for (const auto& [arn, queue] : queues_) {
    const Queue::Description& description = queue->description();
    if (description.scope.account == scope.account && description.scope.region == scope.region &&
        description.name.starts_with(prefix)) {
      names.push_back(description.name);
    }
  }
  return names;
}

std::vector<std::string> Queues::SourcesOf(const std::string& arn) const {
  std::vector<std::string> sources;
  for (const auto& [source, queue] : queues_) {
    if (queue->description().attributes.redrive().target == arn) sources.push_back(source);
  }
  return sources;
}

Outcome<void> Queues::Delete(std::string_view arn) {
  KLESS_TRY(Queue* const queue, Get(arn));
  queue->Erase();
  queues_.erase(queues_.find(arn));
  return {};
}

Outcome<void> Queues::SetAttributes(std::string_view arn, const QueueAttributes::Values& values) {
  KLESS_TRY(Queue* const queue, Get(arn));
  QueueAttributes changed = queue->description().attributes;
  KLESS_TRY_VOID(changed.Set(values, queue->description().is_fifo));
  if (values.contains("RedrivePolicy")) {
    KLESS_TRY_VOID(CheckRedrive(queue->arn(), queue->description().is_fifo, changed));
  }
  queue->SetAttributes(changed);
  return {};
}

Outcome<QueueAttributes::Values> Queues::Attributes(std::string_view arn) {
  KLESS_TRY(Queue* const queue, Get(arn));
  const Queue::Description& description = queue->description();
  QueueAttributes::Values values = description.attributes.Shown(description.is_fifo);
  const QueueCounts counts = queue->Counts();
  values["ApproximateNumberOfMessages"] = std::to_string(counts.available);
  values["ApproximateNumberOfMessagesDelayed"] = std::to_string(counts.delayed);
  values["ApproximateNumberOfMessagesNotVisible"] = std::to_string(counts.in_flight);
  values["CreatedTimestamp"] = std::to_string(description.created_nanos / kNanosPerSecond);
  values["LastModifiedTimestamp"] = std::to_string(description.modified_nanos / kNanosPerSecond);
  values["QueueArn"] = queue->arn();
  return values;
}

Outcome<void> Queues::Tag(std::string_view arn, const Tags& tags) {
  KLESS_TRY(Queue* const queue, Get(arn));
  Tags all = queue->description().tags;
  for (const auto& [key, value] : tags) all[key] = value;
  KLESS_TRY_VOID(CheckTags(all));
  queue->SetTags(std::move(all));
  return {};
}

Outcome<void> Queues::Untag(std::string_view arn, const std::vector<std::string>& keys) {
  KLESS_TRY(Queue* const queue, Get(arn));
  Tags all = queue->description().tags;
  for (const std::string& key : keys) all.erase(key);
  queue->SetTags(std::move(all));
  return {};
}

Outcome<SentMessage> Queues::Send(std::string_view arn, const SendRequest& request) {
  KLESS_TRY(Queue* const queue, Get(arn));
  return queue->Send(request);
}

Outcome<std::vector<Receipt>> Queues::ReceiveNow(std::string_view arn,
                                                 const ReceiveRequest& request) {
  KLESS_TRY(Queue* const queue, Get(arn));
  const QueueAttributes& attributes = queue->description().attributes;
  Queue* const target = Find(attributes.redrive().target);
  std::vector<Message> dead;
  auto receipts = queue->Receive(
      request.count, request.visibility_seconds.value_or(attributes.visibility_seconds()),
      request.attempt, target == nullptr ? nullptr : &dead);
  for (Message& message : dead) target->Take(std::move(message));
  return receipts;
}

Task<Outcome<std::vector<Receipt>>> Queues::Receive(std::string arn, ReceiveRequest request,
                                                    TimePoint deadline) {
  while (true) {
    auto receipts = ReceiveNow(arn, request);
    if (receipts.has_error() || !receipts.value().empty() || event_loop_.Now() >= deadline) {
      co_return receipts;
    }
    Queue* const queue = Find(arn);
    TimePoint until = deadline;
    if (const auto next = queue->NextVisibleNanos()) {
      const std::int64_t wait = std::max<std::int64_t>(*next - event_loop_.UnixNanos(), 0);
      until = std::min(until, event_loop_.Now() + Duration(wait));
    }
    co_await queue->arrived().Wait(until);
  }
}

Outcome<void> Queues::DeleteMessage(std::string_view arn, const std::string& handle) {
  KLESS_TRY(Queue* const queue, Get(arn));
  return queue->Delete(handle);
}

Outcome<void> Queues::ChangeVisibility(std::string_view arn, const std::string& handle,
                                       std::int64_t seconds) {
  KLESS_TRY(Queue* const queue, Get(arn));
  return queue->ChangeVisibility(handle, seconds);
}

}  // namespace kless::sqs
