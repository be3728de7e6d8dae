#include "emulator/dynamodb/model/expression/lexer.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "emulator/base/utf8.h"

namespace kless {
namespace {

constexpr std::array<std::string_view, 9> kKeywords = {"AND", "OR",     "NOT", "BETWEEN", "IN",
                                                       "SET", "REMOVE", "ADD", "DELETE"};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsNumeral(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) { return IsLetter(c) || IsNumeral(c) || c == '_'; }

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool EqualsUpper(std::string_view text, std::string_view upper) {
  return text.size() == upper.size() && std::equal(text.begin(), text.end(), upper.begin(),
                                                   [](char a, char b) { return Upper(a) == b; });
}

bool IsKeywordText(std::string_view text) {
  return std::any_of(kKeywords.begin(), kKeywords.end(),
                     [&](std::string_view keyword) { return EqualsUpper(text, keyword); });
}

template <class Belongs>
std::size_t EndOf(std::string_view text, std::size_t at, Belongs belongs) {
  while (at < text.size() && belongs(text[at])) ++at;
  return at;
}

Token TokenAt(std::string_view text, std::size_t at) {
  const auto make = [&](Token::Kind kind, std::size_t end) {
    return Token{kind, text.substr(at, end - at)};
  };
  const char c = text[at];
  if (IsLetter(c)) {
    const Token name = make(Token::Kind::kName, EndOf(text, at, IsWord));
    return IsKeywordText(name.text) ? Token{Token::Kind::kKeyword, name.text} : name;
  }
  if (IsNumeral(c)) return make(Token::Kind::kNumber, EndOf(text, at, IsNumeral));
  if (c == '#' || c == ':') {
    const std::size_t end = EndOf(text, at + 1, IsWord);
    if (end == at + 1) return make(Token::Kind::kUnknown, end);
    return make(c == '#' ? Token::Kind::kReference : Token::Kind::kValue, end);
  }
  const std::string_view two = text.substr(at, 2);
  if (two == "<>" || two == "<=" || two == ">=") return make(Token::Kind::kSymbol, at + 2);
  constexpr std::string_view kSymbols = "=<>()[],.+-";
  if (kSymbols.find(c) != std::string_view::npos) return make(Token::Kind::kSymbol, at + 1);
  const std::size_t bytes = FirstCharacterBytes(text.substr(at));
  return make(Token::Kind::kUnknown, at + std::max<std::size_t>(bytes, 1));
}

}  // namespace

bool Token::IsKeyword(std::string_view upper) const {
  return kind == Kind::kKeyword && EqualsUpper(text, upper);
}

std::vector<Token> Tokenize(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = EndOf(text, 0, IsSpace);
  while (at < text.size()) {
    tokens.push_back(TokenAt(text, at));
    at = EndOf(text, at + tokens.back().text.size(), IsSpace);
  }
  tokens.push_back({Token::Kind::kEnd, text.substr(text.size())});
  return tokens;
}

std::string SyntaxErrorText(std::string_view text, const std::vector<Token>& tokens,
                            std::size_t at) {
  const Token& token = tokens[at];
  const Token& before = tokens[at == 0 ? at : at - 1];
  const Token& after = tokens[std::min(at + 1, tokens.size() - 1)];
  const auto begin = static_cast<std::size_t>(before.text.data() - text.data());
  // At the end, what follows the last token is blanks.
  const bool to_end = token.kind == Token::Kind::kEnd;
  const std::size_t end =
      to_end
          ? text.size()
          : std::max(static_cast<std::size_t>(token.text.data() - text.data()) + token.text.size(),
                     after.kind == Token::Kind::kEnd
                         ? 0
                         : static_cast<std::size_t>(after.text.data() - text.data()) +
                               after.text.size());
  return "Syntax error; token: \"" + (to_end ? "<EOF>" : std::string(token.text)) + "\", near: \"" +
         std::string(text.substr(begin, end - begin)) + "\"";
}

}  // namespace kless
