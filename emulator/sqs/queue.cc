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

std::vector<std::uint64_t> Queue::Candidates(std::size_t count) const {
  std::vector<std::uint64_t> orders;
  if (!description_.is_fifo) {
    for (auto each = available_.begin(); each != available_.end() && orders.size() < count;
         ++each) {
      orders.push_back(*each);
    }
    return orders;
  }
  for (const auto& [head, name] : heads_) {
    for (const std::uint64_t order : groups_.at(name).orders) {
      if (orders.size() == count) return orders;
      if (!available_.contains(order)) break;
      orders.push_back(order);
    }
  }
  return orders;
}

Outcome<std::vector<Receipt>> Queue::Receive(int count, std::int64_t visibility_seconds,
                                             const std::string& attempt,
                                             std::vector<Message>* dead) {
  Settle();
  const std::int64_t visible_nanos =
      visibility_seconds == 0 ? 0 : Now() + visibility_seconds * kNanosPerSecond;
  if (auto repeated = Repeated(attempt, visible_nanos)) return std::move(*repeated);
  if (in_flight_ >= kInFlightMax) {
    if (description_.is_fifo) return std::vector<Receipt>();
    return Failure{"OverLimit", "OverLimit",
                   "Too many messages are in flight: the limit is 120000.", 403};
  }
  const std::int64_t receives_max = dead ? description_.attributes.redrive().receives_max : 0;
  std::vector<Receipt> receipts;
  // With visibility 0 a message stays available, and is received once only in this request.
  std::vector<std::uint64_t> taken;
  bool moved = true;
  while (moved && receipts.empty()) {
    moved = false;
    for (const std::uint64_t order : Candidates(static_cast<std::size_t>(count))) {
      Entry& entry = entries_.at(order);
      auto message = LoadMessage(order);
      if (message.has_error()) {
        Remove(order);
        continue;
      }
      if (receives_max > 0 && entry.receives >= receives_max) {
        message.value().source_arn = arn();
        dead->push_back(std::move(message).value());
        Remove(order);
        moved = true;
        continue;
      }
      ++entry.receives;
      if (entry.first_received_nanos == 0) entry.first_received_nanos = Now();
      entry.receipt = random_.Bits() >> 1;
      SetVisible(order, entry, visible_nanos);
      SaveState(order, entry);
      receipts.push_back(ReceiptOf(order, entry, std::move(message).value()));
      taken.push_back(order);
    }
  }
  if (!attempt.empty() && !receipts.empty()) {
    Attempt& made = attempts_[attempt];
    made.until_nanos = Now() + kDeduplicationNanos;
    for (const std::uint64_t order : taken) {
      made.taken.emplace_back(order, entries_.at(order).receipt);
    }
  }
  return receipts;
}

// The messages of an earlier request with the same ReceiveRequestAttemptId, if all are still in
// flight and unchanged; their visibility timeout begins again.
std::optional<std::vector<Receipt>> Queue::Repeated(const std::string& attempt,
                                                    std::int64_t visible_nanos) {
  const auto made = attempts_.find(attempt);
  if (attempt.empty() || made == attempts_.end()) return std::nullopt;
  std::vector<Receipt> receipts;
  for (const auto& [order, receipt] : made->second.taken) {
    const auto found = entries_.find(order);
    if (found == entries_.end() || found->second.receipt != receipt ||
        !found->second.IsInFlight()) {
      return std::nullopt;
    }
    auto message = LoadMessage(order);
    if (message.has_error()) return std::nullopt;
    receipts.push_back(ReceiptOf(order, found->second, std::move(message).value()));
  }
  for (const auto& [order, receipt] : made->second.taken) {
    SetVisible(order, entries_.at(order), visible_nanos);
    SaveState(order, entries_.at(order));
  }
  return receipts;
}

Result<Message> Queue::LoadMessage(std::uint64_t order) const {
  const auto text = store_.LoadValue(StoredName("message", order));
  if (!text) return MakeError(ErrorCode::kNotFound, "a message is not in the store");
  return MessageFromText(*text);
}

Receipt Queue::ReceiptOf(std::uint64_t order, const Entry& entry, Message message) const {
  return {std::move(message), HandleText(order, entry.receipt), entry.receives,
          entry.first_received_nanos};
}

std::string Queue::HandleText(std::uint64_t order, std::uint64_t receipt) const {
  return Base64Encode(description_.id + " " + HexDigits(order) + " " + HexDigits(receipt));
}

std::optional<Queue::Handle> Queue::ParseHandle(const std::string& text) const {
  const auto decoded = Base64Decode(text);
  if (!decoded) return std::nullopt;
  const std::vector<std::string_view> parts = Split(*decoded, ' ');
  if (parts.size() != 3 || parts[0] != description_.id) return std::nullopt;
  Handle handle;
  for (std::size_t i = 1; i < 3; ++i) {
    if (parts[i].size() != 16 ||
        parts[i].find_first_not_of("0123456789abcdef") != std::string_view::npos) {
      return std::nullopt;
    }
    (i == 1 ? handle.order : handle.receipt) = std::stoull(std::string(parts[i]), nullptr, 16);
  }
  return handle;
}

Outcome<void> Queue::Delete(const std::string& text) {
  Settle();
  const auto handle = ParseHandle(text);
  if (!handle) return ReceiptHandleIsInvalid(text);
  const auto found = entries_.find(handle->order);
  if (found == entries_.end() || found->second.receipt != handle->receipt) return {};
  if (description_.is_fifo && !found->second.IsInFlight()) {
    return InvalidParameter(text, "ReceiptHandle", "The receipt handle has expired.");
  }
  Remove(handle->order);
  arrived_.NotifyAll();  // the next of a group can be received
  return {};
}

Outcome<void> Queue::ChangeVisibility(const std::string& text, std::int64_t seconds) {
  if (seconds < 0 || seconds > kVisibilitySecondsMax) {
    return InvalidParameter(std::to_string(seconds), "VisibilityTimeout",
                            "VisibilityTimeout must be an integer between 0 and 43200");
  }
  Settle();
  const auto handle = ParseHandle(text);
  if (!handle) return ReceiptHandleIsInvalid(text);
  const auto found = entries_.find(handle->order);
  if (found == entries_.end() || found->second.receipt != handle->receipt ||
      !found->second.IsInFlight()) {
    return InvalidParameter(text, "ReceiptHandle",
                            "Message does not exist or is not available for visibility timeout "
                            "change.");
  }
  SetVisible(handle->order, found->second, seconds == 0 ? 0 : Now() + seconds * kNanosPerSecond);
  SaveState(handle->order, found->second);
  arrived_.NotifyAll();  // also if it is hidden for a shorter time: who waits looks again
  return {};
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
