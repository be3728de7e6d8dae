// Items and placeholders from JSON text, for the tests of expressions.
#pragma once

#include <optional>
#include <string>

#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/expression/placeholders.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless {

inline AttributeMap ItemOf(const std::string& json) {
  PaddedParser parser;
  return ParseItem(json, parser).value();
}

// "" means that the parameter is absent.
inline Result<Placeholders> PlaceholdersOf(const std::string& names, const std::string& values) {
  PaddedParser name_parser;
  PaddedParser value_parser;
  std::optional<simdjson::dom::element> name_element;
  std::optional<simdjson::dom::element> value_element;
  simdjson::dom::element root;
  if (!names.empty() && name_parser.Parse(names, root)) name_element = root;
  if (!values.empty() && value_parser.Parse(values, root)) value_element = root;
  return Placeholders::Read(name_element, value_element);
}

}  // namespace kless
