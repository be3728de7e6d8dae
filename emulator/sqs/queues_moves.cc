#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/sqs/queues.h"

namespace kless::sqs {
namespace {

using nlohmann::json;

// "sqs/move/QUEUE/TIME"
std::string MovePrefix(const Queue& queue) { return "sqs/move/" + queue.description().id + "/"; }

Failure NoResource(const std::string& parameter) {
  return ResourceNotFound("The resource that you specified for the " + parameter +
                          " parameter doesn't exist.");
}

}  // namespace

Outcome<std::string> Queues::Move(const std::string& source, const std::string& destination) {
  Queue* const from = Find(source);
  if (from == nullptr) return NoResource("SourceArn");
  if (SourcesOf(source).empty()) {
    return InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.");
  }
  if (source == destination) {
    return InvalidParameterValue("Source queue arn and destination queue arn cannot be the same.");
  }
  if (!destination.empty()) {
    const Queue* const to = Find(destination);
    if (to == nullptr) return NoResource("DestinationArn");
    if (to->description().is_fifo != from->description().is_fifo) {
      return InvalidParameterValue("Source and destination must be queues of the same type.");
    }
  }
  MoveTask task;
  task.source = source;
  task.destination = destination;
  task.started_nanos = event_loop_.UnixNanos();
  task.to_move = static_cast<std::int64_t>(from->Counts().available);
  // No more than there were: a queue may be the source of its own messages.
  while (task.moved < task.to_move) {
    auto message = from->TakeNext();
    if (!message) break;
    Queue* const to = Find(destination.empty() ? message->source_arn : destination);
    if (to == nullptr) {
      from->Take(std::move(*message));
      task.failure = "CouldNotDetermineMessageSource";
      break;
    }
    message->id = random_.Uuid();
    message->sent_nanos = task.started_nanos;
    message->source_arn.clear();
    to->Take(std::move(*message));
    ++task.moved;
  }
  SaveMoveTask(task);
  // A failure can be made of a text as well, so the result is named.
  return Outcome<std::string>(
      boost::system::in_place_value,
      Base64Encode(DumpJson(json{{"taskId", random_.Uuid()}, {"sourceArn", source}})));
}

void Queues::SaveMoveTask(const MoveTask& task) {
  const std::string prefix = MovePrefix(*Find(task.source));
  auto saved = store_.LoadValues(prefix);
  std::uint64_t number = static_cast<std::uint64_t>(task.started_nanos);
  if (!saved.empty()) {
    const std::string last = saved.rbegin()->first.substr(prefix.size());
    number = std::max<std::uint64_t>(number, std::stoull(last, nullptr, 16) + 1);
  }
  store_.SaveValue(prefix + HexDigits(number), DumpJson(json{{"destination", task.destination},
                                                             {"moved", task.moved},
                                                             {"to_move", task.to_move},
                                                             {"started", task.started_nanos},
                                                             {"failure", task.failure}}));
  for (; saved.size() >= kMoveTasksMax; saved.erase(saved.begin())) {
    store_.RemoveValue(saved.begin()->first);
  }
}

Outcome<std::vector<MoveTask>> Queues::MoveTasks(const std::string& source) {
  const Queue* const queue = Find(source);
  if (queue == nullptr) return NoResource("SourceArn");
  std::vector<MoveTask> tasks;
  for (const auto& [name, text] : store_.LoadValues(MovePrefix(*queue))) {
    const auto parsed = ParseJson(text);
    if (parsed.has_error()) continue;
    const json& parts = parsed.value();
    tasks.insert(tasks.begin(),
                 {source, parts.value("destination", ""), parts.value("moved", std::int64_t{0}),
                  parts.value("to_move", std::int64_t{0}), parts.value("started", std::int64_t{0}),
                  parts.value("failure", "")});
  }
  return tasks;
}

}  // namespace kless::sqs
