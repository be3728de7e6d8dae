// The parameters from before expressions, translated into the syntax tree of expressions: Expected,
// QueryFilter, ScanFilter, KeyConditions, AttributeUpdates and AttributesToGet.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
//
// The JSON types of what they read have been checked against the shapes of the API.  Errors are
// kInvalidArgument with the whole message of DynamoDB.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/key_condition.h"
#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {

// `conditional_operator`: "AND", "OR", or "" if it is absent, which means AND.  Without conditions
// the result is nullopt: everything meets it.
Result<std::optional<ConditionNode>> ConditionOfExpected(
    std::optional<simdjson::dom::element> expected, std::string_view conditional_operator,
    ErrorTexts texts = ErrorTexts::kOlder);
Result<std::optional<ConditionNode>> ConditionOfFilter(std::optional<simdjson::dom::element> filter,
                                                       std::string_view conditional_operator,
                                                       ErrorTexts texts = ErrorTexts::kOlder);

// For MakePartitionRange.
Result<KeyConditions> KeyConditionsOf(simdjson::dom::element key_conditions,
                                      ErrorTexts texts = ErrorTexts::kOlder);

// For ApplyUpdate.  Without updates an item that does not exist is created.
Result<UpdateExpression> UpdateOf(simdjson::dom::element attribute_updates,
                                  ErrorTexts texts = ErrorTexts::kOlder);

// For Project.
Result<Projection> ProjectionOf(simdjson::dom::element attributes_to_get);

}  // namespace kless
