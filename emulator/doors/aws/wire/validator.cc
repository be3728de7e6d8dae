// AWS's servers convert JSON to Java objects and then check these objects: hence the two passes,
// the names of Java classes in the texts of the first one, and two texts for one mistake: a value
// that is a member of a structure ("field") is converted by other code than an element of a list
// or map ("value").
#include "emulator/doors/aws/wire/validator.h"

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/strings.h"

namespace kless::doors::aws {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

enum class Place { kMember, kElement };

bool IsContainer(element value) { return value.is_array() || value.is_object(); }

// "NUMBER_VALUE", the name of the token in the errors of the JSON parser that AWS uses.
std::string_view TokenName(element value) {
  switch (value.type()) {
    case element_type::BOOL:
      return bool(value) ? "TRUE_VALUE" : "FALSE_VALUE";
    case element_type::STRING:
      return "STRING_VALUE";
    case element_type::DOUBLE:
      return "DECIMAL_VALUE";
    default:
      return "NUMBER_VALUE";
  }
}

// The order of the alphabet is not needed: the length and the alphabet decide, and the bits that
// the last character before the padding has in excess.
AwsResult<void> CheckBase64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return SerializationError(
        "Base64 encoded length is expected a multiple of 4 bytes but found: " +
        std::to_string(text.size()));
  }
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string_view body = text;
  while (body.ends_with('=') && text.size() - body.size() < 2) body.remove_suffix(1);
  const std::size_t padding = text.size() - body.size();
  bool is_valid = body.find_first_not_of(kAlphabet) == std::string_view::npos;
  if (is_valid && padding > 0) {
    const std::size_t last = kAlphabet.find(body.back());
    is_valid = last % (padding == 1 ? 4 : 16) == 0;
  }
  if (!is_valid) return SerializationError("Invalid last non-pad Base64 character dectected");
  return {};
}

class TypeChecker {
 public:
  explicit TypeChecker(const std::string& java_package) : java_package_(java_package) {}

  AwsResult<void> Check(const Shape& shape, element value, Place place) const {
    if (value.is_null()) return {};
    switch (shape.type) {
      case ShapeType::kString:
        return Scalar(shape, value, "String", "java.lang.String", value.is_string());
      case ShapeType::kInteger:
        return Scalar(shape, value, "Integer", "java.lang.Integer", value.is_number());
      case ShapeType::kLong:
        return Scalar(shape, value, "Long", "java.lang.Long", value.is_number());
      case ShapeType::kDouble:
        return Scalar(shape, value, "Double", "java.lang.Double", value.is_number());
      case ShapeType::kBoolean:
        return Boolean(shape, value);
      case ShapeType::kBlob:
        return Blob(value);
      case ShapeType::kList:
        return List(shape, value, place);
      case ShapeType::kMap:
        return Map(shape, value, place);
      case ShapeType::kStructure:
        return Structure(shape, value, place);
    }
    return {};
  }

 private:
  static AwsResult<void> Scalar(const Shape&, element value, const char* name,
                                const char* java_class, bool fits) {
    if (fits) return {};
    if (value.is_array()) {
      return SerializationError(std::string("Unrecognized collection type class ") + java_class);
    }
    if (value.is_object()) {
      return SerializationError("Start of structure or map found where not expected");
    }
    return SerializationError(std::string(TokenName(value)) + " cannot be converted to " + name);
  }

  static AwsResult<void> Boolean(const Shape& shape, element value) {
    if (!value.is_string()) {
      return Scalar(shape, value, "Boolean", "java.lang.Boolean", value.is_bool());
    }
    const std::string text = LowerCase(std::string(value.get_string().value_unsafe()));
    for (const char* const word : {"true", "false", "1", "0", "yes", "no"}) {
      if (text == word) return {};
    }
    return SerializationError("Unexpected token received from parser");
  }

  static AwsResult<void> Blob(element value) {
    if (value.is_string()) return CheckBase64(value.get_string().value_unsafe());
    if (value.is_array()) {
      return SerializationError("Unrecognized collection type class java.nio.ByteBuffer");
    }
    if (value.is_object()) {
      return SerializationError("Start of structure or map found where not expected");
    }
    return SerializationError("only base-64-encoded strings are convertible to bytes");
  }

  static AwsError NotACollection(Place place) {
    return SerializationError(
        place == Place::kMember
            ? "Unexpected field type"
            : "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast "
              "to class java.lang.Class (sun.reflect.generics.reflectiveObjects."
              "ParameterizedTypeImpl and java.lang.Class are in module java.base of loader "
              "'bootstrap')");
  }

  AwsResult<void> List(const Shape& shape, element value, Place place) const {
    if (value.is_object()) {
      return SerializationError("Start of structure or map found where not expected");
    }
    if (!value.is_array()) return NotACollection(place);
    for (const element item : simdjson::dom::array(value)) {
      auto checked = Check(*shape.element, item, Place::kElement);
      if (checked.has_error()) return checked;
    }
    return {};
  }

  AwsResult<void> Map(const Shape& shape, element value, Place place) const {
    if (value.is_array()) {
      return SerializationError("Unrecognized collection type java.util.Map<java.lang.String, " +
                                JavaName(*shape.element) + ">");
    }
    if (!value.is_object()) return NotACollection(place);
    for (const auto& [key, item] : simdjson::dom::object(value)) {
      auto checked = Check(*shape.element, item, Place::kElement);
      if (checked.has_error()) return checked;
    }
    return {};
  }

  AwsResult<void> Structure(const Shape& shape, element value, Place place) const {
    if (value.is_array()) {
      return SerializationError("Unrecognized collection type class " + JavaName(shape));
    }
    if (!value.is_object()) {
      return SerializationError(place == Place::kMember ? "Unexpected field type"
                                                        : "Unexpected value type in payload");
    }
    for (const auto& [key, item] : simdjson::dom::object(value)) {
      for (const ShapeMember& member : shape.members) {
        if (member.name != key) continue;
        auto checked = Check(*member.shape, item, Place::kMember);
        if (checked.has_error()) return checked;
        break;
      }
    }
    return {};
  }

  std::string JavaName(const Shape& shape) const {
    switch (shape.type) {
      case ShapeType::kString:
        return "java.lang.String";
      case ShapeType::kList:
        return "java.util.List<" + JavaName(*shape.element) + ">";
      case ShapeType::kMap:
        return "java.util.Map<java.lang.String, " + JavaName(*shape.element) + ">";
      default:
        return java_package_ + "." + shape.name;
    }
  }

  const std::string& java_package_;
};

// The length of a string in Java: characters beyond U+FFFF count twice.
std::int64_t Utf16Length(std::string_view text) {
  std::int64_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) ++length;
    if (byte >= 0xF0) ++length;
  }
  return length;
}

// Java's toString of the value: [a, b] for lists; objects are shown as JSON.
std::string ValueText(element value) {
  if (value.is_string()) return std::string(value.get_string().value_unsafe());
  if (value.is_array()) {
    std::string text = "[";
    for (const element item : simdjson::dom::array(value)) {
      if (text.size() > 1) text += ", ";
      text += ValueText(item);
    }
    return text + "]";
  }
  return simdjson::minify(value);
}

// Ten errors may show one value, and a body has up to 16 MB: of a longer value they show so many
// bytes.
constexpr std::size_t kShownBytesMax = 1u << 20;

// The value as errors show it.
std::string Shown(element value) {
  std::string text = ValueText(value);
  if (text.size() > kShownBytesMax) {
    std::size_t end = kShownBytesMax;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole characters
    text.resize(end);
    text += "...";
  }
  return "'" + text + "'";
}

// "requestItems.tab.member.keys" as "RequestItems.tab.member.Keys".
std::string WithMemberNames(std::string path) {
  static constexpr std::string_view kMember = ".member.";
  const auto raise = [&path](std::size_t at) {
    char& c = path[at];
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  };
  raise(0);
  for (std::size_t at = path.find(kMember); at != std::string::npos; at = path.find(kMember, at)) {
    at += kMember.size();
    if (at < path.size()) raise(at);
  }
  return path;
}

class ConstraintChecker {
 public:
  ConstraintChecker(std::string_view operation, bool older_texts)
      : operation_(operation), older_texts_(older_texts) {}

  // The members of the structure at `path` ("" or "path.").
  void Structure(const Shape& shape, simdjson::dom::object object, const std::string& path) {
    for (const ShapeMember& member : shape.members) {
      if (IsFull()) return;
      const std::optional<element> value = FindMember(object, member.name);
      if (!value) {
        if (member.required) Report("null", path + member.path_name, "Member must not be null");
        continue;
      }
      Value(*member.shape, *value, path, member.path_name);
    }
  }

  // There must be an error.
  std::string Message() const {
    if (count_ == 0) return alone_;
    return std::to_string(count_) + (count_ == 1 ? " validation error" : " validation errors") +
           " detected: " + texts_;
  }
  bool has_errors() const { return count_ > 0 || !alone_.empty(); }

  static std::optional<element> FindMember(simdjson::dom::object object, std::string_view name) {
    std::optional<element> found;
    for (const auto& [key, value] : object) {
      if (key == name) found = value;
    }
    if (found && found->is_null()) return std::nullopt;
    return found;
  }

 private:
  bool IsFull() const { return count_ >= kConstraintErrorsMax; }

  void Report(const std::string& value, const std::string& path, const std::string& constraint) {
    if (IsFull()) return;
    if (count_++ > 0) texts_ += "; ";
    texts_ += "Value " + value + " at '" + path + "' failed to satisfy constraint: " + constraint;
  }
  void Report(element value, const std::string& path, const std::string& constraint) {
    Report(Shown(value), path, constraint);
  }
  // An error of the shape's range.
  void ReportRange(const Shape& shape, element value, const std::string& path,
                   const std::string& constraint) {
    if (older_texts_ || (!shape.is_moved && !shape.is_parameter)) {
      return Report(value, path, constraint);
    }
    if (!alone_.empty()) return;
    alone_ = shape.is_parameter
                 ? "The " + path + " parameter is required for " + std::string(operation_)
                 : "1 validation error detected: Value at '" + WithMemberNames(path) +
                       "' failed to satisfy constraint: " + constraint;
  }

  // The path is needed only for errors and for what is below, so it is put together late.
  void Value(const Shape& shape, element value, const std::string& parent,
             const std::string& name) {
    switch (shape.type) {
      case ShapeType::kString:
        return String(shape, value, parent, name);
      case ShapeType::kInteger:
      case ShapeType::kLong:
      case ShapeType::kDouble:
        return Number(shape, value, parent + name);
      case ShapeType::kBoolean:
      case ShapeType::kBlob:
        return;
      case ShapeType::kList:
        return List(shape, value, parent + name);
      case ShapeType::kMap:
        return Map(shape, value, parent + name);
      case ShapeType::kStructure:
        if (shape.is_attribute_value) return;
        return Structure(shape, value.get_object().value_unsafe(), parent + name + ".");
    }
  }

  static std::string Longest(std::int64_t max) {
    return "Member must have length less than or equal to " + std::to_string(max);
  }
  static std::string Shortest(std::int64_t min) {
    return "Member must have length greater than or equal to " + std::to_string(min);
  }
  static std::string Pattern(const std::string& pattern) {
    return "Member must satisfy regular expression pattern: " + pattern;
  }
  static constexpr std::int64_t kArnLengthMax = 1024;

  void String(const Shape& shape, element value, const std::string& parent,
              const std::string& name) {
    const std::string_view text = value.get_string().value_unsafe();
    if (!shape.values.empty()) {
      std::string known;
      for (const std::string& one : shape.values) {
        if (one == text) return;
        known += (known.empty() ? "" : ", ") + one;
      }
      return Report(value, parent + name, "Member must satisfy enum value set: [" + known + "]");
    }
    if (shape.or_arn && text.starts_with("arn:")) {
      if (Utf16Length(text) > kArnLengthMax) Report(value, parent + name, Longest(kArnLengthMax));
      return;
    }
    if (text.empty() && shape.is_moved && !older_texts_) {
      return ReportRange(shape, value, parent + name, Shortest(1));
    }
    if (!shape.Matches(text)) {
      Report(value, parent + name, Pattern(shape.pattern));
    }
    if (shape.is_table_name || (shape.is_new_table_name && older_texts_)) return;
    if (!shape.min && !shape.max) return;
    const std::int64_t length = Utf16Length(text);
    if (shape.min && length < *shape.min) Report(value, parent + name, Shortest(*shape.min));
    if (shape.max && length > *shape.max) Report(value, parent + name, Longest(*shape.max));
  }

  void Number(const Shape& shape, element value, const std::string& path) {
    const double number = value.is_int64() ? static_cast<double>(value.get_int64().value_unsafe())
                          : value.is_uint64()
                              ? static_cast<double>(value.get_uint64().value_unsafe())
                              : std::floor(value.get_double().value_unsafe());
    if (shape.min && number < static_cast<double>(*shape.min)) {
      ReportRange(shape, value, path,
                  "Member must have value greater than or equal to " + std::to_string(*shape.min));
    }
    if (shape.max && number > static_cast<double>(*shape.max)) {
      ReportRange(shape, value, path,
                  "Member must have value less than or equal to " + std::to_string(*shape.max));
    }
  }

  void Length(const Shape& shape, element value, std::size_t size, const std::string& path) {
    const auto length = static_cast<std::int64_t>(size);
    if (shape.min && length < *shape.min) ReportRange(shape, value, path, Shortest(*shape.min));
    if (shape.max && length > *shape.max) ReportRange(shape, value, path, Longest(*shape.max));
  }

  void List(const Shape& shape, element value, const std::string& path) {
    const simdjson::dom::array array = value.get_array().value_unsafe();
    std::size_t index = 0;
    if (shape.min || shape.max) {
      // size() saturates at 2^24 - 1, beyond every limit.
      Length(shape, value, array.size(), path);
    }
    if (shape.element->is_attribute_value) return;
    for (const element item : array) {
      if (IsFull()) return;
      const std::string at = path + "." + std::to_string(++index) + ".";
      if (item.is_null()) {
        Report("null", at + "member", "Member must not be null");
      } else {
        Value(*shape.element, item, at, "member");
      }
    }
  }

  // The constraints of keys are named together, and so are the lengths of values.
  void Map(const Shape& shape, element value, const std::string& path) {
    const simdjson::dom::object object = value.get_object().value_unsafe();
    if (shape.min || shape.max) Length(shape, value, object.size(), path);
    const bool limits_keys = shape.key->min || shape.key->max || !shape.key->pattern.empty();
    const bool limits_values =
        (shape.element->type == ShapeType::kList || shape.element->type == ShapeType::kMap) &&
        (shape.element->min || shape.element->max);
    if (shape.element->is_attribute_value && !limits_keys) return;
    std::string shown;  // Each entry may show the whole map.
    const auto report_entry = [&](const std::string& constraint) {
      if (shown.empty()) shown = Shown(value);
      Report(shown, path, constraint);
    };
    for (const auto& [key, item] : object) {
      if (IsFull()) return;
      if (limits_keys && !FitsKey(*shape.key, key)) {
        report_entry("Map keys must satisfy constraint: [" + KeyConstraints(*shape.key) + "]");
      }
      if (item.is_null()) {
        if (!shape.element->is_attribute_value) {
          Report("null", path + "." + std::string(key) + ".member", "Member must not be null");
        }
        continue;
      }
      if (limits_values && !FitsLength(*shape.element, item)) {
        report_entry("Map value must satisfy constraint: [" + LengthConstraints(*shape.element) +
                     "]");
      }
      const std::string at = path + "." + std::string(key) + ".";
      if (limits_values) {
        Elements(*shape.element, item, at + "member");
      } else {
        Value(*shape.element, item, at, "member");
      }
    }
  }

  // The elements of a collection whose length has been checked.
  void Elements(const Shape& shape, element value, const std::string& path) {
    Shape unlimited = shape;
    unlimited.min.reset();
    unlimited.max.reset();
    if (shape.type == ShapeType::kList) {
      List(unlimited, value, path);
    } else {
      Map(unlimited, value, path);
    }
  }

  static bool FitsKey(const Shape& shape, std::string_view key) {
    const std::int64_t length = Utf16Length(key);
    if (shape.or_arn && key.starts_with("arn:")) return length <= kArnLengthMax;
    return (!shape.min || length >= *shape.min) && (!shape.max || length <= *shape.max) &&
           shape.Matches(key);
  }
  static bool FitsLength(const Shape& shape, element value) {
    const auto length =
        static_cast<std::int64_t>(value.is_array() ? value.get_array().value_unsafe().size()
                                                   : value.get_object().value_unsafe().size());
    return (!shape.min || length >= *shape.min) && (!shape.max || length <= *shape.max);
  }
  static std::string LengthConstraints(const Shape& shape) {
    std::string text;
    if (shape.max) text += Longest(*shape.max);
    if (shape.min) text += (text.empty() ? "" : ", ") + Shortest(*shape.min);
    return text;
  }
  static std::string KeyConstraints(const Shape& shape) {
    std::string text = LengthConstraints(shape);
    if (!shape.pattern.empty()) text += (text.empty() ? "" : ", ") + Pattern(shape.pattern);
    return text;
  }

  const std::string_view operation_;
  const bool older_texts_;
  int count_ = 0;
  std::string texts_;
  std::string alone_;  // the error that is reported if there is no other one
};

// The operations on tables check the presence and the length of a table's name before everything
// else, with texts of their own.
AwsResult<void> CheckTableNames(const Shape& input, simdjson::dom::object body, bool older_texts) {
  for (const ShapeMember& member : input.members) {
    const Shape& shape = *member.shape;
    if (!shape.is_table_name && !shape.is_new_table_name) continue;
    const auto value = ConstraintChecker::FindMember(body, member.name);
    if (!value) {
      if (!member.required) continue;
      return ValidationError("The parameter '" + member.name +
                             "' is required but was not present in the request");
    }
    if (shape.is_new_table_name && !older_texts) continue;
    const std::string_view text = value->get_string().value_unsafe();
    if (text.starts_with("arn:")) continue;
    const std::int64_t length = Utf16Length(text);
    if ((shape.min && length < *shape.min) || (shape.max && length > *shape.max)) {
      return ValidationError(member.name + " must be at least " + std::to_string(*shape.min) +
                             " characters long and at most " + std::to_string(*shape.max) +
                             " characters long");
    }
  }
  return {};
}

}  // namespace

AwsResult<void> Validate(const Shape& input, element body, const std::string& java_package,
                         bool older_texts) {
  const TypeChecker types(java_package);
  if (!IsContainer(body)) return SerializationError("");
  auto checked = types.Check(input, body, Place::kElement);
  if (checked.has_error()) return checked;
  const simdjson::dom::object object = body.get_object().value_unsafe();
  checked = CheckTableNames(input, object, older_texts);
  if (checked.has_error()) return checked;
  std::string_view operation = input.name;
  if (operation.ends_with("Input")) operation.remove_suffix(std::string_view("Input").size());
  ConstraintChecker constraints(operation, older_texts);
  constraints.Structure(input, object, "");
  if (constraints.has_errors()) return ValidationError(constraints.Message());
  return {};
}

}  // namespace kless::doors::aws
