#include "functions/pool/mapping/stream_event.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "store/item_json.h"
#include "store/store.h"

namespace kless {
namespace {

using nlohmann::json;

// A stream's label is the time at which it was enabled.  A mapping reads tables without a stream as
// if they had always had one.
constexpr const char* kStreamLabel = "2026-01-01T00:00:00.000";
constexpr std::int64_t kStreamMilliseconds = 1'767'225'600'000;

std::size_t ValueBytes(const json& value);

std::size_t AttributesBytes(const json& item) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : item.items()) bytes += name.size() + ValueBytes(value);
  return bytes;
}

// One byte per two significant digits, plus one.
std::size_t NumberBytes(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  const auto first = digits.find_first_not_of('0');
  if (first == std::string::npos) return 1;
  const auto last = digits.find_last_not_of('0');
  return (last - first + 2) / 2 + 1 + (text.starts_with('-') ? 1 : 0);
}

std::size_t ScalarBytes(char type, const std::string& text) {
  if (type == 'N') return NumberBytes(text);
  if (type == 'B') {
    const auto bytes = Base64Decode(text);
    return bytes ? bytes->size() : text.size();
  }
  return text.size();
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
std::size_t ValueBytes(const json& value) {
  if (!value.is_object() || value.size() != 1) return 0;
  const std::string& type = value.begin().key();
  const json& inner = value.begin().value();
  if (inner.is_string()) return ScalarBytes(type.front(), inner.get_ref<const std::string&>());
  if (type == "M" && inner.is_object()) return 3 + inner.size() + AttributesBytes(inner);
  if (!inner.is_array()) return 1;  // NULL, BOOL
  std::size_t bytes = type == "L" ? 3 + inner.size() : 0;
  for (const json& element : inner) {
    bytes += element.is_string() ? ScalarBytes(type.front(), element.get_ref<const std::string&>())
                                 : ValueBytes(element);
  }
  return bytes;
}

json KeysOf(const TableDescription& table, const Key& key) {
  Item only_key;
  only_key.key = key;
  return ItemToJson(table, only_key);
}

// Returns 32 hexadecimal digits, always the same for a record.
std::string EventId(const TableDescription& table, std::uint64_t sequence) {
  const std::uint64_t high = HashBytes(table.name, sequence);
  return HexDigits(high) + HexDigits(HashBytes(table.name, high));
}

json ParsedState(const std::string& state) {
  return json::parse(state, nullptr, /*allow_exceptions=*/false);
}

}  // namespace

std::string StreamArn(const TableDescription& table) {
  return std::string("arn:aws:dynamodb:") + kAwsRegion + ":" + kAwsAccount + ":table/" +
         table.name + "/stream/" + kStreamLabel;
}

std::string StreamSequenceNumber(std::uint64_t sequence) { return fmt::format("{:021}", sequence); }

StreamView StreamViewOf(const RecordSourcePtr& source, const TableDescription& table,
                        const ChangeRecord& record) {
  StreamView view;
  if (source && source->view) view = source->view(record);
  if (view.arn.empty()) view.arn = StreamArn(table);
  return view;
}

std::string ShardIdOf(const RecordSourcePtr& source, const TableDescription& table,
                      const ChangeRecord& record) {
  std::string id;
  if (source && source->shard_id) id = source->shard_id(record);
  if (!id.empty()) return id;
  return fmt::format("shardId-{:020}-{:08x}{:08x}", kStreamMilliseconds, table.id, record.shard);
}

json StreamRecordToJson(const TableDescription& table, const ChangeRecord& record,
                        const RecordSourcePtr& source) {
  StreamView view = StreamViewOf(source, table, record);
  json change = {{"ApproximateCreationDateTime", record.unix_nanos / kNanosPerSecond},
                 {"Keys", KeysOf(table, record.key)},
                 {"SequenceNumber", StreamSequenceNumber(record.sequence)},
                 {"StreamViewType", view.type}};
  std::size_t bytes = AttributesBytes(change["Keys"]);
  const bool both = view.type == "NEW_AND_OLD_IMAGES";
  const ItemPtr new_image = both || view.type == "NEW_IMAGE" ? record.new_image : nullptr;
  const ItemPtr old_image = both || view.type == "OLD_IMAGE" ? record.old_image : nullptr;
  for (const auto& [name, image] :
       {std::pair("NewImage", new_image), std::pair("OldImage", old_image)}) {
    if (image == nullptr) continue;
    json item = ItemToJson(table, *image);
    bytes += AttributesBytes(item);
    change[name] = std::move(item);
  }
  change["SizeBytes"] = bytes;
  json event = {{"eventID", EventId(table, record.sequence)},
                {"eventName", ChangeTypeName(record.type)},
                {"eventVersion", "1.1"},
                {"eventSource", "aws:dynamodb"},
                {"awsRegion", Split(view.arn, ':').at(3)},
                {"dynamodb", std::move(change)},
                {"eventSourceARN", std::move(view.arn)}};
  if (record.expired) {
    event["userIdentity"] = {{"principalId", "dynamodb.amazonaws.com"}, {"type", "Service"}};
  }
  return event;
}

std::string EventText(Store& store, const FunctionEvent& event) {
  if (event.records.empty() && !event.window) return event.payload.empty() ? "{}" : event.payload;
  json list = json::array();
  for (const RecordPtr& record : event.records) {
    list.push_back(
        StreamRecordToJson(store.FindTable(record->table)->description(), *record, event.source));
  }
  json text = {{"Records", std::move(list)}};
  if (event.window) {
    const EventWindow& window = *event.window;
    text["window"] = {{"start", FormatTime(window.start_nanos)},
                      {"end", FormatTime(window.end_nanos)}};
    text["state"] = ParsedState(window.state);
    text["shardId"] = window.shard_id;
    text["eventSourceARN"] = window.arn;
    text["isFinalInvokeForWindow"] = window.is_final;
    text["isWindowTerminatedEarly"] = window.terminated_early;
  }
  return DumpJson(text);
}

}  // namespace kless
