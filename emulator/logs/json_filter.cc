#include "emulator/logs/json_filter.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/strings.h"

namespace kless::logs {

using nlohmann::json;

namespace {

// Parentheses within parentheses.
constexpr int kDepthMax = 32;

// A member, an element, or every element.
struct Step {
  std::string member;  // unless it is an index
  std::optional<std::size_t> index;
  bool is_any = false;
};

enum class Test {
  kEqual,
  kUnequal,
  kLess,
  kAtMost,
  kMore,
  kAtLeast,
  kNull,
  kTrue,
  kFalse,
  kAbsent
};

// Collects the values at the end of a path.
void Collect(const json& value, const std::vector<Step>& path, std::size_t at,
             std::vector<const json*>* found) {
  if (at == path.size()) {
    found->push_back(&value);
    return;
  }
  const Step& step = path[at];
  if (step.is_any) {
    if (!value.is_array()) return;
    for (const json& each : value) Collect(each, path, at + 1, found);
  } else if (step.index) {
    if (value.is_array() && *step.index < value.size()) {
      Collect(value[*step.index], path, at + 1, found);
    }
  } else if (value.is_object()) {
    const auto member = value.find(step.member);
    if (member != value.end()) Collect(*member, path, at + 1, found);
  }
}

// '*' stands for any characters.
bool MatchesWildcards(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<double> NumberOf(const std::string& text) {
  try {
    std::size_t used = 0;
    const double number = std::stod(text, &used);
    if (used == text.size() && !text.empty()) return number;
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

struct Comparison {
  std::vector<Step> path;
  Test test = Test::kEqual;
  std::string text;
  std::optional<double> number;

  bool HoldsFor(const json& value) const {
    switch (test) {
      case Test::kNull:
        return value.is_null();
      case Test::kTrue:
        return value.is_boolean() && value.get<bool>();
      case Test::kFalse:
        return value.is_boolean() && !value.get<bool>();
      case Test::kAbsent:
        return false;
      case Test::kEqual:
      case Test::kUnequal: {
        bool equal = false;
        if (value.is_string()) equal = MatchesWildcards(text, value.get<std::string>());
        if (value.is_number()) equal = number && value.get<double>() == *number;
        return equal == (test == Test::kEqual);
      }
      default:
        break;
    }
    if (!number || !value.is_number()) return false;
    const double own = value.get<double>();
    if (test == Test::kLess) return own < *number;
    if (test == Test::kAtMost) return own <= *number;
    if (test == Test::kMore) return own > *number;
    return own >= *number;
  }
};

}  // namespace

struct JsonFilter::Node {
  enum class Kind { kComparison, kAnd, kOr };
  Kind kind = Kind::kComparison;
  Comparison comparison;
  std::vector<std::unique_ptr<Node>> parts;

  bool Matches(const json& message) const {
    if (kind == Kind::kComparison) {
      std::vector<const json*> found;
      Collect(message, comparison.path, 0, &found);
      if (comparison.test == Test::kAbsent) return found.empty();
      for (const json* const value : found) {
        if (comparison.HoldsFor(*value)) return true;
      }
      return false;
    }
    for (const auto& part : parts) {
      if (part->Matches(message) != (kind == Kind::kAnd)) return kind == Kind::kOr;
    }
    return kind == Kind::kAnd;
  }
};

class JsonFilterParser {
 public:
  explicit JsonFilterParser(std::string_view text) : text_(text) {}

  Outcome<JsonFilter> Parse() {
    auto root = Alternatives(0);
    Blanks();
    if (!root || at_ != text_.size()) return InvalidParameter("Invalid filter pattern");
    return JsonFilter(std::move(root));
  }

 private:
  using Node = JsonFilter::Node;

  void Blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }
  bool Take(std::string_view word) {
    Blanks();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::unique_ptr<Node> Joined(Node::Kind kind, std::string_view sign, int depth) {
    auto first = kind == Node::Kind::kOr ? Joined(Node::Kind::kAnd, "&&", depth) : Term(depth);
    if (!first || !Take(sign)) return first;
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->parts.push_back(std::move(first));
    do {
      auto next = kind == Node::Kind::kOr ? Joined(Node::Kind::kAnd, "&&", depth) : Term(depth);
      if (!next) return nullptr;
      node->parts.push_back(std::move(next));
    } while (Take(sign));
    return node;
  }
  std::unique_ptr<Node> Alternatives(int depth) { return Joined(Node::Kind::kOr, "||", depth); }

  std::unique_ptr<Node> Term(int depth) {
    if (Take("(")) {
      if (depth == kDepthMax) return nullptr;
      auto inner = Alternatives(depth + 1);
      return inner && Take(")") ? std::move(inner) : nullptr;
    }
    auto node = std::make_unique<Node>();
    return Path(&node->comparison.path) && Condition(&node->comparison) ? std::move(node) : nullptr;
  }

  std::string Name() {
    std::string name;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' ||
            text_[at_] == '-' || (static_cast<unsigned char>(text_[at_]) & 0x80) != 0)) {
      name += text_[at_++];
    }
    return name;
  }

  bool Path(std::vector<Step>* path) {
    if (!Take("$")) return false;
    while (at_ < text_.size()) {
      Step step;
      if (text_[at_] == '.') {
        ++at_;
        step.member = Name();
        if (step.member.empty()) return false;
      } else if (text_[at_] == '[') {
        const std::size_t end = text_.find(']', at_);
        if (end == std::string_view::npos) return false;
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        step.is_any = inside == "*";
        if (inside.size() >= 2 && inside.front() == '"' && inside.back() == '"') {
          step.member = inside.substr(1, inside.size() - 2);
        } else if (!step.is_any) {
          const auto index = ParseUnsigned(inside);
          if (!index) return false;
          step.index = *index;
        }
      } else {
        break;
      }
      path->push_back(std::move(step));
    }
    return !path->empty();
  }

  bool Condition(Comparison* comparison) {
    static constexpr std::pair<std::string_view, Test> kWords[] = {{"IS NULL", Test::kNull},
                                                                   {"IS TRUE", Test::kTrue},
                                                                   {"IS FALSE", Test::kFalse},
                                                                   {"NOT EXISTS", Test::kAbsent}};
    for (const auto& [word, test] : kWords) {
      if (!Take(word)) continue;
      comparison->test = test;
      return true;
    }
    static constexpr std::pair<std::string_view, Test> kSigns[] = {
        {"!=", Test::kUnequal}, {"<=", Test::kAtMost}, {">=", Test::kAtLeast},
        {"=", Test::kEqual},    {"<", Test::kLess},    {">", Test::kMore}};
    for (const auto& [sign, test] : kSigns) {
      if (!Take(sign)) continue;
      comparison->test = test;
      return Value(comparison);
    }
    return false;
  }

  bool Value(Comparison* comparison) {
    Blanks();
    if (at_ < text_.size() && text_[at_] == '"') {
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        comparison->text += text_[at_];
      }
      if (at_ == text_.size()) return false;
      ++at_;
      return true;
    }
    while (at_ < text_.size() &&
           std::string_view(" \t\n)&|").find(text_[at_]) == std::string_view::npos) {
      comparison->text += text_[at_++];
    }
    comparison->number = NumberOf(comparison->text);
    return !comparison->text.empty();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

JsonFilter::JsonFilter(std::unique_ptr<Node> root) : root_(std::move(root)) {}
JsonFilter::JsonFilter(JsonFilter&&) noexcept = default;
JsonFilter& JsonFilter::operator=(JsonFilter&&) noexcept = default;
JsonFilter::~JsonFilter() = default;

Outcome<JsonFilter> JsonFilter::Parse(std::string_view text) {
  return JsonFilterParser(text).Parse();
}

bool JsonFilter::Matches(const json& message) const { return root_->Matches(message); }

}  // namespace kless::logs
