// The label selector language: lexer, parser and matcher, with the API server's messages.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apimachinery/pkg/labels/selector.go
#include "functions/kubernetes/selectors/label_selector.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/strings.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

namespace {

enum class Token {
  kEnd,
  kIdentifier,
  kClosedPar,
  kComma,
  kDoesNotExist,
  kEquals,
  kDoubleEquals,
  kGreater,
  kIn,
  kLess,
  kNotEquals,
  kNotIn,
  kOpenPar,
  kError,
};

struct Lexeme {
  Token token = Token::kEnd;
  std::string text;
};

struct SelectorProblem {
  std::string message;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsSymbol(char c) {
  return c == '=' || c == '!' || c == '(' || c == ')' || c == ',' || c == '>' || c == '<';
}

std::optional<Token> SymbolToken(std::string_view text) {
  static constexpr std::pair<std::string_view, Token> kSymbols[] = {
      {")", Token::kClosedPar}, {",", Token::kComma},         {"!", Token::kDoesNotExist},
      {"=", Token::kEquals},    {"==", Token::kDoubleEquals}, {">", Token::kGreater},
      {"<", Token::kLess},      {"!=", Token::kNotEquals},    {"(", Token::kOpenPar},
  };
  for (const auto& [symbol, token] : kSymbols) {
    if (symbol == text) return token;
  }
  return std::nullopt;
}

Lexeme ScanSymbol(std::string_view text, std::size_t& at) {
  Lexeme last{Token::kError, ""};
  std::string read;
  while (at < text.size() && IsSymbol(text[at])) {
    read += text[at];
    if (const auto token = SymbolToken(read)) {
      last = {*token, read};
    } else if (last.token != Token::kError) {
      break;
    }
    ++at;
  }
  if (last.token == Token::kError) last.text = "error expected: keyword found '" + read + "'";
  return last;
}

std::vector<Lexeme> Scan(std::string_view text) {
  std::vector<Lexeme> lexemes;
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && IsSpace(text[at])) ++at;
    if (at == text.size()) break;
    if (IsSymbol(text[at])) {
      lexemes.push_back(ScanSymbol(text, at));
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && !IsSpace(text[at]) && !IsSymbol(text[at])) ++at;
    std::string word(text.substr(begin, at - begin));
    const Token token = word == "in"      ? Token::kIn
                        : word == "notin" ? Token::kNotIn
                                          : Token::kIdentifier;
    lexemes.push_back({token, std::move(word)});
  }
  lexemes.push_back({});
  return lexemes;
}

// One parsed requirement, before it is checked.
struct Parsed {
  std::string key;
  Token op = Token::kEnd;  // kIdentifier: exists
  std::vector<std::string> values;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexemes_(Scan(text)) {}

  // Throws Problem.
  std::vector<Parsed> Parse() {
    std::vector<Parsed> all;
    while (true) {
      const Lexeme next = PeekValue();
      if (next.token == Token::kEnd) return all;
      if (next.token != Token::kIdentifier && next.token != Token::kDoesNotExist) {
        throw SelectorProblem{"found '" + next.text +
                              "', expected: !, identifier, or 'end of string'"};
      }
      try {
        all.push_back(Requirement());
      } catch (const SelectorProblem& problem) {
        throw SelectorProblem{"unable to parse requirement: " + problem.message};
      }
      const Lexeme after = TakeValue();
      if (after.token == Token::kEnd) return all;
      if (after.token != Token::kComma) {
        throw SelectorProblem{"found '" + after.text + "', expected: ',' or 'end of string'"};
      }
      const Lexeme key = PeekValue();
      if (key.token != Token::kIdentifier && key.token != Token::kDoesNotExist) {
        throw SelectorProblem{"found '" + key.text + "', expected: identifier after ','"};
      }
    }
  }

 private:
  const Lexeme& Peek() const { return lexemes_[std::min(position_, lexemes_.size() - 1)]; }
  // Where a value is expected, "in" and "notin" are plain words.
  Lexeme PeekValue() const {
    Lexeme lexeme = Peek();
    if (lexeme.token == Token::kIn || lexeme.token == Token::kNotIn) {
      lexeme.token = Token::kIdentifier;
    }
    return lexeme;
  }
  Lexeme TakeValue() {
    Lexeme lexeme = PeekValue();
    ++position_;
    return lexeme;
  }

  Parsed Requirement() {
    Parsed parsed;
    Lexeme key = TakeValue();
    const bool absent = key.token == Token::kDoesNotExist;
    if (absent) key = TakeValue();
    if (key.token != Token::kIdentifier) {
      throw SelectorProblem{"found '" + key.text + "', expected: identifier"};
    }
    CheckKey(key.text);
    parsed.key = key.text;
    if (absent) {
      parsed.op = Token::kDoesNotExist;
      return parsed;
    }
    const Token next = PeekValue().token;
    if (next == Token::kEnd || next == Token::kComma) {
      parsed.op = Token::kIdentifier;
      return parsed;
    }
    const Lexeme op = Peek();
    ++position_;
    parsed.op = op.token;
    switch (op.token) {
      case Token::kIn:
      case Token::kNotIn:
        parsed.values = Values();
        break;
      case Token::kEquals:
      case Token::kDoubleEquals:
      case Token::kNotEquals:
      case Token::kGreater:
      case Token::kLess:
        parsed.values.push_back(ExactValue());
        break;
      default:
        throw SelectorProblem{"found '" + op.text + "', expected: in, notin, =, ==, !=, gt, lt"};
    }
    CheckValues(parsed);
    return parsed;
  }

  std::vector<std::string> Values() {
    const Lexeme open = TakeValue();
    if (open.token != Token::kOpenPar)
      throw SelectorProblem{"found '" + open.text + "' expected: '('"};
    const Lexeme next = PeekValue();
    if (next.token == Token::kClosedPar) {
      TakeValue();
      return {};
    }
    if (next.token != Token::kIdentifier && next.token != Token::kComma) {
      throw SelectorProblem{"found '" + next.text + "', expected: ',', ')' or identifier"};
    }
    std::vector<std::string> values = ValueList();
    if (TakeValue().token != Token::kClosedPar) {
      throw SelectorProblem{"found '" + next.text + "', expected: ')'"};
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
  }

  // Between two commas, or next to a parenthesis, there is an empty value.
  std::vector<std::string> ValueList() {
    std::vector<std::string> values;
    while (true) {
      const Lexeme lexeme = TakeValue();
      if (lexeme.token == Token::kIdentifier) {
        values.push_back(lexeme.text);
        const Lexeme after = PeekValue();
        if (after.token == Token::kClosedPar) return values;
        if (after.token != Token::kComma) {
          throw SelectorProblem{"found '" + after.text + "', expected: ',' or ')'"};
        }
      } else if (lexeme.token == Token::kComma) {
        if (values.empty()) values.push_back("");
        const Lexeme after = PeekValue();
        if (after.token == Token::kClosedPar) {
          values.push_back("");
          return values;
        }
        if (after.token == Token::kComma) {
          TakeValue();
          values.push_back("");
        }
      } else {
        throw SelectorProblem{"found '" + lexeme.text + "', expected: ',', or identifier"};
      }
    }
  }

  std::string ExactValue() {
    const Lexeme next = PeekValue();
    if (next.token == Token::kEnd || next.token == Token::kComma) return "";
    const Lexeme value = TakeValue();
    if (value.token != Token::kIdentifier) {
      throw SelectorProblem{"found '" + value.text + "', expected: identifier"};
    }
    return value.text;
  }

  static void CheckKey(const std::string& key) {
    const auto problems = LabelKeyProblems(key);
    if (problems.empty()) return;
    std::string joined;
    for (const std::string& problem : problems) joined += (joined.empty() ? "" : "; ") + problem;
    throw SelectorProblem{"<nil>: " + Invalid("", key, joined).message};
  }

  static void CheckValues(const Parsed& parsed) {
    if (parsed.op == Token::kIn || parsed.op == Token::kNotIn) {
      if (parsed.values.empty()) {
        throw SelectorProblem{
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't "
            "be empty"};
      }
    }
    if (parsed.op == Token::kGreater || parsed.op == Token::kLess) {
      if (!ParseInteger(parsed.values[0])) {
        throw SelectorProblem{
            Prefixed("values[0]", Invalid("", parsed.values[0],
                                          "for 'Gt', 'Lt' operators, the value must be an "
                                          "integer"))};
      }
    }
    for (std::size_t i = 0; i < parsed.values.size(); ++i) {
      const auto problems = LabelValueProblems(parsed.values[i]);
      if (problems.empty()) continue;
      std::string joined;
      for (const std::string& problem : problems) joined += (joined.empty() ? "" : "; ") + problem;
      throw SelectorProblem{Prefixed("values[" + std::to_string(i) + "][" + parsed.key + "]",
                                     Invalid("", parsed.values[i], joined))};
    }
  }

  static std::string Prefixed(const std::string& field, const FieldError& error) {
    return field + ": " + error.message;
  }

  std::vector<Lexeme> lexemes_;
  std::size_t position_ = 0;
};

const std::string* Lookup(const Labels& labels, const std::string& key) {
  const auto found = std::lower_bound(
      labels.begin(), labels.end(), key,
      [](const auto& label, const std::string& name) { return label.first < name; });
  return found != labels.end() && found->first == key ? &found->second : nullptr;
}

}  // namespace

Result<LabelSelector> LabelSelector::Parse(std::string_view text) {
  std::vector<Parsed> all;
  try {
    all = Parser(text).Parse();
  } catch (const SelectorProblem& problem) {
    return MakeError(ErrorCode::kInvalidArgument, problem.message);
  }
  LabelSelector selector;
  for (Parsed& parsed : all) {
    Operator op = Operator::kIn;
    if (parsed.op == Token::kNotIn || parsed.op == Token::kNotEquals) op = Operator::kNotIn;
    if (parsed.op == Token::kIdentifier) op = Operator::kExists;
    if (parsed.op == Token::kDoesNotExist) op = Operator::kNotExists;
    if (parsed.op == Token::kGreater) op = Operator::kGreater;
    if (parsed.op == Token::kLess) op = Operator::kLess;
    selector.requirements_.push_back({std::move(parsed.key), op, std::move(parsed.values)});
  }
  return selector;
}

bool LabelSelector::Matches(const Labels& labels) const {
  for (const Requirement& requirement : requirements_) {
    const std::string* value = Lookup(labels, requirement.key);
    const auto& values = requirement.values;
    const auto held = [&] {
      return std::find(values.begin(), values.end(), *value) != values.end();
    };
    bool matches = false;
    switch (requirement.op) {
      case Operator::kIn:
        matches = value != nullptr && held();
        break;
      case Operator::kNotIn:
        matches = value == nullptr || !held();
        break;
      case Operator::kExists:
        matches = value != nullptr;
        break;
      case Operator::kNotExists:
        matches = value == nullptr;
        break;
      case Operator::kGreater:
      case Operator::kLess: {
        if (value == nullptr) return false;
        const auto number = ParseInteger(*value);
        const auto bound = ParseInteger(values[0]);
        if (!number || !bound) return false;
        const bool is_greater = requirement.op == Operator::kGreater;
        matches = is_greater ? *number > *bound : *number < *bound;
        break;
      }
    }
    if (!matches) return false;
  }
  return true;
}

}  // namespace kless::kubernetes
