#include "emulator/base/json_parser.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/padded_parser.h"

namespace kless {
namespace {

// The parser of nlohmann/json does not recurse, but its writers and destructors do.
bool TooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kJsonMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// Types are the same as from nlohmann's own parser: whole numbers are unsigned unless negative, and
// the last of duplicate keys counts.
nlohmann::json TreeOf(simdjson::dom::element element, bool& repeats) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::OBJECT: {
      nlohmann::json::object_t members;
      for (const auto& [key, value] : simdjson::dom::object(element)) {
        const std::size_t before = members.size();
        members.insert_or_assign(members.end(), std::string(key), TreeOf(value, repeats));
        if (members.size() == before) repeats = true;
      }
      return nlohmann::json(std::move(members));
    }
    case element_type::ARRAY: {
      const simdjson::dom::array array(element);
      nlohmann::json::array_t values;
      values.reserve(array.size());
      for (const simdjson::dom::element value : array) values.push_back(TreeOf(value, repeats));
      return nlohmann::json(std::move(values));
    }
    case element_type::STRING:
      return std::string(std::string_view(element));
    case element_type::INT64: {
      const std::int64_t number(element);
      if (number >= 0) return static_cast<std::uint64_t>(number);
      return number;
    }
    case element_type::UINT64:
      return std::uint64_t(element);
    case element_type::DOUBLE:
      return double(element);
    case element_type::BOOL:
      return bool(element);
    case element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

}  // namespace

Result<nlohmann::json> ParseJsonText(std::string_view text, bool* repeats) {
  static thread_local PaddedParser parser;
  simdjson::dom::element root;
  const bool parsed = parser.Parse(text, root);
  *repeats = !parsed;
  nlohmann::json tree = parsed ? TreeOf(root, *repeats) : nlohmann::json();
  parser.ShrinkIfLarge();
  if (parsed) return Result<nlohmann::json>(boost::system::in_place_value, std::move(tree));
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "parse error: a NUL byte at offset " + std::to_string(nul));
  }
  // nlohmann's parser reports errors with their place, and reads numbers above 64 bits as doubles.
  if (TooDeep(text)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "JSON nested deeper than " + std::to_string(kJsonMaxDepth) + " levels");
  }
  try {
    return Result<nlohmann::json>(boost::system::in_place_value, nlohmann::json::parse(text));
  } catch (const nlohmann::json::exception& error) {
    // Removes the tag from "[json.exception.parse_error.101] parse error at line 1, column 2: ...".
    std::string_view what = error.what();
    const auto tag = what.find("] ");
    if (tag != std::string_view::npos) what.remove_prefix(tag + 2);
    return MakeError(ErrorCode::kInvalidArgument, std::string(what));
  }
}

}  // namespace kless
