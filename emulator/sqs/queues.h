// Queues: SQS's queues over the store, without a protocol.
//
// Everything is one step unless it returns a Task, and is saved in the turn's transaction.  Queues
// are named by ARN, "arn:aws:sqs:REGION:ACCOUNT:NAME"; QueueDoesNotExist: there is none.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"
#include "emulator/base/random.h"
#include "emulator/sqs/failure.h"
#include "emulator/sqs/message.h"
#include "emulator/sqs/queue.h"
#include "emulator/sqs/scope.h"
#include "store/store.h"

namespace kless::sqs {

// Tags of a queue.
constexpr std::size_t kTagsMax = 50;

// A move of the messages of a dead-letter queue; it is complete when it has begun.
struct MoveTask {
  std::string source;       // ARNs
  std::string destination;  // "": each message went back to the queue it came from
  std::int64_t moved = 0;
  std::int64_t to_move = 0;
  std::int64_t started_nanos = 0;
  std::string failure;  // "": the task is COMPLETED, else FAILED for this reason
};
// What ListMessageMoveTasks can show of a queue.
constexpr std::size_t kMoveTasksMax = 10;

struct ReceiveRequest {
  int count = 1;
  std::optional<std::int64_t> visibility_seconds;  // the queue's own by default
  std::string attempt;                             // ReceiveRequestAttemptId, of FIFO queues
};

class Queues {
 public:
  using Tags = std::map<std::string, std::string>;

  // Loads what was saved.  Both references must outlive the queues.
  Queues(EventLoop& event_loop, Store& store, std::uint64_t seed);
  Queues(const Queues&) = delete;
  Queues& operator=(const Queues&) = delete;

  // A queue of the same name with the same attributes is accepted; with others: QueueNameExists.
  Outcome<void> Create(const Scope& scope, const std::string& name,
                       const QueueAttributes::Values& attributes, const Tags& tags);
  // Null if there is none.  The pointer is valid during the step.
  Queue* Find(std::string_view arn);
  Outcome<Queue*> Get(std::string_view arn);
  // In order of name.
  std::vector<std::string> Names(const Scope& scope, const std::string& prefix) const;
  // ARNs of the queues that have this one as their dead-letter queue, in order.
  std::vector<std::string> SourcesOf(const std::string& arn) const;
  Outcome<void> Delete(std::string_view arn);
  Outcome<void> SetAttributes(std::string_view arn, const QueueAttributes::Values& values);
  // All attributes, the computed ones included.
  Outcome<QueueAttributes::Values> Attributes(std::string_view arn);
  Outcome<void> Tag(std::string_view arn, const Tags& tags);
  Outcome<void> Untag(std::string_view arn, const std::vector<std::string>& keys);

  Outcome<SentMessage> Send(std::string_view arn, const SendRequest& request);
  // What can be received now.  Messages that have been received too often move to the dead-letter
  // queue, if it exists.
  Outcome<std::vector<Receipt>> ReceiveNow(std::string_view arn, const ReceiveRequest& request);
  // Waits for the first message until `deadline` of the emulated clock: an empty list then.
  Task<Outcome<std::vector<Receipt>>> Receive(std::string arn, ReceiveRequest request,
                                              TimePoint deadline);
  // The handle of an earlier receive deletes nothing and succeeds, as on AWS.
  Outcome<void> DeleteMessage(std::string_view arn, const std::string& handle);
  // `seconds` from now, 0..43200; 0: it can be received at once.
  Outcome<void> ChangeVisibility(std::string_view arn, const std::string& handle,
                                 std::int64_t seconds);

  // Moves what can be received from a dead-letter queue to `destination`, or if that is "" to the
  // queues it came from.  A moved message is a new one, with another id.  Returns the task's
  // handle.  Errors: ResourceNotFoundException, InvalidParameterValue.
  Outcome<std::string> Move(const std::string& source, const std::string& destination);
  // The newest first. ResourceNotFoundException: there is no such queue.
  Outcome<std::vector<MoveTask>> MoveTasks(const std::string& source);

 private:
  void SaveMoveTask(const MoveTask& task);
  Outcome<void> CheckRedrive(const std::string& arn, bool is_fifo,
                             const QueueAttributes& attributes);

  EventLoop& event_loop_;
  Store& store_;
  Random random_;
  std::map<std::string, std::unique_ptr<Queue>, std::less<>> queues_;  // by ARN
};

}  // namespace kless::sqs
