#include "emulator/dynamodb/model/expression/expression.h"

#include <string>
#include <utility>

#include "emulator/dynamodb/model/expression/bind.h"
#include "emulator/dynamodb/model/expression/parser.h"

namespace kless {
namespace {

std::string_view NameOf(ConditionUse use) {
  switch (use) {
    case ConditionUse::kCondition:
      return "ConditionExpression";
    case ConditionUse::kFilter:
      return "FilterExpression";
    case ConditionUse::kKeyCondition:
      return "KeyConditionExpression";
  }
  return "";
}

Error Named(std::string_view name, Error error) {
  error.message = "Invalid " + std::string(name) + ": " + error.message;
  return error;
}

}  // namespace

Result<ConditionNode> CompileCondition(ConditionUse use, std::string_view text,
                                       Placeholders& placeholders) {
  auto parsed = ParseCondition(text, use != ConditionUse::kKeyCondition);
  if (parsed.has_error()) return Named(NameOf(use), parsed.error());
  auto bound = BindCondition(parsed.value(), placeholders);
  if (bound.has_error()) return Named(NameOf(use), bound.error());
  return std::move(parsed.value().root);
}

Result<UpdateExpression> CompileUpdate(std::string_view text, Placeholders& placeholders) {
  auto parsed = ParseUpdate(text);
  if (parsed.has_error()) return Named("UpdateExpression", parsed.error());
  auto bound = BindUpdate(parsed.value(), placeholders);
  if (bound.has_error()) return Named("UpdateExpression", bound.error());
  return std::move(parsed.value().update);
}

Result<Projection> CompileProjection(std::string_view text, Placeholders& placeholders) {
  auto parsed = ParseProjection(text);
  if (parsed.has_error()) return Named("ProjectionExpression", parsed.error());
  auto bound = BindProjection(parsed.value(), placeholders);
  if (bound.has_error()) return Named("ProjectionExpression", bound.error());
  return parsed;
}

}  // namespace kless
