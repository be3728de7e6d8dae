// Expressions of every kind: what compiles can be evaluated and applied.  The first character says
// which kind: c, f, k, u or p.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/expression/expression.h"
#include "emulator/dynamodb/model/expression/key_condition.h"
#include "emulator/dynamodb/model/expression/key_rules.h"
#include "emulator/dynamodb/model/expression/projection.h"
#include "emulator/dynamodb/model/expression/update.h"
#include "emulator/dynamodb/model/value_json.h"

namespace {

kless::AttributeValue Value(std::string_view json) {
  kless::PaddedParser parser;
  return kless::ParseValue(json, parser).value();
}

const kless::AttributeMap& Item() {
  static const kless::AttributeMap item = Value(R"({"M":{
      "p":{"S":"partition"},"a":{"N":"5"},"b":{"S":"text"},"s":{"SS":["x","y"]},
      "l":{"L":[{"N":"1"},{"M":{"x":{"S":"deep"}}}]},
      "m":{"M":{"x":{"NS":["1","2"]},"y":{"B":"AQ=="}}},"n":{"NULL":true}}})")
                                              .map();
  return item;
}

kless::Placeholders AllPlaceholders() {
  kless::Placeholders placeholders;
  placeholders.AddName("#a", "a");
  placeholders.AddName("#l", "l");
  placeholders.AddName("#x", "a.b");
  placeholders.AddValue(":n", Value(R"({"N":"2"})"));
  placeholders.AddValue(":s", Value(R"({"S":"S"})"));
  placeholders.AddValue(":b", Value(R"({"B":"AQ=="})"));
  placeholders.AddValue(":l", Value(R"({"L":[{"S":"x"}]})"));
  placeholders.AddValue(":t", Value(R"({"SS":["x"]})"));
  placeholders.AddValue(":m", Value(R"({"M":{"x":{"N":"1"}}})"));
  return placeholders;
}

const kless::KeySchema& Schema() {
  static const kless::KeySchema schema{{{"p", kless::KeyType::kString}},
                                       {{"a", kless::KeyType::kNumber}}};
  return schema;
}

void RunCondition(kless::ConditionUse use, std::string_view text) {
  kless::Placeholders placeholders = AllPlaceholders();
  const auto condition = kless::CompileCondition(use, text, placeholders);
  if (condition.has_error()) return;
  (void)placeholders.CheckAllUsed();
  (void)kless::Holds(condition.value(), kless::MapSource(&Item()));
  (void)kless::Holds(condition.value(), kless::MapSource(nullptr));
  (void)kless::CheckFilterKeys(condition.value(), Schema(), "Filter Expression");
  (void)kless::CheckKeyPaths(condition.value(), Schema(), false);
  if (use != kless::ConditionUse::kKeyCondition) return;
  const auto conditions = kless::ReadKeyConditions(condition.value());
  if (conditions.has_error()) return;
  const auto range = kless::MakePartitionRange(conditions.value(), Schema());
  if (range.has_value()) (void)range.value().Contains("");
}

void RunUpdate(std::string_view text) {
  kless::Placeholders placeholders = AllPlaceholders();
  const auto update = kless::CompileUpdate(text, placeholders);
  if (update.has_error()) return;
  (void)kless::CheckUpdateKeys(update.value(), Schema());
  for (const kless::AttributeMap* const item :
       {&Item(), static_cast<const kless::AttributeMap*>(nullptr)}) {
    const auto after = kless::ApplyUpdate(update.value(), item);
    if (after.has_error() || !after.value()) continue;
    kless::PaddedParser parser;
    const auto again = kless::ParseItem(kless::ToJson(*after.value()), parser);
    KLESS_CHECK(again.has_value() && again.value() == *after.value(), "an updated item changed");
    (void)kless::Project(kless::PathsOf(update.value()), kless::MapSource(&*after.value()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'f':
      RunCondition(kless::ConditionUse::kFilter, text);
      break;
    case 'k':
      RunCondition(kless::ConditionUse::kKeyCondition, text);
      break;
    case 'u':
      RunUpdate(text);
      break;
    case 'p': {
      kless::Placeholders placeholders = AllPlaceholders();
      const auto projection = kless::CompileProjection(text, placeholders);
      if (projection.has_value()) {
        (void)kless::Project(projection.value(), kless::MapSource(&Item()));
      }
      break;
    }
    default:
      RunCondition(kless::ConditionUse::kCondition, text);
  }
  return 0;
}
