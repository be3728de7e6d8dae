#include "functions/kubernetes/custom/json_path.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr std::string_view kComparisons[] = {"==", "!=", "<=", ">=", "<", ">"};

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// The text between quotes of either kind; nullopt: there are none around it.
std::optional<std::string> Unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return std::nullopt;
  if (text.front() != '\'' && text.front() != '"') return std::nullopt;
  return std::string(text.substr(1, text.size() - 2));
}

// A name up to the next step; a backslash takes the character behind it.
std::string TakeName(std::string_view& text) {
  std::string name;
  while (!text.empty() && text.front() != '.' && text.front() != '[') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    name.push_back(text.front());
    text.remove_prefix(1);
  }
  return name;
}

// The end of the bracket that text begins with, quotes passed over; npos: it does not end.
std::size_t BracketEnd(std::string_view text) {
  char quote = '\0';
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<JsonPath> JsonPath::Parse(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  if (text.starts_with('$')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  JsonPath path;
  while (!text.empty()) {
    if (text.front() == '[') {
      const std::size_t end = BracketEnd(text);
      if (end == std::string_view::npos) return std::nullopt;
      if (!ParseBracket(Trim(text.substr(1, end - 1)), &path.steps_)) return std::nullopt;
      text.remove_prefix(end + 1);
      continue;
    }
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
    Step step;
    step.name = TakeName(text);
    if (step.name.empty()) return std::nullopt;
    if (step.name == "*") step.kind = Step::Kind::kAll;
    path.steps_.push_back(std::move(step));
  }
  return path;
}

bool JsonPath::ParseBracket(std::string_view inside, std::vector<Step>* steps) {
  Step step;
  if (inside == "*") {
    step.kind = Step::Kind::kAll;
  } else if (auto name = Unquoted(inside)) {
    step.name = std::move(*name);
  } else if (const auto index = ParseInteger(inside)) {
    step.kind = Step::Kind::kIndex;
    step.index = static_cast<long>(*index);
  } else if (!ParseCondition(inside, &step)) {
    return false;
  }
  steps->push_back(std::move(step));
  return true;
}

bool JsonPath::ParseCondition(std::string_view text, Step* step) {
  if (!text.starts_with("?(") || !text.ends_with(')')) return false;
  text = Trim(text.substr(2, text.size() - 3));
  if (!text.starts_with('@')) return false;
  step->kind = Step::Kind::kWhere;
  for (const std::string_view comparison : kComparisons) {
    const std::size_t at = text.find(comparison);
    if (at == std::string_view::npos) continue;
    const std::string_view left = Trim(text.substr(1, at - 1));
    const std::string_view right = Trim(text.substr(at + comparison.size()));
    const auto member = left.empty() ? JsonPath() : Parse(left);
    const auto members = member ? member->Members() : std::nullopt;
    if (!members || right.empty()) return false;
    step->where = *members;
    step->comparison = comparison;
    const auto quoted = Unquoted(right);
    step->value = quoted ? DumpJson(json(*quoted)) : std::string(right);
    return ParseJson(step->value).has_value();
  }
  return false;
}

bool JsonPath::Holds(const Step& step, const json& element) {
  const json* value = &element;
  for (const std::string& name : step.where) {
    value = kubernetes::Find(*value, name.c_str());
    if (value == nullptr) return false;
  }
  const json wanted = ParseJson(step.value).value();
  if (step.comparison == "==") return *value == wanted;
  if (step.comparison == "!=") return *value != wanted;
  if (value->type() != wanted.type() && !(value->is_number() && wanted.is_number())) return false;
  if (step.comparison == "<") return *value < wanted;
  if (step.comparison == "<=") return *value <= wanted;
  if (step.comparison == ">") return *value > wanted;
  return *value >= wanted;
}

const json* JsonPath::FindFrom(const json& value, const Step* step, const Step* end) {
  if (step == end) return &value;
  switch (step->kind) {
    case Step::Kind::kMember: {
      const json* member = kubernetes::Find(value, step->name.c_str());
      return member == nullptr ? nullptr : FindFrom(*member, step + 1, end);
    }
    case Step::Kind::kIndex: {
      if (!value.is_array()) return nullptr;
      const auto size = static_cast<long>(value.size());
      const long at = step->index < 0 ? size + step->index : step->index;
      if (at < 0 || at >= size) return nullptr;
      return FindFrom(value[static_cast<std::size_t>(at)], step + 1, end);
    }
    case Step::Kind::kAll:
    case Step::Kind::kWhere:
      break;
  }
  if (!value.is_structured()) return nullptr;
  for (const json& element : value) {
    if (step->kind == Step::Kind::kWhere && !Holds(*step, element)) continue;
    if (const json* found = FindFrom(element, step + 1, end)) return found;
  }
  return nullptr;
}

const json* JsonPath::Find(const json& object) const {
  return FindFrom(object, steps_.data(), steps_.data() + steps_.size());
}

std::optional<std::vector<std::string>> JsonPath::Members() const {
  std::vector<std::string> members;
  for (const Step& step : steps_) {
    if (step.kind != Step::Kind::kMember) return std::nullopt;
    members.push_back(step.name);
  }
  return members;
}

}  // namespace kless::kubernetes
