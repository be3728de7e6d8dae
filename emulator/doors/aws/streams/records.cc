#include "emulator/doors/aws/streams/records.h"

#include "emulator/base/clock.h"
#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

// 32 hexadecimal digits, always the same for a record, and those that functions get.
std::string EventId(const std::string& table, std::uint64_t sequence) {
  const std::uint64_t high = HashBytes(table, sequence);
  return HexDigits(high) + HexDigits(HashBytes(table, high));
}

std::size_t KeyBytesOf(const ItemLayout& layout, const Key& key) {
  Item only_key;
  only_key.key = key;
  return SizeOfStored(layout, only_key);
}

}  // namespace

std::string RecordJson(const dynamodb::StreamRecords& page, const ChangeRecord& record) {
  using dynamodb::ViewType;
  std::string keys = "{";
  AppendKeyMembers(page.layout.keys, record.key, keys);
  std::size_t bytes = KeyBytesOf(page.layout, record.key);
  JsonObjectText change;
  change.Integer("ApproximateCreationDateTime", record.unix_nanos / kNanosPerSecond)
      .Raw("Keys", keys + "}");
  const auto add_image = [&](const char* name, const ItemPtr& image) {
    if (!image) return;
    std::string text;
    AppendItemJson(page.layout, *image, text);
    bytes += SizeOfStored(page.layout, *image);
    change.Raw(name, text);
  };
  if (page.view == ViewType::kNewImage || page.view == ViewType::kNewAndOldImages) {
    add_image("NewImage", record.new_image);
  }
  if (page.view == ViewType::kOldImage || page.view == ViewType::kNewAndOldImages) {
    add_image("OldImage", record.old_image);
  }
  change.String("SequenceNumber", dynamodb::SequenceNumber(record.sequence))
      .Integer("SizeBytes", static_cast<std::int64_t>(bytes))
      .String("StreamViewType", ViewTypeName(page.view));
  JsonObjectText text;
  text.String("eventID", EventId(page.table, record.sequence))
      .String("eventName", ChangeTypeName(record.type))
      .String("eventVersion", "1.1")
      .String("eventSource", "aws:dynamodb")
      .String("awsRegion", page.region)
      .Raw("dynamodb", change.Finish());
  if (record.expired) {
    text.Raw("userIdentity", JsonObjectText()
                                 .String("PrincipalId", "dynamodb.amazonaws.com")
                                 .String("Type", "Service")
                                 .Finish());
  }
  return text.Finish();
}

}  // namespace kless::doors::aws
