#include "emulator/doors/aws/wire/shape.h"

#include <re2/re2.h>

#include <array>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/strings.h"

namespace kless::doors::aws {
namespace {

constexpr std::array<std::pair<std::string_view, ShapeType>, 10> kTypes = {{
    {"string", ShapeType::kString},
    {"enum", ShapeType::kString},
    {"blob", ShapeType::kBlob},
    {"boolean", ShapeType::kBoolean},
    {"integer", ShapeType::kInteger},
    {"long", ShapeType::kLong},
    {"double", ShapeType::kDouble},
    {"list", ShapeType::kList},
    {"map", ShapeType::kMap},
    {"structure", ShapeType::kStructure},
}};

// The logical lines of a text: comments and empty lines left out, continuations joined.
std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : Split(text, '\n')) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first == std::string_view::npos || line[first] == '#') continue;
    if (first > 0 && !lines.empty()) {
      lines.back().append(" ").append(line.substr(first));
    } else {
      lines.emplace_back(line);
    }
  }
  return lines;
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : Split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// "3..255", "1..", "..40".
bool ParseRange(std::string_view word, Shape* shape) {
  const std::size_t dots = word.find("..");
  if (dots == std::string_view::npos) return false;
  const auto low = ParseInteger(word.substr(0, dots));
  const auto high = ParseInteger(word.substr(dots + 2));
  if (!low && !high) return false;
  shape->min = low;
  shape->max = high;
  return true;
}

std::string LowerFirst(std::string_view name) {
  std::string text(name);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

}  // namespace

Shapes::Shapes(std::string_view text) {
  const std::vector<std::string> lines = LinesOf(text);
  // Shapes may name later ones and themselves, so all of them exist before any is filled in.
  for (const std::string& line : lines) {
    const std::vector<std::string_view> words = WordsOf(line);
    KLESS_CHECK(words.size() >= 3 && words[1] == "=", line);
    auto shape = std::make_unique<Shape>();
    shape->name = words[0];
    KLESS_CHECK(shapes_.emplace(shape->name, std::move(shape)).second, line);
  }
  const auto find = [this](std::string_view name) {
    const Shape* const shape = Find(name);
    KLESS_CHECK(shape != nullptr, name);
    return shape;
  };
  for (const std::string& line : lines) {
    const std::vector<std::string_view> words = WordsOf(line);
    Shape& shape = *shapes_.find(words[0])->second;
    bool is_known = false;
    for (const auto& [name, type] : kTypes) {
      if (name != words[2]) continue;
      shape.type = type;
      is_known = true;
    }
    KLESS_CHECK(is_known, line);
    std::size_t at = 3;
    if (shape.type == ShapeType::kList) {
      shape.element = find(words.at(at++));
    } else if (shape.type == ShapeType::kMap) {
      shape.key = find(words.at(at++));
      shape.element = find(words.at(at++));
    }
    for (; at < words.size(); ++at) {
      std::string_view word = words[at];
      if (words[2] == "enum") {
        shape.values.emplace_back(word);
      } else if (word == "attribute") {
        shape.is_attribute_value = true;
      } else if (shape.type == ShapeType::kStructure) {
        ShapeMember member;
        member.required = word.ends_with('!');
        if (member.required) word.remove_suffix(1);
        if (const std::size_t flat = word.find('@'); flat != std::string_view::npos) {
          member.flat_name = word.substr(flat + 1);
          word = word.substr(0, flat);
        }
        const std::size_t colon = word.find(':');
        member.name = word.substr(0, colon);
        member.path_name = LowerFirst(member.name);
        member.shape = find(colon == std::string_view::npos ? word : word.substr(colon + 1));
        shape.members.push_back(std::move(member));
      } else if (shape.type == ShapeType::kMap && word.starts_with("entry=")) {
        word.remove_prefix(word.find('=') + 1);
        shape.key_name = word.substr(0, word.find(','));
        shape.value_name = word.substr(word.find(',') + 1);
      } else if (word == "or-arn") {
        shape.or_arn = true;
      } else if (word == "table") {
        shape.is_table_name = true;
      } else if (word == "new-table") {
        shape.is_new_table_name = true;
      } else if (word == "moved") {
        shape.is_moved = true;
      } else if (word == "parameter") {
        shape.is_parameter = true;
      } else if (!ParseRange(word, &shape)) {
        shape.pattern = word;
      }
    }
  }
}

bool Shape::Matches(std::string_view text) const {
  if (pattern.empty()) return true;
  if (!compiled_pattern) compiled_pattern = std::make_shared<const re2::RE2>(pattern);
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *compiled_pattern);
}

const Shape* Shapes::Find(std::string_view name) const {
  const auto found = shapes_.find(name);
  return found == shapes_.end() ? nullptr : found->second.get();
}

}  // namespace kless::doors::aws
