// JsonObjectText: writes one JSON object from left to right, without a tree.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace kless::doors::aws {

class JsonObjectText {
 public:
  JsonObjectText() : text_("{") {}

  // `json` is JSON text.
  JsonObjectText& Raw(std::string_view name, std::string_view json);
  JsonObjectText& String(std::string_view name, std::string_view text);
  JsonObjectText& Integer(std::string_view name, std::int64_t value);
  // The shortest decimal text without an exponent, at least one digit after the point: "1.0".
  JsonObjectText& Double(std::string_view name, double value);
  JsonObjectText& Flag(std::string_view name, bool value);
  // Seconds since 1970 with milliseconds, as AWS writes timestamps: 1764546000.123.
  JsonObjectText& Time(std::string_view name, std::int64_t unix_nanos);
  // Returns the text; nothing may be added afterwards.
  std::string Finish();

 private:
  void Begin(std::string_view name);

  std::string text_;
};

// An object of arrays, whose elements come in any order: {"a":[1,2],"b":[3]}, sorted by name.
class JsonArraysText {
 public:
  bool empty() const { return arrays_.empty(); }
  // `json` is JSON text.
  void Add(const std::string& name, std::string_view json);
  std::string Text() const;

 private:
  std::map<std::string, std::string> arrays_;  // each without its end
};

// Puts a comma before every element but the first.
void AppendElement(std::string& array, std::string_view json);
std::string DoubleText(double value);

// The JSON text of a value without white space and with sorted members: equal for requests that
// say the same, whatever the order in which a client writes them.
std::string CanonicalJson(simdjson::dom::element value);

}  // namespace kless::doors::aws
