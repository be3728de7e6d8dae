// Attribute values in DynamoDB JSON, {"S": "a"}, {"N": "1"}, {"M": {...}}: read from a parsed
// request, and written as normalised text, in which equal values are equal bytes: names sorted,
// numbers without exponent, sets sorted, no blanks.
//
// Every error is kInvalidArgument with DynamoDB's text: see ErrorTexts.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/value.h"

namespace kless {

// The levels of a document: an attribute is at the first, an element of its L or M at the second.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr int kValueNestingMax = 32;
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
constexpr std::size_t kAttributeNameBytesMax = 65'535;

// DynamoDB has two generations of code that checks requests, whose errors differ in their texts.
// Which one answers depends on the operation and, while the current one is being introduced, on the
// region.
//   kOlder: the tests of dynalite recorded it: https://github.com/architect/dynalite/tree/main/test
//   kCurrent: since 2026; recorded in all regions, and for each operation, by
//     https://github.com/paritysuite/dynamodb-conformance (its error messages and captures)
//     and in us-east-1 by https://github.com/getmoto/moto (its tests of DynamoDB).
enum class ErrorTexts { kOlder, kCurrent };

// A document that has more levels than that.
Error NestingError();

// Checks the JSON types of a value, without looking at what it says; the error is the message of
// a SerializationException.  Unknown members and members that are null are ignored.
Result<void> CheckValueTypes(simdjson::dom::element value);
// The same for an object whose members are values.
Result<void> CheckItemTypes(simdjson::dom::element item);

// Read what CheckValueTypes accepts.  The error is the message of a ValidationException: no type or
// several, numbers, empty sets, duplicates in sets, nesting, names.  A value whose JSON types are
// wrong is refused with the message of CheckValueTypes.
Result<AttributeValue> ReadValue(simdjson::dom::element value,
                                 ErrorTexts texts = ErrorTexts::kOlder);
Result<AttributeMap> ReadItem(simdjson::dom::element item, ErrorTexts texts = ErrorTexts::kOlder);

// Sets of what a client listed, in its order: at least one element.  Duplicates are refused.
Result<AttributeValue> StringSetOf(AttributeValue::Strings elements,
                                   ErrorTexts texts = ErrorTexts::kOlder);
Result<AttributeValue> NumberSetOf(AttributeValue::Numbers elements,
                                   ErrorTexts texts = ErrorTexts::kOlder);
Result<AttributeValue> BinarySetOf(AttributeValue::Strings elements,
                                   ErrorTexts texts = ErrorTexts::kOlder);

// Accepts names of 1 to 65,535 bytes.
Result<void> CheckAttributeName(std::string_view name);

// Append the normalised text.
void AppendJson(const AttributeValue& value, std::string& out);
void AppendJson(const AttributeMap& item, std::string& out);
std::string ToJson(const AttributeValue& value);
std::string ToJson(const AttributeMap& item);

// Reads normalised text back; the parser is the caller's, so that one buffer serves many items.
// kInternal: the text is not what AppendJson wrote.
Result<AttributeValue> ParseValue(std::string_view text, PaddedParser& parser);
Result<AttributeMap> ParseItem(std::string_view text, PaddedParser& parser);

}  // namespace kless
