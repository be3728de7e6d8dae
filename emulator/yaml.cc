#include "emulator/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

using nlohmann::json;

// Aliases may make a small file large ("billion laughs"): a document may expand to so many values
// more than it has bytes.
constexpr std::size_t kMaxExpansion = 100'000;

struct YamlProblem {
  int line;  // from 0, as yaml-cpp counts; -1: not known
  std::string message;
};

const std::map<std::string_view, bool>& Booleans() {
  static const std::map<std::string_view, bool> booleans = {
      {"y", true},      {"Y", true},     {"yes", true},  {"Yes", true},  {"YES", true},
      {"true", true},   {"True", true},  {"TRUE", true}, {"on", true},   {"On", true},
      {"ON", true},     {"n", false},    {"N", false},   {"no", false},  {"No", false},
      {"NO", false},    {"off", false},  {"Off", false}, {"OFF", false}, {"false", false},
      {"False", false}, {"FALSE", false}};
  return booleans;
}

bool IsNull(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

bool IsInfinityOrNan(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" ||
         text == ".NAN";
}

// Integers with the prefixes of Go's strconv (0x, 0b, 0o, 0) and underscores between digits.
std::optional<json> Integer(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '_');
  std::string_view digits = plain;
  bool negative = false;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
    negative = digits[0] == '-';
    digits.remove_prefix(1);
  }
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = digits[1];
    base = mark == 'x' || mark == 'X' ? 16 : mark == 'b' || mark == 'B' ? 2 : 8;
    digits.remove_prefix(base != 8 || mark == 'o' || mark == 'O' ? 2 : 1);
  }
  std::uint64_t magnitude = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, magnitude, base);
  if (error != std::errc{} || end != last) return std::nullopt;
  if (!negative) {
    return json(magnitude);
  }
  if (magnitude > std::uint64_t{1} << 63) return std::nullopt;
  return json(static_cast<std::int64_t>(~magnitude + 1));
}

// [-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?  and "1." as go-yaml takes them.
std::optional<json> Float(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '_');
  std::string_view number = plain;
  if (!number.empty() && number[0] == '+') number.remove_prefix(1);
  const std::string_view unsigned_part = number.starts_with('-') ? number.substr(1) : number;
  if (unsigned_part.empty() ||
      (unsigned_part[0] != '.' && !std::isdigit(static_cast<unsigned char>(unsigned_part[0])))) {
    return std::nullopt;
  }
  double value = 0;
  const char* const last = number.data() + number.size();
  const auto [end, error] = std::from_chars(number.data(), last, value);
  if (error != std::errc{} || end != last) return std::nullopt;
  return json(value);
}

json PlainScalar(const std::string& text, int line) {
  if (IsNull(text)) return nullptr;
  if (const auto found = Booleans().find(text); found != Booleans().end()) return found->second;
  if (IsInfinityOrNan(text)) throw YamlProblem{line, text + " has no form in JSON"};
  if (auto integer = Integer(text)) return *integer;
  if (auto number = Float(text)) return *number;
  return text;
}

json Scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  const std::string& tag = node.Tag();
  const int line = node.Mark().line;
  if (tag == "!") return text;  // quoted, or a block scalar
  if (tag == "?" || tag.empty()) return PlainScalar(text, line);
  static constexpr std::string_view kCore = "tag:yaml.org,2002:";
  const std::string_view name =
      tag.starts_with(kCore) ? std::string_view(tag).substr(kCore.size()) : std::string_view(tag);
  if (name == "str") return text;
  if (name == "binary") {
    std::string packed;
    std::copy_if(text.begin(), text.end(), std::back_inserter(packed),
                 [](unsigned char c) { return std::isspace(c) == 0; });
    const auto bytes = Base64Decode(packed);
    if (!bytes) throw YamlProblem{line, "!!binary is not base64"};
    return *bytes;
  }
  const json value = PlainScalar(text, line);
  if (name == "null" && value.is_null()) return value;
  if (name == "bool" && value.is_boolean()) return value;
  if (name == "int" && value.is_number_integer()) return value;
  if (name == "float" && value.is_number()) return value.get<double>();
  if (name == "timestamp") return text;
  throw YamlProblem{line, "'" + text + "' does not fit its tag " + tag};
}

// `budget`: values that may still be made.
json Convert(const YAML::Node& node, int depth, std::size_t& budget);

// Keys become strings as sigs.k8s.io/yaml writes them: 1 -> "1", yes -> "true".
std::string KeyText(const YAML::Node& key) {
  if (!key.IsScalar()) throw YamlProblem{key.Mark().line, "a key must be a scalar"};
  const json value = Scalar(key);
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "null";
  return value.dump();
}

void Merge(json& object, const YAML::Node& source, int depth, std::size_t& budget) {
  if (source.IsSequence()) {
    for (const auto& each : source) Merge(object, each, depth, budget);
    return;
  }
  if (!source.IsMap()) throw YamlProblem{source.Mark().line, "'<<' needs a map or a list of maps"};
  const json merged = Convert(source, depth + 1, budget);
  for (const auto& [key, value] : merged.items()) {
    if (!object.contains(key)) object[key] = value;
  }
}

json Convert(const YAML::Node& node, int depth, std::size_t& budget) {
  const int line = node.Mark().line;
  if (depth > kJsonMaxDepth) {
    throw YamlProblem{line, "nested deeper than " + std::to_string(kJsonMaxDepth) + " levels"};
  }
  if (budget == 0) throw YamlProblem{line, "aliases expand to too many values"};
  --budget;
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return nullptr;
    case YAML::NodeType::Scalar:
      return Scalar(node);
    case YAML::NodeType::Sequence: {
      json array = json::array();
      for (const auto& element : node) array.push_back(Convert(element, depth + 1, budget));
      return array;
    }
    case YAML::NodeType::Map:
      break;
  }
  json object = json::object();
  std::vector<YAML::Node> merges;  // what the map itself says wins over what it merges
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    const YAML::Node& value = entry.second;
    if (key.IsScalar() && key.Scalar() == "<<" && key.Tag() != "!") {
      merges.push_back(value);
      continue;
    }
    const std::string name = KeyText(key);
    if (object.contains(name)) {
      throw YamlProblem{key.Mark().line, "key '" + name + "' is given twice"};
    }
    object[name] = Convert(value, depth + 1, budget);
  }
  for (const YAML::Node& merge : merges) Merge(object, merge, depth, budget);
  return object;
}

struct Chunk {
  std::string_view text;
  int first_line;  // from 1
};

// Splits at "---" lines: at the start of a line it is a document marker wherever it stands.
std::vector<Chunk> SplitDocuments(std::string_view text) {
  std::vector<Chunk> chunks;
  std::size_t begin = 0;
  int line = 1;
  int begin_line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view content = text.substr(at, end - at);
    if (content.starts_with("---") &&
        (content.size() == 3 || std::isspace(static_cast<unsigned char>(content[3])) != 0)) {
      chunks.push_back({text.substr(begin, at - begin), begin_line});
      // What follows the marker on its line belongs to the new document.
      begin = at + 3;
      begin_line = line;
    }
    at = end;
  }
  chunks.push_back({text.substr(begin), begin_line});
  return chunks;
}

Error At(const std::string& name, int line, const std::string& message) {
  std::string place = name;
  if (line > 0) place += ":" + std::to_string(line);
  return MakeError(ErrorCode::kInvalidArgument, place + ": " + message);
}

// One or more JSON values, one after the other.
Result<void> ParseJsonChunk(const Chunk& chunk, const std::string& name,
                            std::vector<json>* documents) {
  std::string_view rest = chunk.text;
  int line = chunk.first_line;
  while (true) {
    const auto start = rest.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return {};
    line += static_cast<int>(std::count(rest.begin(), rest.begin() + start, '\n'));
    rest.remove_prefix(start);
    // The end of the value: the place where brackets balance outside strings.
    int depth = 0;
    bool in_string = false;
    std::size_t end = 0;
    for (; end < rest.size(); ++end) {
      const char c = rest[end];
      if (in_string) {
        if (c == '\\') {
          ++end;
        } else if (c == '"') {
          in_string = false;
        }
      } else if (c == '"') {
        in_string = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth <= 0) {
        break;
      }
    }
    const std::string_view value = rest.substr(0, std::min(end + 1, rest.size()));
    auto parsed = ParseJson(value);
    if (parsed.has_error()) return At(name, line, parsed.error().message);
    documents->push_back(std::move(parsed.value()));
    line += static_cast<int>(std::count(value.begin(), value.end(), '\n'));
    rest.remove_prefix(value.size());
  }
}

}  // namespace

Result<json> YamlToJson(const YAML::Node& node, const std::string& name, int first_line,
                        std::size_t bytes) {
  try {
    std::size_t budget = bytes + kMaxExpansion;
    return Result<json>(boost::system::in_place_value, Convert(node, 0, budget));
  } catch (const YamlProblem& problem) {
    return At(name, problem.line < 0 ? 0 : problem.line + first_line, problem.message);
  }
}

Result<std::vector<json>> ParseDocuments(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
  std::vector<json> documents;
  for (const Chunk& chunk : SplitDocuments(text)) {
    const auto first = chunk.text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) continue;
    if (chunk.text[first] == '%') continue;  // directives
    if (chunk.text[first] == '{' || chunk.text[first] == '[') {
      std::vector<json> values;
      const auto parsed = ParseJsonChunk(chunk, name, &values);
      if (!parsed.has_error()) {
        std::move(values.begin(), values.end(), std::back_inserter(documents));
        continue;
      }
      // Flow-style YAML also begins so: {a: 1}.
      const auto quoted = chunk.text.find_first_not_of(" \t\r\n", first + 1);
      if (quoted == std::string_view::npos || chunk.text[quoted] == '"') return parsed.error();
    }
    try {
      const YAML::Node node = YAML::Load(std::string(chunk.text));
      auto converted = YamlToJson(node, name, chunk.first_line, chunk.text.size());
      if (converted.has_error()) return converted.error();
      if (!converted.value().is_null()) documents.push_back(std::move(converted.value()));
    } catch (const YAML::Exception& error) {
      return At(name, error.mark.is_null() ? 0 : error.mark.line + chunk.first_line, error.msg);
    }
  }
  return Result<std::vector<json>>(boost::system::in_place_value, std::move(documents));
}

}  // namespace kless
