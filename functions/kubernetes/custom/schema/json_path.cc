#include "functions/kubernetes/custom/schema/json_path.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr std::string_view kComparisons[] = {"==", "!=", "<=", ">=", "<", ">"};

std::string_view WithoutSpaces(std::string_view text) { return Trim(text, " "); }

// The text inside quotes of either kind; nullopt if it is not quoted.
std::optional<std::string> Unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return std::nullopt;
  if (text.front() != '\'' && text.front() != '"') return std::nullopt;
  return std::string(text.substr(1, text.size() - 2));
}

// Takes a name up to the next step; a backslash escapes the next character.
std::string TakeName(std::string_view& text) {
  std::string name;
  while (!text.empty() && text.front() != '.' && text.front() != '[') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    name.push_back(text.front());
    text.remove_prefix(1);
  }
  return name;
}

// The end of the bracket that the text begins with, skipping quotes; npos if it does not end.
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
  text = WithoutSpaces(text);
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  if (text.starts_with('$')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  JsonPath path;
  while (!text.empty()) {
    if (text.front() == '[') {
      const std::size_t end = BracketEnd(text);
      if (end == std::string_view::npos) return std::nullopt;
      if (!ParseBracket(WithoutSpaces(text.substr(1, end - 1)), &path.steps_)) return std::nullopt;
      text.remove_prefix(end + 1);
      continue;
    }
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
    Step step;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      step.kind = Step::Kind::kAnyDepth;
      path.steps_.push_back(std::exchange(step, Step()));
      if (text.starts_with('[')) continue;
    }
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
  } else if (inside.starts_with('\'') && Unquoted(inside)) {
    // client-go parses it as a path again: dots in a name are escaped.
    const auto path = Parse("." + *Unquoted(inside));
    if (!path) return false;
    steps->insert(steps->end(), path->steps_.begin(), path->steps_.end());
    return true;
  } else if (auto name = Unquoted(inside)) {
    step.name = std::move(*name);
  } else if (const auto index = ParseInteger(inside)) {
    step.kind = Step::Kind::kIndex;
    step.index = static_cast<long>(*index);
  } else if (!ParseSlice(inside, &step) && !ParseCondition(inside, &step) &&
             !ParseUnion(inside, &step)) {
    return false;
  }
  steps->push_back(std::move(step));
  return true;
}

bool JsonPath::ParseSlice(std::string_view inside, Step* step) {
  const std::vector<std::string> parts = [&] {
    std::vector<std::string> all;
    for (const std::string_view part : Split(inside, ':')) all.emplace_back(WithoutSpaces(part));
    return all;
  }();
  if (parts.size() < 2 || parts.size() > 3) return false;
  std::optional<long> numbers[3];
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    const auto number = ParseInteger(parts[i]);
    if (!number) return false;
    numbers[i] = static_cast<long>(*number);
  }
  step->kind = Step::Kind::kSlice;
  step->begin = numbers[0];
  step->end = numbers[1];
  step->stride = numbers[2].value_or(1);
  return step->stride > 0;
}

bool JsonPath::ParseUnion(std::string_view inside, Step* step) {
  step->kind = Step::Kind::kUnion;
  for (const std::string_view part : Split(inside, ',')) {
    std::vector<Step> steps;
    if (WithoutSpaces(part) == inside || !ParseBracket(WithoutSpaces(part), &steps) ||
        steps.size() != 1)
      return false;
    step->alternatives.push_back(std::move(steps[0]));
  }
  return true;
}

bool JsonPath::ParseCondition(std::string_view text, Step* step) {
  if (!text.starts_with("?(") || !text.ends_with(')')) return false;
  text = WithoutSpaces(text.substr(2, text.size() - 3));
  if (!text.starts_with('@')) return false;
  step->kind = Step::Kind::kWhere;
  for (const std::string_view comparison : kComparisons) {
    const std::size_t at = text.find(comparison);
    if (at == std::string_view::npos) continue;
    const std::string_view left = WithoutSpaces(text.substr(1, at - 1));
    const std::string_view right = WithoutSpaces(text.substr(at + comparison.size()));
    const auto member = left.empty() ? JsonPath() : Parse(left);
    const auto members = member ? member->Members() : std::nullopt;
    if (!members || right.empty()) return false;
    step->where = *members;
    step->comparison = comparison;
    const auto quoted = Unquoted(right);
    step->value = quoted ? DumpJson(json(*quoted)) : std::string(right);
    return ParseJson(step->value).has_value();
  }
  const auto member = Parse(text.substr(1));
  const auto members = member ? member->Members() : std::nullopt;
  if (!members) return false;
  step->where = *members;
  return true;
}

const json* JsonPath::FindInSlice(const json& value, const Step* step, const Step* end) {
  if (!value.is_array()) return nullptr;
  const auto size = static_cast<long>(value.size());
  const auto place = [size](long index) {
    return std::clamp(index < 0 ? size + index : index, 0L, size);
  };
  const long last = place(step->end.value_or(size));
  for (long i = place(step->begin.value_or(0)); i < last; i += step->stride) {
    const json* found = FindFrom(value[static_cast<std::size_t>(i)], step + 1, end);
    if (found != nullptr) return found;
  }
  return nullptr;
}

bool JsonPath::Holds(const Step& step, const json& element) {
  const json* value = &element;
  for (const std::string& name : step.where) {
    value = kubernetes::Find(*value, name.c_str());
    if (value == nullptr) return false;
  }
  if (step.comparison.empty()) return true;
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
    case Step::Kind::kSlice:
      return FindInSlice(value, step, end);
    case Step::Kind::kUnion:
      for (const Step& one : step->alternatives) {
        const json* here = FindFrom(value, &one, &one + 1);
        const json* found = here == nullptr ? nullptr : FindFrom(*here, step + 1, end);
        if (found != nullptr) return found;
      }
      return nullptr;
    case Step::Kind::kAnyDepth:
      if (const json* found = FindFrom(value, step + 1, end)) return found;
      if (!value.is_structured()) return nullptr;
      for (const json& below : value) {
        if (const json* found = FindFrom(below, step, end)) return found;
      }
      return nullptr;
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
