#include "tests/functions/controllers/scheduler/probe.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace kless::controllers::scheduler {

using nlohmann::json;

std::vector<Scenario> ReadProbe(const std::string& path) {
  std::vector<Scenario> scenarios;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("== ")) {
      scenarios.push_back({line.substr(3, line.find(' ', 3) - 3), {}});
    } else if (!scenarios.empty() && line.find_first_not_of(' ') != std::string::npos) {
      scenarios.back().lines.push_back(line);
    }
  }
  return scenarios;
}

namespace {

// The end of the JSON value that begins at `begin`.
std::size_t JsonEnd(const std::string& text, std::size_t begin) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (depth == 0 && (c == ' ' || c == ',')) {
      return i;
    }
    if (depth == 0 && !quoted && (c == '"' || c == '}' || c == ']')) return i + 1;
  }
  return text.size();
}

}  // namespace

ObjectLine ParseObjectLine(const std::string& text, json& attributes) {
  ObjectLine line;
  attributes = json::object();
  std::size_t at = text.find(' ');
  std::istringstream names(text.substr(0, at));
  for (std::string name; std::getline(names, name, ',');) line.names.push_back(name);
  while (at != std::string::npos && at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    if (text.compare(at, 3, "-> ") == 0) {
      line.outcome = text.substr(at + 3);
      break;
    }
    const std::size_t equals = text.find('=', at);
    if (equals == std::string::npos) break;
    const std::size_t end = JsonEnd(text, equals + 1);
    attributes[text.substr(at, equals - at)] =
        json::parse(text.substr(equals + 1, end - equals - 1));
    at = end;
  }
  return line;
}

json JsonIn(const std::string& text, std::size_t from) {
  const std::size_t begin = text.find_first_of("{[", from);
  if (begin == std::string::npos) return json();
  return json::parse(text.substr(begin, JsonEnd(text, begin) - begin), nullptr, false);
}

std::string QuotedIn(const std::string& text, std::size_t from) {
  const std::size_t begin = text.find('"', from);
  if (begin == std::string::npos) return "";
  std::string out;
  for (std::size_t i = begin + 1; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

}  // namespace kless::controllers::scheduler
