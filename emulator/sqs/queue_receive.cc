#include <utility>

#include "emulator/base/strings.h"
#include "emulator/sqs/queue.h"

namespace kless::sqs {

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

}  // namespace kless::sqs
