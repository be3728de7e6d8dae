#include "functions/kubernetes/types/go_text.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "emulator/base/json.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// Fields that the type does not have come last.
constexpr int kUnknownOrder = 1 << 20;

int OrderOf(const Schema* schema, const std::string& name) {
  const Schema::Field* field = schema == nullptr ? nullptr : schema->FindField(name);
  return field == nullptr ? kUnknownOrder : field->order;
}

void AppendGoText(const Schema* schema, const json& value, bool sorted, std::string& out) {
  if (value.is_array()) {
    const Schema* element = schema == nullptr ? nullptr : schema->element;
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      AppendGoText(element, value[i], false, out);
    }
    out += ']';
    return;
  }
  if (!value.is_object()) {
    out += DumpJson(value);
    return;
  }
  std::vector<json::const_iterator> members;
  for (auto member = value.begin(); member != value.end(); ++member) members.push_back(member);
  if (!sorted) {
    std::stable_sort(members.begin(), members.end(), [&](const auto& a, const auto& b) {
      return OrderOf(schema, a.key()) < OrderOf(schema, b.key());
    });
  }
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(out, members[i].key());
    out += ':';
    AppendGoText(MemberSchema(schema, members[i].key()), *members[i], false, out);
  }
  out += '}';
}

}  // namespace

std::string GoJson(const Schema* schema, const json& object) {
  std::string out;
  AppendGoText(schema, object, true, out);
  return out;
}

std::string GoValueJson(const Schema* schema, const json& value) {
  std::string out;
  AppendGoText(schema, value, false, out);
  return out;
}

std::string GoMapText(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "<nil>";
  if (!value.is_structured()) return DumpJson(value);
  std::string out = value.is_object() ? "map[" : "[";
  bool first = true;
  for (const auto& [key, member] : value.items()) {
    if (!first) out += ' ';
    first = false;
    if (value.is_object()) out += key + ":";
    out += GoMapText(member);
  }
  return out + "]";
}

std::string GoTypeOf(const json& value) { return value.is_boolean() ? "bool" : value.type_name(); }

std::string GoFloat(double number) {
  constexpr int kMaxDigits = 17;
  char text[40];
  // Finds the fewest digits that read back as the same number.
  int digits = 1;
  for (; digits <= kMaxDigits; ++digits) {
    std::snprintf(text, sizeof text, "%.*e", digits - 1, number);
    if (std::strtod(text, nullptr) == number) break;
  }
  const int exponent = std::atoi(std::strchr(text, 'e') + 1);
  // The exponents at which %g with the shortest precision changes its form.
  // https://github.com/golang/go/blob/go1.24.0/src/strconv/ftoa.go
  constexpr int kMaxExponent = 6;
  if (exponent < -4 || exponent >= kMaxExponent) return text;
  std::snprintf(text, sizeof text, "%.*f", std::max(digits - 1 - exponent, 0), number);
  return text;
}

}  // namespace kless::kubernetes
