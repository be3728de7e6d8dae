// Attribute values in DynamoDB JSON, {"S": "a"}, {"N": "1"}, {"M": {...}}: read from a parsed
// request, and written as normalised text, in which equal values are equal bytes: names sorted,
// numbers without exponent, sets sorted, no blanks.
//
// Every error is kInvalidArgument with DynamoDB's text.  The texts are those that the tests of
// dynalite recorded: https://github.com/architect/dynalite/tree/main/test
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
Result<AttributeValue> ReadValue(simdjson::dom::element value);
Result<AttributeMap> ReadItem(simdjson::dom::element item);

// Sets of what a client listed, in its order: at least one element.  Duplicates are refused.
Result<AttributeValue> StringSetOf(AttributeValue::Strings elements);
Result<AttributeValue> NumberSetOf(AttributeValue::Numbers elements);
Result<AttributeValue> BinarySetOf(AttributeValue::Strings elements);

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
