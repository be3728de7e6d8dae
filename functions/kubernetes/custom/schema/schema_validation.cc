#include "functions/kubernetes/custom/schema/schema_validation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "emulator/base/json.h"
#include "emulator/base/utf8.h"
#include "functions/kubernetes/custom/schema/formats.h"
#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/custom/schema/list_types.h"
#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The name of a JSON value's type in kube-openapi.
const char* TypeOf(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::boolean:
      return "boolean";
    case json::value_t::string:
      return "string";
    case json::value_t::array:
      return "array";
    case json::value_t::object:
      return "object";
    default:
      return IsInt64(value) ? "integer" : "number";
  }
}

// Whether a number is an int64, or a float64 with the same value.
// https://github.com/go-openapi/swag/blob/v0.25.4/conv/convert.go
bool IsWhole(const json& value) {
  if (std::string_view(TypeOf(value)) == "integer") return true;
  constexpr double kMax = 9007199254740991;  // 2^53 - 1
  constexpr double kNear = 1e-9;
  const double number = value.get<double>();
  if (std::abs(number) > kMax) return false;
  const double whole = std::round(number);
  return number == whole || std::abs(number - whole) < kNear * std::abs(whole);
}

bool HasType(const StructuralSchema& schema, const json& value) {
  if (schema.int_or_string) return value.is_string() || (value.is_number() && IsWhole(value));
  if (schema.type.empty()) return true;
  if (schema.type == "number") return value.is_number();
  if (schema.type == "integer") return value.is_number() && IsWhole(value);
  return schema.type == TypeOf(value);
}

// Numbers with equal values are equal, however they are written.
bool Holds(const json& values, const json& value) {
  return std::any_of(values.begin(), values.end(),
                     [&](const json& allowed) { return allowed == value; });
}

class Validation {
 public:
  explicit Validation(FieldErrors& errors) : errors_(errors) {}

  // `old` is the previous value if it can be identified, else null.  An unchanged value is accepted
  // even if it is invalid, since a schema may have become stricter.
  void Check(const StructuralSchema& schema, const json& value, const json* old,
             const std::string& path) {
    if (errors_.size() >= kMaxErrors) return;
    if (old != nullptr && *old == value) return;
    path_ = &path;
    if (value.is_null() && schema.nullable) return;
    CheckType(schema, value);
    CheckJunctors(schema, value, old, path);
    path_ = &path;
    if (value.is_string()) CheckString(schema, value);
    if (value.is_number()) CheckNumber(schema, value);
    if (value.is_array()) CheckArray(schema, value, old, path);
    path_ = &path;
    if (schema.enumeration != nullptr && !Holds(*schema.enumeration, value)) {
      std::vector<std::string> allowed;
      for (const json& one : *schema.enumeration) {
        allowed.push_back(one.is_string() ? one.get<std::string>() : DumpJson(one));
      }
      errors_.push_back(NotSupported(*path_, value, allowed));
    }
    if (value.is_object()) CheckObject(schema, value, old, path);
  }

 private:
  void Add(const json& value, const std::string& sentence) {
    errors_.push_back(Invalid(*path_, value, *path_ + " in body " + sentence));
  }

  void AddType(const json& shown, const std::string& type) {
    FieldError error = Invalid(
        *path_, shown, *path_ + " in body must be of type " + type + ": " + DumpJson(shown));
    error.reason = "FieldValueTypeInvalid";
    errors_.push_back(std::move(error));
  }

  void CheckType(const StructuralSchema& schema, const json& value) {
    if (HasType(schema, value)) return;
    AddType(TypeOf(value), schema.int_or_string ? "integer,string" : schema.type);
  }

  // Reports that a whole (sub)schema does not hold.  The API server names the place only in the
  // message.
  void AddOfSchema(const std::string& path, const std::string& sentence) {
    errors_.push_back(Invalid("<nil>", "", DumpJson(json(path)) + " must " + sentence));
  }

  void CheckJunctors(const StructuralSchema& schema, const json& value, const json* old,
                     const std::string& path) {
    if (!schema.any_of.empty()) {
      FieldErrors best;
      if (Valid(schema.any_of, value, old, path, &best) == 0) {
        AddOfSchema(path, "validate at least one schema (anyOf)");
        errors_.insert(errors_.end(), best.begin(), best.end());
      }
    }
    if (!schema.one_of.empty()) {
      FieldErrors best;
      const std::size_t valid = Valid(schema.one_of, value, old, path, &best);
      if (valid != 1) {
        AddOfSchema(
            path, "validate one and only one schema (oneOf). Found " +
                      (valid == 0 ? "none valid" : std::to_string(valid) + " valid alternatives"));
      }
      if (valid == 0) errors_.insert(errors_.end(), best.begin(), best.end());
    }
    if (!schema.all_of.empty()) {
      std::size_t valid = 0;
      for (const auto& one : schema.all_of) {
        const FieldErrors errors = ValidateSchema(*one, value, path, old);
        valid += errors.empty() ? 1 : 0;
        errors_.insert(errors_.end(), errors.begin(), errors.end());
      }
      if (valid < schema.all_of.size()) {
        AddOfSchema(path, std::string("validate all the schemas (allOf)") +
                              (valid == 0 ? ". None validated" : ""));
      }
    }
    if (schema.negated != nullptr && ValidateSchema(*schema.negated, value, path, old).empty()) {
      AddOfSchema(path, "not validate the schema (not)");
    }
  }

  // Returns how many of the schemas hold; `best` gets the errors of the one that comes closest.
  static std::size_t Valid(const std::vector<StructuralSchema::Ptr>& schemas, const json& value,
                           const json* old, const std::string& path, FieldErrors* best) {
    std::size_t valid = 0;
    bool first = true;
    for (const auto& schema : schemas) {
      FieldErrors errors = ValidateSchema(*schema, value, path, old);
      valid += errors.empty() ? 1 : 0;
      if (first || errors.size() < best->size()) *best = std::move(errors);
      first = false;
    }
    return valid;
  }

  void CheckString(const StructuralSchema& schema, const json& value) {
    const auto& text = value.get_ref<const std::string&>();
    if (schema.min_length || schema.max_length) {
      const auto length = static_cast<std::int64_t>(CountCharacters(text));
      if (schema.max_length && length > *schema.max_length) {
        errors_.push_back(TooLong(*path_, static_cast<std::size_t>(*schema.max_length)));
      }
      if (schema.min_length && length < *schema.min_length) {
        Add(value, "should be at least " + std::to_string(*schema.min_length) + " chars long");
      }
    }
    if (schema.pattern != nullptr && !schema.pattern->Matches(text)) {
      Add(value, "should match '" + schema.pattern->text() + "'");
    }
    if (!schema.format.empty() && !HasFormat(text, schema.format)) AddType(value, schema.format);
  }

  // A bound as Go prints it; the bound of an integer is printed as an integer.
  static std::string Bound(const json& value, double bound) {
    if (value.is_number_integer() && std::abs(bound) < 9e15) {
      return std::to_string(static_cast<std::int64_t>(bound));
    }
    return GoFloat(bound);
  }

  void CheckNumber(const StructuralSchema& schema, const json& value) {
    const double number = value.get<double>();
    if (schema.multiple_of && *schema.multiple_of > 0) {
      // kube-openapi divides by small factors, so that 0.3 is a multiple of 0.1.
      const double factor = *schema.multiple_of;
      const double times = factor < 1 ? 1 / factor * number : number / factor;
      if (std::floor(times) != times) {
        Add(value, "should be a multiple of " + Bound(value, *schema.multiple_of));
      }
    }
    if (schema.maximum &&
        (schema.exclusive_maximum ? number >= *schema.maximum : number > *schema.maximum)) {
      Add(value, std::string("should be less than ") +
                     (schema.exclusive_maximum ? "" : "or equal to ") +
                     Bound(value, *schema.maximum));
    }
    if (schema.minimum &&
        (schema.exclusive_minimum ? number <= *schema.minimum : number < *schema.minimum)) {
      Add(value, std::string("should be greater than ") +
                     (schema.exclusive_minimum ? "" : "or equal to ") +
                     Bound(value, *schema.minimum));
    }
    const bool narrow = schema.format == "int32" && IsWhole(value) &&
                        std::abs(number) > std::numeric_limits<std::int32_t>::max();
    if (narrow) AddType(value, "integer with format int32");
  }

  // Only elements of maps can be identified in the old value.
  static std::map<std::string, const json*> OldElements(const StructuralSchema& list,
                                                        const json* old) {
    std::map<std::string, const json*> elements;
    if (old == nullptr || !old->is_array() || list.list_type != "map") return elements;
    for (const json& element : *old) elements.emplace(ListMapKey(list, element), &element);
    return elements;
  }

  void CheckArray(const StructuralSchema& schema, const json& value, const json* old,
                  const std::string& path) {
    const auto olds = OldElements(schema, old);
    for (std::size_t i = 0; schema.items != nullptr && i < value.size(); ++i) {
      const auto before = olds.empty() ? olds.end() : olds.find(ListMapKey(schema, value[i]));
      Check(*schema.items, value[i], before == olds.end() ? nullptr : before->second,
            ElementPath(path, i));
    }
    path_ = &path;
    const auto size = static_cast<std::int64_t>(value.size());
    if (schema.min_items && size < *schema.min_items) {
      Add(size, "should have at least " + std::to_string(*schema.min_items) + " items");
    }
    if (schema.max_items && size > *schema.max_items) {
      errors_.push_back(TooMany(*path_, value.size(), static_cast<std::size_t>(*schema.max_items)));
    }
    if (!schema.unique_items) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (std::find(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(i), value[i]) !=
          value.begin() + static_cast<std::ptrdiff_t>(i)) {
        Add(nullptr, "shouldn't contain duplicates");
        return;
      }
    }
  }

  void CheckObject(const StructuralSchema& schema, const json& value, const json* old,
                   const std::string& path) {
    const auto size = static_cast<std::int64_t>(value.size());
    if (schema.min_properties && size < *schema.min_properties) {
      Add(size, "should have at least " + std::to_string(*schema.min_properties) + " properties");
    }
    if (schema.max_properties && size > *schema.max_properties) {
      errors_.push_back(
          TooMany(*path_, value.size(), static_cast<std::size_t>(*schema.max_properties)));
    }
    for (const std::string& name : schema.required) {
      if (!value.contains(name)) errors_.push_back(Required(MemberPath(path, name), ""));
    }
    for (const auto& [name, member] : value.items()) {
      const json* before = old == nullptr ? nullptr : Find(*old, name.c_str());
      const auto property = schema.properties.find(name);
      if (property != schema.properties.end()) {
        Check(*property->second, member, before, MemberPath(path, name));
      } else if (schema.additional != nullptr) {
        Check(*schema.additional, member, before, MemberPath(path, name));
      }
    }
  }

  FieldErrors& errors_;
  const std::string* path_ = nullptr;
};

void CheckEmbedded(const StructuralSchema& schema, const json& value, const std::string& path,
                   FieldErrors& errors) {
  if (schema.embedded && value.is_object()) {
    for (const char* member : {"apiVersion", "kind"}) {
      if (!StringAt(value, member).empty()) continue;
      errors.push_back(Required(MemberPath(path, member), "must not be empty"));
    }
  }
  VisitParts(schema, value, path,
             [&errors](const StructuralSchema& type, const json& part, const std::string& at) {
               CheckEmbedded(type, part, at, errors);
             });
}

}  // namespace

FieldErrors ValidateSchema(const StructuralSchema& schema, const json& value,
                           const std::string& path, const json* old) {
  FieldErrors errors;
  Validation(errors).Check(schema, value, old, path);
  return errors;
}

FieldErrors ValidateEmbedded(const StructuralSchema& schema, const json& value,
                             const std::string& path) {
  FieldErrors errors;
  CheckEmbedded(schema, value, path, errors);
  return errors;
}

void VisitParts(const StructuralSchema& schema, const json& value, const std::string& path,
                const PartVisitor& visit) {
  if (value.is_array() && schema.items != nullptr) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i].is_structured()) visit(*schema.items, value[i], ElementPath(path, i));
    }
  }
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.items()) {
    if (!member.is_structured()) continue;
    const auto property = schema.properties.find(name);
    if (property != schema.properties.end()) {
      visit(*property->second, member, MemberPath(path, name));
    } else if (schema.additional != nullptr) {
      visit(*schema.additional, member, path + '[' + name + ']');
    }
  }
}

std::string ElementPath(const std::string& path, std::size_t index) {
  return path + '[' + std::to_string(index) + ']';
}

std::string MemberPath(const std::string& path, const std::string& member) {
  return path.empty() ? member : path + "." + member;
}

}  // namespace kless::kubernetes
