#include "emulator/sqs/queue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::sqs {
namespace {

using nlohmann::json;

// "sqs/message/QUEUE/": all stored names of one kind of a queue begin with it.
std::string PrefixOf(const std::string& kind, const std::string& queue) {
  return "sqs/" + kind + "/" + queue + "/";
}

// AWS's have 20 digits, too, and grow likewise.
std::string SequenceNumber(std::uint64_t order) {
  const std::string digits = std::to_string(order);
  return "1886" + std::string(16 - std::min<std::size_t>(16, digits.size()), '0') + digits;
}

}  // namespace

Queue::Queue(EventLoop& event_loop, Store& store, Random& random, Description description)
    : event_loop_(event_loop),
      store_(store),
      random_(random),
      description_(std::move(description)),
      arrived_(event_loop) {
  Load();
}

std::string Queue::StoredName(const char* kind, std::uint64_t order) const {
  return PrefixOf(kind, description_.id) + HexDigits(order);
}

void Queue::Load() {
  const std::string messages = PrefixOf("message", description_.id);
  for (const auto& [name, text] : store_.LoadValues(messages)) {
    const auto message = MessageFromText(text);
    if (message.has_error()) continue;
    const std::uint64_t order = std::stoull(name.substr(messages.size()), nullptr, 16);
    Entry entry;
    entry.sent_nanos = message.value().sent_nanos;
    entry.group = message.value().group;
    if (const auto state = store_.LoadValue(StoredName("state", order))) {
      const auto parts = ParseJson(*state);
      if (parts.has_value() && parts.value().is_array() && parts.value().size() == 4) {
        entry.visible_nanos = parts.value()[0].get<std::int64_t>();
        entry.receives = parts.value()[1].get<std::int64_t>();
        entry.first_received_nanos = parts.value()[2].get<std::int64_t>();
        entry.receipt = parts.value()[3].get<std::uint64_t>();
      }
    }
    Insert(order, std::move(entry));
  }
  const std::string sent = PrefixOf("sent", description_.id);
  for (const auto& [name, text] : store_.LoadValues(sent)) {
    const auto parts = ParseJson(text);
    if (parts.has_error() || !parts.value().is_array() || parts.value().size() != 3) continue;
    const std::string key = name.substr(sent.size());
    const std::int64_t until = parts.value()[2].get<std::int64_t>();
    sent_[key] = {{parts.value()[0].get<std::string>(), parts.value()[1].get<std::string>()},
                  until};
    sent_until_.emplace(until, key);
  }
}

void Queue::Save() const {
  const json text = {{"name", description_.name},
                     {"account", description_.scope.account},
                     {"region", description_.scope.region},
                     {"fifo", description_.is_fifo},
                     {"created", description_.created_nanos},
                     {"modified", description_.modified_nanos},
                     {"attributes", description_.attributes.given()},
                     {"tags", description_.tags}};
  store_.SaveValue("sqs/queue/" + description_.id, DumpJson(text));
}

void Queue::Erase() {
  Purge();
  for (const auto& [key, sent] : sent_) store_.RemoveValue(PrefixOf("sent", description_.id) + key);
  for (const auto& [name, text] : store_.LoadValues(PrefixOf("move", description_.id))) {
    store_.RemoveValue(name);
  }
  store_.RemoveValue("sqs/queue/" + description_.id);
  arrived_.NotifyAll();
}

void Queue::SetAttributes(const QueueAttributes& attributes) {
  description_.attributes = attributes;
  description_.modified_nanos = Now();
  Save();
}

void Queue::SetTags(std::map<std::string, std::string> tags) {
  description_.tags = std::move(tags);
  Save();
}

void Queue::Insert(std::uint64_t order, Entry entry) {
  last_order_ = std::max(last_order_, order);
  by_age_.emplace(entry.sent_nanos, order);
  if (entry.visible_nanos == 0) {
    available_.insert(order);
  } else {
    hidden_.emplace(entry.visible_nanos, order);
  }
  if (entry.IsInFlight()) ++in_flight_;
  const std::string group = entry.group;
  if (description_.is_fifo) {
    Group& own = groups_[group];
    own.orders.insert(order);
    if (entry.IsInFlight()) ++own.in_flight;
  }
  entries_.emplace(order, std::move(entry));
  if (description_.is_fifo) UpdateHead(group);
}

void Queue::Remove(std::uint64_t order) {
  const auto found = entries_.find(order);
  KLESS_CHECK(found != entries_.end(), "no message of this order");
  const Entry& entry = found->second;
  available_.erase(order);
  hidden_.erase({entry.visible_nanos, order});
  by_age_.erase({entry.sent_nanos, order});
  if (entry.IsInFlight()) --in_flight_;
  if (description_.is_fifo) {
    Group& group = groups_[entry.group];
    group.orders.erase(order);
    if (entry.IsInFlight()) --group.in_flight;
    UpdateHead(std::string(entry.group));
  }
  store_.RemoveValue(StoredName("message", order));
  store_.RemoveValue(StoredName("state", order));
  entries_.erase(found);
}

void Queue::UpdateHead(const std::string& name) {
  const auto found = groups_.find(name);
  Group& group = found->second;
  if (group.head != 0) heads_.erase({group.head, name});
  group.head = 0;
  if (group.orders.empty()) {
    groups_.erase(found);
  } else if (group.in_flight == 0) {
    group.head = *group.orders.begin();
    heads_.emplace(group.head, name);
  }
}

void Queue::SetVisible(std::uint64_t order, Entry& entry, std::int64_t visible_nanos) {
  const bool was_in_flight = entry.IsInFlight();
  available_.erase(order);
  hidden_.erase({entry.visible_nanos, order});
  entry.visible_nanos = visible_nanos;
  if (visible_nanos == 0) {
    available_.insert(order);
  } else {
    hidden_.emplace(visible_nanos, order);
  }
  const int change = static_cast<int>(entry.IsInFlight()) - static_cast<int>(was_in_flight);
  if (change == 0) return;
  in_flight_ += change;
  if (!description_.is_fifo) return;
  groups_[entry.group].in_flight += change;
  UpdateHead(entry.group);
}

void Queue::SaveState(std::uint64_t order, const Entry& entry) {
  store_.SaveValue(StoredName("state", order),
                   DumpJson(json{entry.visible_nanos, entry.receives, entry.first_received_nanos,
                                 entry.receipt}));
}

void Queue::Settle() {
  const std::int64_t now = Now();
  while (!hidden_.empty() && hidden_.begin()->first <= now) {
    const std::uint64_t order = hidden_.begin()->second;
    SetVisible(order, entries_.at(order), 0);
  }
  const std::int64_t oldest = now - description_.attributes.retention_seconds() * kNanosPerSecond;
  while (!by_age_.empty() && by_age_.begin()->first < oldest) Remove(by_age_.begin()->second);
  while (!sent_until_.empty() && sent_until_.begin()->first <= now) {
    const std::string key = sent_until_.begin()->second;
    store_.RemoveValue(PrefixOf("sent", description_.id) + key);
    sent_.erase(key);
    sent_until_.erase(sent_until_.begin());
  }
  std::erase_if(attempts_, [now](const auto& each) { return each.second.until_nanos <= now; });
}

Outcome<void> Queue::CheckType(const SendRequest& request) const {
  if (!description_.is_fifo) {
    if (!request.deduplication) return {};
    return InvalidParameter(*request.deduplication, "MessageDeduplicationId",
                            "The request includes a parameter that is not valid for this queue "
                            "type.");
  }
  if (request.delay_seconds && *request.delay_seconds != 0) {
    return InvalidParameter(std::to_string(*request.delay_seconds), "DelaySeconds",
                            "The request include parameter that is not valid for this queue "
                            "type.");
  }
  if (!request.group) return MissingParameter("MessageGroupId");
  if (!request.deduplication && !description_.attributes.deduplicates_by_content()) {
    return InvalidParameterValue(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
        "provided explicitly");
  }
  return {};
}

std::string Queue::DeduplicationKey(const SendRequest& request) const {
  std::string key = request.deduplication ? *request.deduplication : Sha256Hex(request.body);
  if (description_.attributes.deduplicates_by_group()) key = *request.group + "\n" + key;
  return Sha256Hex(key);
}

Outcome<SentMessage> Queue::Send(const SendRequest& request) {
  KLESS_TRY_VOID(
      CheckMessage(request, static_cast<std::size_t>(description_.attributes.bytes_max())));
  KLESS_TRY_VOID(CheckType(request));
  const std::int64_t delay = request.delay_seconds && !description_.is_fifo
                                 ? *request.delay_seconds
                                 : description_.attributes.delay_seconds();
  if (delay < 0 || delay > 900) {
    return InvalidParameter(std::to_string(delay), "DelaySeconds",
                            "DelaySeconds must be >= 0 and <= 900.");
  }
  Settle();
  const std::string key = description_.is_fifo ? DeduplicationKey(request) : "";
  const auto known = sent_.find(key);
  if (!key.empty() && known != sent_.end()) return known->second.message;

  Message message;
  message.id = random_.Uuid();
  message.body = request.body;
  message.attributes = request.attributes;
  const auto trace = request.system_attributes.find("AWSTraceHeader");
  if (trace != request.system_attributes.end()) message.trace_header = trace->second.value;
  message.sender = request.sender;
  message.group = request.group.value_or("");
  message.sent_nanos = Now();
  if (description_.is_fifo) {
    message.deduplication = request.deduplication.value_or(Sha256Hex(request.body));
    message.sequence_number = SequenceNumber(
        std::max(last_order_ + 1, static_cast<std::uint64_t>(message.sent_nanos / 1000)));
  }
  Add(message, delay == 0 ? 0 : Now() + delay * kNanosPerSecond);
  SentMessage sent{message.id, message.sequence_number};
  if (!key.empty()) {
    const std::int64_t until = Now() + kDeduplicationNanos;
    store_.SaveValue(PrefixOf("sent", description_.id) + key,
                     DumpJson(json{sent.id, sent.sequence_number, until}));
    sent_until_.emplace(until, key);
    sent_[key] = {sent, until};
  }
  return sent;
}

void Queue::Add(const Message& message, std::int64_t visible_nanos) {
  // Microseconds, so that the order grows across restarts without being saved.
  const std::uint64_t order = std::max(last_order_ + 1, static_cast<std::uint64_t>(Now() / 1000));
  Entry entry;
  entry.sent_nanos = message.sent_nanos;
  entry.group = message.group;
  entry.visible_nanos = visible_nanos;
  store_.SaveValue(StoredName("message", order), MessageToText(message));
  if (visible_nanos != 0) SaveState(order, entry);
  Insert(order, std::move(entry));
  arrived_.NotifyAll();
}

void Queue::Take(Message message) {
  // A FIFO queue counts the retention from the move.
  if (description_.is_fifo) {
    message.sent_nanos = Now();
    message.sequence_number =
        SequenceNumber(std::max(last_order_ + 1, static_cast<std::uint64_t>(Now() / 1000)));
  }
  Add(message, 0);
}

Result<Message> Queue::LoadMessage(std::uint64_t order) const {
  const auto text = store_.LoadValue(StoredName("message", order));
  if (!text) return MakeError(ErrorCode::kNotFound, "a message is not in the store");
  return MessageFromText(*text);
}

void Queue::Purge() {
  while (!entries_.empty()) Remove(entries_.begin()->first);
  attempts_.clear();
}

std::optional<Message> Queue::TakeNext() {
  Settle();
  while (true) {
    const std::vector<std::uint64_t> next = Candidates(1);
    if (next.empty()) return std::nullopt;
    auto message = LoadMessage(next.front());
    Remove(next.front());
    if (message.has_value()) return std::move(message).value();
  }
}

QueueCounts Queue::Counts() {
  Settle();
  return {available_.size(), in_flight_, hidden_.size() - in_flight_};
}

std::optional<std::int64_t> Queue::NextVisibleNanos() const {
  if (hidden_.empty()) return std::nullopt;
  return hidden_.begin()->first;
}

}  // namespace kless::sqs
