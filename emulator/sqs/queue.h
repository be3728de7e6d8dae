// Queue: the messages of one queue: which can be received, which are hidden, and in which order.
//
// Bodies stay in the store; memory has a small entry for each message.  Every change is saved in
// the turn's transaction.  Nothing has a timer: what is due (the end of a delay, of a visibility
// timeout, of the retention) happens when the queue is next looked at, so a restart and a skipped
// clock need nothing.
//
// Messages are received in the order in which they came.  In a FIFO queue a group with a message in
// flight gives no other message, so the messages of a group are received in order, and a message
// whose visibility timeout has ended is again the first of its group.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/random.h"
#include "emulator/sqs/message.h"
#include "emulator/sqs/queue_attributes.h"
#include "emulator/sqs/scope.h"
#include "store/store.h"

namespace kless::sqs {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
constexpr std::size_t kInFlightMax = 120'000;
constexpr std::int64_t kVisibilitySecondsMax = 43'200;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
// For how long a FIFO queue recognises a message or a receive attempt that is sent again.
constexpr std::int64_t kDeduplicationNanos = 300ll * 1'000'000'000;

struct SentMessage {
  std::string id;
  std::string sequence_number;  // of FIFO queues, else ""
};

// A message as it was received.
struct Receipt {
  Message message;
  std::string handle;
  std::int64_t receives = 0;
  std::int64_t first_received_nanos = 0;
};

struct QueueCounts {
  std::size_t available = 0;
  std::size_t in_flight = 0;
  std::size_t delayed = 0;
};

class Queue {
 public:
  struct Description {
    std::string id;  // of the store's names; no two queues ever have the same
    std::string name;
    Scope scope;
    bool is_fifo = false;
    std::int64_t created_nanos = 0;
    std::int64_t modified_nanos = 0;
    QueueAttributes attributes;
    std::map<std::string, std::string> tags;
  };

  // Loads the messages that were saved.  All references must outlive the queue.
  Queue(EventLoop& event_loop, Store& store, Random& random, Description description);

  const Description& description() const { return description_; }
  std::string arn() const { return QueueArn(description_.scope, description_.name); }
  void SetAttributes(const QueueAttributes& attributes);
  void SetTags(std::map<std::string, std::string> tags);
  void Save() const;
  // Removes the queue and all its messages from the store.
  void Erase();

  // Errors: those of CheckMessage, and of the parameters of the queue's type.
  Outcome<SentMessage> Send(const SendRequest& request);
  // Puts a message of another queue here, as it was sent, its time included.
  void Take(Message message);

  // Hides up to `count` messages.  Those that have been received as often as the redrive policy
  // allows go to `*dead` instead and leave the queue, if `dead` is not null.
  // `attempt`: ReceiveRequestAttemptId, "" without.  Errors: OverLimit.
  Outcome<std::vector<Receipt>> Receive(int count, std::int64_t visibility_seconds,
                                        const std::string& attempt, std::vector<Message>* dead);
  Outcome<void> Delete(const std::string& handle);
  Outcome<void> ChangeVisibility(const std::string& handle, std::int64_t seconds);
  void Purge();
  // Takes the next message that can be received out of the queue; nullopt if there is none.
  std::optional<Message> TakeNext();

  QueueCounts Counts();
  // When a message that is now hidden can be received.
  std::optional<std::int64_t> NextVisibleNanos() const;
  // Notified whenever there may be more to receive, and by Erase.
  Event& arrived() { return arrived_; }

 private:
  struct Entry {
    std::int64_t sent_nanos = 0;
    std::string group;
    // What a receive changes; saved apart from the body.
    std::int64_t visible_nanos = 0;  // 0: it is available
    std::int64_t receives = 0;
    std::int64_t first_received_nanos = 0;
    std::uint64_t receipt = 0;  // of the last handle
    bool IsInFlight() const { return visible_nanos != 0 && receives > 0; }
  };
  using Entries = std::map<std::uint64_t, Entry>;  // by order of arrival
  struct Group {
    std::set<std::uint64_t> orders;
    std::size_t in_flight = 0;
    std::uint64_t head = 0;  // its place in heads_; 0: none
  };
  struct Sent {
    SentMessage message;
    std::int64_t until_nanos = 0;
  };
  struct Attempt {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> taken;  // order, receipt
    std::int64_t until_nanos = 0;
  };
  struct Handle {
    std::uint64_t order = 0;
    std::uint64_t receipt = 0;
  };

  std::int64_t Now() const { return event_loop_.UnixNanos(); }
  std::string StoredName(const char* kind, std::uint64_t order) const;
  void Load();
  void Settle();
  Outcome<void> CheckType(const SendRequest& request) const;
  void Add(const Message& message, std::int64_t visible_nanos);
  void Insert(std::uint64_t order, Entry entry);
  void Remove(std::uint64_t order);
  // Changes until when an entry is hidden; 0: no longer.
  void SetVisible(std::uint64_t order, Entry& entry, std::int64_t visible_nanos);
  void SaveState(std::uint64_t order, const Entry& entry);
  void UpdateHead(const std::string& name);
  // The next entry that can be received, after `after`; FIFO: of groups without one in flight.
  std::vector<std::uint64_t> Candidates(std::size_t count) const;
  Receipt ReceiptOf(std::uint64_t order, const Entry& entry, Message message) const;
  Result<Message> LoadMessage(std::uint64_t order) const;
  std::string HandleText(std::uint64_t order, std::uint64_t receipt) const;
  std::optional<Handle> ParseHandle(const std::string& text) const;
  std::string DeduplicationKey(const SendRequest& request) const;
  std::optional<std::vector<Receipt>> Repeated(const std::string& attempt,
                                               std::int64_t visible_nanos);

  EventLoop& event_loop_;
  Store& store_;
  Random& random_;
  Description description_;
  Entries entries_;
  std::set<std::uint64_t> available_;                        // not hidden
  std::set<std::pair<std::int64_t, std::uint64_t>> hidden_;  // by the time of their return
  std::set<std::pair<std::int64_t, std::uint64_t>> by_age_;  // by the time of sending
  std::map<std::string, Group> groups_;                      // of FIFO queues
  std::set<std::pair<std::uint64_t, std::string>> heads_;    // groups without one in flight
  std::map<std::string, Sent> sent_;                         // by deduplication key
  std::set<std::pair<std::int64_t, std::string>> sent_until_;
  std::map<std::string, Attempt> attempts_;
  std::size_t in_flight_ = 0;
  std::uint64_t last_order_ = 0;
  Event arrived_;
};

}  // namespace kless::sqs
