#include "functions/kubernetes/types/schema.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/types/type_graph.h"

namespace kless::kubernetes {

using nlohmann::json;
using Shape = Schema::Shape;

namespace {

// Walks a value; `path` and `struct_name` are those of Go's UnmarshalTypeError.
class Walk {
 public:
  std::optional<std::string> Check(const Schema& schema, const json& value) {
    if (value.is_null()) return std::nullopt;
    switch (schema.shape) {
      case Shape::kAny:
        return schema.of_objects == nullptr ? std::nullopt : CheckUnion(schema, value);
      case Shape::kQuantity:
        return std::nullopt;
      case Shape::kString:
      case Shape::kBytes:
        return value.is_string() ? std::nullopt : Mismatch(schema, value);
      case Shape::kBool:
        return value.is_boolean() ? std::nullopt : Mismatch(schema, value);
      case Shape::kInt32:
        return Fits<std::int32_t>(value) ? std::nullopt : Mismatch(schema, value);
      case Shape::kInt64:
        return Fits<std::int64_t>(value) ? std::nullopt : Mismatch(schema, value);
      case Shape::kDouble:
        return value.is_number() ? std::nullopt : Mismatch(schema, value);
      case Shape::kTime:
      case Shape::kMicroTime:
        return CheckTime(schema, value);
      case Shape::kIntOrString:
        if (value.is_string() || Fits<std::int32_t>(value)) return std::nullopt;
        return Of("int32", Described(value));
      case Shape::kMap:
        return value.is_object() ? CheckElements(*schema.element, value) : Mismatch(schema, value);
      case Shape::kList:
        return value.is_array() ? CheckElements(*schema.element, value) : Mismatch(schema, value);
      case Shape::kStruct:
        return value.is_object() ? CheckFields(schema, value) : Mismatch(schema, value);
    }
    return std::nullopt;
  }

 private:
  template <class Integer>
  static bool Fits(const json& value) {
    if (!value.is_number_integer()) return false;
    if (value.is_number_unsigned()) {
      return value.get<std::uint64_t>() <=
             static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
    }
    const auto number = value.get<std::int64_t>();
    return number >= std::numeric_limits<Integer>::min() &&
           number <= std::numeric_limits<Integer>::max();
  }

  // For types that decode themselves, Go does not report the place.
  static std::string Of(const char* type, const std::string& what) {
    return "json: cannot unmarshal " + what + " into Go value of type " + type;
  }

  std::optional<std::string> CheckTime(const Schema& schema, const json& value) {
    if (!value.is_string()) return Of("string", TypeOf(value));
    const auto& text = value.get_ref<const std::string&>();
    // Microseconds have six digits: Go's decoder accepts no others.
    const auto dot = text.find('.');
    const bool fits =
        schema.shape == Shape::kTime ||
        (dot != std::string::npos && text.find_first_not_of("0123456789", dot + 1) == dot + 7);
    if (fits && ParseTime(text)) return std::nullopt;
    const std::string quoted = DumpJson(value);
    const char* layout = schema.shape == Shape::kTime ? "2006-01-02T15:04:05Z07:00"
                                                      : "2006-01-02T15:04:05.000000Z07:00";
    return "parsing time " + quoted + " as \"" + layout + "\": cannot parse " + quoted +
           " as \"2006\"";
  }

  // A custom decoder examines the value, and Go reports where that one started.
  std::optional<std::string> CheckUnion(const Schema& schema, const json& value) {
    const Schema* type = value.is_object() ? schema.of_objects : nullptr;
    if (value.is_array()) type = schema.of_arrays;
    if (type == nullptr) {
      if (schema.refusal.empty() || value.is_boolean()) return std::nullopt;
      return schema.refusal;
    }
    Walk inside;
    auto problem = inside.Check(*type, value);
    if (problem && !inside.into_.empty()) return Mismatch(inside.what_, inside.into_);
    return problem;
  }

  std::optional<std::string> CheckElements(const Schema& element, const json& values) {
    if (element.shape == Shape::kAny && element.of_objects == nullptr) return std::nullopt;
    for (const json& value : values) {
      if (auto problem = Check(element, value)) return problem;
    }
    return std::nullopt;
  }

  std::optional<std::string> CheckFields(const Schema& schema, const json& object) {
    std::string_view go_name = schema.go_name;
    if (auto dot = go_name.find('.'); dot != std::string_view::npos) go_name.remove_prefix(dot + 1);
    for (const auto& [name, value] : object.items()) {
      const Schema::Field* field = schema.FindField(name);
      if (field == nullptr) continue;
      const std::size_t length = path_.size();
      const std::string_view outer = struct_name_;
      if (!path_.empty()) path_ += '.';
      path_ += name;
      struct_name_ = go_name;
      if (auto problem = Check(*field->type, value)) return problem;
      path_.resize(length);
      struct_name_ = outer;
    }
    return std::nullopt;
  }

  std::optional<std::string> Mismatch(const Schema& schema, const json& value) {
    const bool integer = schema.shape == Shape::kInt32 || schema.shape == Shape::kInt64;
    return Mismatch(integer ? Described(value) : TypeOf(value), schema.go_name);
  }

  std::optional<std::string> Mismatch(const std::string& what, const std::string& into) {
    what_ = what;
    into_ = into;
    const std::string message = "json: cannot unmarshal " + what;
    if (path_.empty()) return message + " into Go value of type " + into;
    return message + " into Go struct field " + std::string(struct_name_) + "." + path_ +
           " of type " + into;
  }

  // A number that does not fit is included.
  static std::string Described(const json& value) {
    return value.is_number() ? "number " + DumpJson(value) : TypeOf(value);
  }

  // Go's name for a JSON value's type.
  static std::string TypeOf(const json& value) {
    switch (value.type()) {
      case json::value_t::string:
        return "string";
      case json::value_t::boolean:
        return "bool";
      case json::value_t::array:
        return "array";
      case json::value_t::object:
        return "object";
      default:
        return "number";
    }
  }

  std::string path_;
  std::string_view struct_name_;
  std::string what_, into_;  // of the mismatch found
};

bool ByName(const Schema::Field& field, std::string_view name) { return field.name < name; }

}  // namespace

std::optional<std::string> SchemaProblem(const Schema& schema, const json& value) {
  return Walk().Check(schema, value);
}

const Schema* FindSchema(std::string_view api_version, std::string_view kind) {
  return BuiltInTypes().FindKind(api_version, kind);
}

const Schema::Field* Schema::FindField(std::string_view name) const {
  const auto found = std::lower_bound(fields.begin(), fields.end(), name, ByName);
  return found == fields.end() || found->name != name ? nullptr : &*found;
}

const Schema* MemberSchema(const Schema* schema, std::string_view member) {
  if (schema == nullptr) return nullptr;
  if (schema->shape == Shape::kMap) return schema->element;
  const Schema::Field* field = schema->FindField(member);
  return field == nullptr ? nullptr : field->type;
}

}  // namespace kless::kubernetes
