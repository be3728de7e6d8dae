// Placeholders: ExpressionAttributeNames and ExpressionAttributeValues of a request, and which of
// them its expressions have used.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {

// The bytes of a reference, such as "#n" or ":v".
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kReferenceBytesMax = 255;

class Placeholders {
 public:
  Placeholders() = default;

  // `names` is an object of strings, `values` an object of attribute values; either may be absent.
  // The errors have DynamoDB's texts: an empty object, an invalid key, an invalid value.  The
  // current texts do not say which of the values is invalid.
  static Result<Placeholders> Read(std::optional<simdjson::dom::element> names,
                                   std::optional<simdjson::dom::element> values,
                                   ErrorTexts texts = ErrorTexts::kOlder);

  void AddName(std::string reference, std::string name);
  void AddValue(std::string reference, AttributeValue value);

  // What a reference stands for, which is used from now on; null if it is not defined.
  const std::string* UseName(std::string_view reference);
  ValuePtr UseValue(std::string_view reference);
  // Call it once all expressions of the request are compiled: every name and value must have been
  // used.
  Result<void> CheckAllUsed() const;

 private:
  template <class T>
  struct Entry {
    T target;
    bool used = false;
  };
  std::map<std::string, Entry<std::string>, std::less<>> names_;
  std::map<std::string, Entry<ValuePtr>, std::less<>> values_;
  // The references as the client listed them: messages show them in this order.
  std::vector<std::string> name_order_;
  std::vector<std::string> value_order_;
};

// A parameter of a request and whether the client gave it.
struct GivenParameter {
  std::string_view name;
  bool given = false;
};
// Expressions and the legacy parameters exclude each other, and names and values need an
// expression to be used in.  Lists are in the order in which DynamoDB's messages show them.
// KeyConditions may be combined with expressions as long as KeyConditionExpression is not among
// them.
Result<void> CheckParameterMix(const std::vector<GivenParameter>& expressions,
                               const std::vector<GivenParameter>& legacy, bool names, bool values,
                               ErrorTexts texts = ErrorTexts::kOlder);

}  // namespace kless
