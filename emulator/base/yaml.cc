#include "emulator/base/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless {
namespace {

using nlohmann::json;

// Aliases can make a small file huge ("billion laughs"): a document may expand to this many values
// more than it has bytes.
constexpr std::size_t kMaxExpansion = 100'000;

struct YamlProblem {
  int line;  // from 0, as in yaml-cpp; -1: unknown
  std::string message;
};

// Converts nodes to JSON; errors are thrown as YamlProblem.
class Converter {
 public:
  // `bytes` is the size of the parsed text.
  Converter(YamlRules rules, std::size_t bytes) : rules_(rules), budget_(bytes + kMaxExpansion) {}

  json Convert(const YAML::Node& node, int depth = 0) {
    const int line = node.Mark().line;
    if (depth > kJsonMaxDepth) {
      throw YamlProblem{line, "nested deeper than " + std::to_string(kJsonMaxDepth) + " levels"};
    }
    if (budget_ == 0) throw YamlProblem{line, "aliases expand to too many values"};
    --budget_;
    if (node.IsScalar()) return Scalar(node);
    if (node.IsMap()) return Map(node, depth);
    if (!node.IsSequence()) return nullptr;
    json array = json::array();
    for (const auto& element : node) array.push_back(Convert(element, depth + 1));
    return array;
  }

 private:
  json Scalar(const YAML::Node& node) const {
    auto value = ResolveYamlScalar(node.Scalar(), node.Tag(), rules_);
    if (value.has_error()) throw YamlProblem{node.Mark().line, value.error().message};
    return std::move(value.value());
  }

  // Keys become strings as in sigs.k8s.io/yaml: 1 -> "1", yes -> "true".
  std::string KeyText(const YAML::Node& key) const {
    if (!key.IsScalar()) throw YamlProblem{key.Mark().line, "a key must be a scalar"};
    const json value = Scalar(key);
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  json Map(const YAML::Node& node, int depth) {
    json object = json::object();
    std::vector<YAML::Node> merges;  // the map's own members win over merged ones
    for (const auto& entry : node) {
      const YAML::Node& key = entry.first;
      if (key.IsScalar() && key.Scalar() == "<<" && key.Tag() != "!") {
        merges.push_back(entry.second);
        continue;
      }
      const std::string name = KeyText(key);
      if (object.contains(name)) {
        throw YamlProblem{key.Mark().line, "key '" + name + "' is given twice"};
      }
      object[name] = Convert(entry.second, depth + 1);
    }
    for (const YAML::Node& merge : merges) Merge(object, merge, depth);
    return object;
  }

  void Merge(json& object, const YAML::Node& source, int depth) {
    if (source.IsSequence()) {
      for (const auto& each : source) Merge(object, each, depth);
      return;
    }
    if (!source.IsMap()) {
      throw YamlProblem{source.Mark().line, "'<<' needs a map or a list of maps"};
    }
    const json merged = Convert(source, depth + 1);
    for (const auto& [key, value] : merged.items()) {
      if (!object.contains(key)) object[key] = value;
    }
  }

  const YamlRules rules_;
  std::size_t budget_;  // the number of values that may still be made
};

struct Chunk {
  std::string_view text;
  int first_line;  // from 1
};

// Splits at "---" lines: at the start of a line it is always a document marker.
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
      // The rest of the marker's line belongs to the new document.
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

// Parses one or more consecutive JSON values.
Result<void> ParseJsonChunk(const Chunk& chunk, const std::string& name,
                            std::vector<json>* documents) {
  std::string_view rest = chunk.text;
  int line = chunk.first_line;
  while (true) {
    const auto start = rest.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return {};
    line += static_cast<int>(std::count(rest.begin(), rest.begin() + start, '\n'));
    rest.remove_prefix(start);
    // Finds the end of the value: the place where brackets balance outside strings.
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

void CollectLines(const YAML::Node& node, const std::string& path,
                  std::map<std::string, int>* lines) {
  const std::string prefix = path.empty() ? "" : path + ".";
  if (node.IsMap()) {
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) continue;
      const std::string inner = prefix + entry.first.Scalar();
      lines->emplace(inner, entry.first.Mark().line + 1);
      CollectLines(entry.second, inner, lines);
    }
  } else if (node.IsSequence()) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string inner = prefix + std::to_string(i);
      lines->emplace(inner, node[i].Mark().line + 1);
      CollectLines(node[i], inner, lines);
    }
  }
}

}  // namespace

Result<json> YamlToJson(const YAML::Node& node, YamlRules rules, const std::string& name,
                        int first_line, std::size_t bytes) {
  try {
    Converter converter(rules, bytes);
    return Result<json>(boost::system::in_place_value, converter.Convert(node));
  } catch (const YamlProblem& problem) {
    return At(name, problem.line < 0 ? 0 : problem.line + first_line, problem.message);
  }
}

Result<std::vector<json>> ParseDocuments(std::string_view text, YamlRules rules,
                                         const std::string& name) {
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
      // Flow-style YAML begins in the same way: {a: 1}.
      const auto quoted = chunk.text.find_first_not_of(" \t\r\n", first + 1);
      if (quoted == std::string_view::npos || chunk.text[quoted] == '"') return parsed.error();
    }
    try {
      const YAML::Node node = YAML::Load(std::string(chunk.text));
      KLESS_TRY(auto converted, YamlToJson(node, rules, name, chunk.first_line, chunk.text.size()));
      if (!converted.is_null()) documents.push_back(std::move(converted));
    } catch (const YAML::Exception& error) {
      return At(name, error.mark.is_null() ? 0 : error.mark.line + chunk.first_line, error.msg);
    }
  }
  return Result<std::vector<json>>(boost::system::in_place_value, std::move(documents));
}

std::map<std::string, int> LinesOfPaths(const std::string& text) {
  std::map<std::string, int> lines;
  try {
    CollectLines(YAML::Load(text), "", &lines);
  } catch (const YAML::Exception&) {
    lines.clear();
  }
  return lines;
}

}  // namespace kless
