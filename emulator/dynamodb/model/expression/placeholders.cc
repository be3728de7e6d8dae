#include "emulator/dynamodb/model/expression/placeholders.h"

#include <algorithm>
#include <utility>

#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

using simdjson::dom::element;

Error PlaceholderError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

// "#n" or ":v": the mark, and then letters, digits and _.
bool IsReference(std::string_view key, char mark) {
  return key.size() > 1 && key[0] == mark && std::all_of(key.begin() + 1, key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

// Calls `add(key, member)` for each member once all keys are known to be references.
template <class Add>
Result<void> ReadReferences(element object, const std::string& parameter, char mark,
                            bool names_the_key, Add add) {
  if (!object.is_object()) {
    return PlaceholderError("Unexpected field type");
  }
  const auto members = object.get_object().value_unsafe();
  if (members.size() == 0) return PlaceholderError(parameter + " must not be empty");
  for (const auto [key, member] : members) {
    if (key.size() > kReferenceBytesMax) {
      // Only for names does AWS tell the size.
      return PlaceholderError(
          parameter +
          " contains invalid key: The expression attribute map contains a key that is too long;" +
          (mark == '#' ? " size of key: " + std::to_string(key.size()) : ""));
    }
    if (IsReference(key, mark)) continue;
    return PlaceholderError(parameter + " contains invalid key: Syntax error; key: \"" +
                            std::string(key) + "\"");
  }
  for (const auto [key, member] : members) {
    Result<void> added = add(key, member);
    if (added.has_error()) {
      if (!names_the_key) return added;
      return PlaceholderError(parameter + " contains invalid value: " + added.error().message +
                              " for key " + std::string(key));
    }
  }
  return {};
}

std::string JoinGiven(const std::vector<GivenParameter>& parameters, bool given,
                      const std::string& separator) {
  std::string text;
  for (const auto& parameter : parameters) {
    if (parameter.given != given) continue;
    if (!text.empty()) text += separator;
    text += parameter.name;
  }
  return text;
}

}  // namespace

Result<Placeholders> Placeholders::Read(std::optional<element> names, std::optional<element> values,
                                        ErrorTexts texts) {
  Placeholders placeholders;
  if (names) {
    KLESS_TRY_VOID(ReadReferences(*names, "ExpressionAttributeNames", '#', /*names_the_key=*/true,
                                  [&](std::string_view key, element member) -> Result<void> {
                                    if (!member.is_string())
                                      return PlaceholderError("Unexpected field type");
                                    const std::string_view name =
                                        member.get_string().value_unsafe();
                                    if (name.empty()) {
                                      return PlaceholderError("Empty attribute name");
                                    }
                                    KLESS_TRY_VOID(CheckAttributeName(name));
                                    placeholders.AddName(std::string(key), std::string(name));
                                    return {};
                                  }));
  }
  if (values) {
    KLESS_TRY_VOID(ReadReferences(*values, "ExpressionAttributeValues", ':',
                                  /*names_the_key=*/texts == ErrorTexts::kOlder,
                                  [&](std::string_view key, element member) -> Result<void> {
                                    KLESS_TRY(auto value, ReadValue(member, texts));
                                    placeholders.AddValue(std::string(key), std::move(value));
                                    return {};
                                  }));
  }
  return placeholders;
}

void Placeholders::AddName(std::string reference, std::string name) {
  name_order_.push_back(reference);
  names_.insert_or_assign(std::move(reference), Entry<std::string>{std::move(name)});
}

void Placeholders::AddValue(std::string reference, AttributeValue value) {
  value_order_.push_back(reference);
  values_.insert_or_assign(
      std::move(reference),
      Entry<ValuePtr>{std::make_shared<const AttributeValue>(std::move(value))});
}

const std::string* Placeholders::UseName(std::string_view reference) {
  const auto found = names_.find(reference);
  if (found == names_.end()) return nullptr;
  found->second.used = true;
  return &found->second.target;
}

ValuePtr Placeholders::UseValue(std::string_view reference) {
  const auto found = values_.find(reference);
  if (found == values_.end()) return nullptr;
  found->second.used = true;
  return found->second.target;
}

Result<void> Placeholders::CheckAllUsed() const {
  const auto check = [](const auto& entries, const std::vector<std::string>& order,
                        const std::string& parameter) -> Result<void> {
    std::string unused;
    for (const auto& reference : order) {
      if (entries.find(reference)->second.used) continue;
      if (!unused.empty()) unused += ", ";
      unused += reference;
    }
    if (unused.empty()) return {};
    return PlaceholderError("Value provided in " + parameter + " unused in expressions: keys: {" +
                            unused + "}");
  };
  KLESS_TRY_VOID(check(names_, name_order_, "ExpressionAttributeNames"));
  return check(values_, value_order_, "ExpressionAttributeValues");
}

Result<void> CheckParameterMix(const std::vector<GivenParameter>& expressions,
                               const std::vector<GivenParameter>& legacy, bool names, bool values,
                               ErrorTexts texts) {
  const std::string given_expressions = JoinGiven(expressions, true, ", ");
  if (!given_expressions.empty()) {
    const bool has_key_expression =
        std::any_of(expressions.begin(), expressions.end(), [](const auto& parameter) {
          return parameter.given && parameter.name == "KeyConditionExpression";
        });
    std::vector<GivenParameter> excluded = legacy;
    if (!has_key_expression) {
      std::erase_if(excluded, [](const auto& each) { return each.name == "KeyConditions"; });
    }
    const std::string given_legacy = JoinGiven(excluded, true, ", ");
    if (!given_legacy.empty()) {
      return PlaceholderError(
          "Can not use both expression and non-expression parameters in the same request: "
          "Non-expression parameters: {" +
          given_legacy + "} Expression parameters: {" + given_expressions + "}");
    }
  }
  if (names && given_expressions.empty()) {
    return PlaceholderError(
        "ExpressionAttributeNames can only be specified when using expressions");
  }
  std::vector<GivenParameter> of_values = expressions;
  std::erase_if(of_values, [](const auto& each) { return each.name == "ProjectionExpression"; });
  if (values && JoinGiven(of_values, true, ", ").empty()) {
    std::string message = "ExpressionAttributeValues can only be specified when using expressions";
    if (!of_values.empty() && texts == ErrorTexts::kOlder) {
      message += ": " + JoinGiven(of_values, false, " and ") +
                 (of_values.size() > 1 ? " are null" : " is null");
    }
    return PlaceholderError(std::move(message));
  }
  return {};
}

}  // namespace kless
