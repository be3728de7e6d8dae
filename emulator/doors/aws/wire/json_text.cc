#include "emulator/doors/aws/wire/json_text.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <utility>

#include "emulator/base/json.h"

namespace kless::doors::aws {

void JsonObjectText::Begin(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  text_.append("\"").append(name).append("\":");
}

JsonObjectText& JsonObjectText::Raw(std::string_view name, std::string_view json) {
  Begin(name);
  text_ += json;
  return *this;
}

JsonObjectText& JsonObjectText::String(std::string_view name, std::string_view text) {
  Begin(name);
  AppendJsonString(text_, text);
  return *this;
}

JsonObjectText& JsonObjectText::Integer(std::string_view name, std::int64_t value) {
  Begin(name);
  text_ += std::to_string(value);
  return *this;
}

JsonObjectText& JsonObjectText::Double(std::string_view name, double value) {
  Begin(name);
  text_ += DoubleText(value);
  return *this;
}

JsonObjectText& JsonObjectText::Flag(std::string_view name, bool value) {
  Begin(name);
  text_ += value ? "true" : "false";
  return *this;
}

JsonObjectText& JsonObjectText::Time(std::string_view name, std::int64_t unix_nanos) {
  Begin(name);
  const std::int64_t millis = unix_nanos / 1'000'000;
  std::array<char, 32> text;
  const int length =
      std::snprintf(text.data(), text.size(), "%lld.%03d", static_cast<long long>(millis / 1000),
                    static_cast<int>(millis % 1000));
  text_.append(text.data(), static_cast<std::size_t>(length));
  return *this;
}

std::string JsonObjectText::Finish() {
  text_ += '}';
  return std::move(text_);
}

void JsonArraysText::Add(const std::string& name, std::string_view json) {
  std::string& array = arrays_[name];
  if (array.empty()) array = "[";
  AppendElement(array, json);
}

std::string JsonArraysText::Text() const {
  JsonObjectText object;
  for (const auto& [name, array] : arrays_) object.Raw(name, array + "]");
  return object.Finish();
}

void AppendElement(std::string& array, std::string_view json) {
  if (array.size() > 1) array += ',';
  array += json;
}

namespace {

void AppendCanonical(simdjson::dom::element value, std::string& out) {
  if (value.is_array()) {
    out += '[';
    bool first = true;
    for (const simdjson::dom::element each : simdjson::dom::array(value)) {
      if (!first) out += ',';
      first = false;
      AppendCanonical(each, out);
    }
    out += ']';
    return;
  }
  if (!value.is_object()) {
    out += simdjson::minify(value);
    return;
  }
  std::multimap<std::string_view, simdjson::dom::element> members;
  for (const auto [name, member] : simdjson::dom::object(value)) members.emplace(name, member);
  out += '{';
  bool first = true;
  for (const auto& [name, member] : members) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(out, name);
    out += ':';
    AppendCanonical(member, out);
  }
  out += '}';
}

}  // namespace

std::string CanonicalJson(simdjson::dom::element value) {
  std::string text;
  AppendCanonical(value, text);
  return text;
}

std::string DoubleText(double value) {
  std::array<char, 400> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  std::string result(text.data(), error == std::errc{} ? end : text.data());
  if (result.find('.') == std::string::npos) result += ".0";
  return result;
}

}  // namespace kless::doors::aws
