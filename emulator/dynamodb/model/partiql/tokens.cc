#include "emulator/dynamodb/model/partiql/tokens.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace kless {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsFigure(char c) { return c >= '0' && c <= '9'; }
bool BeginsIdentifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

char Capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// The longest first.
constexpr std::array<std::string_view, 23> kPartiqlSymbols = {
    "<<", ">>", "<>", "<=", ">=", "!=", "=", "<", ">", "(", ")", "[",
    "]",  "{",  "}",  ",",  ".",  ":",  ";", "*", "?", "+", "-"};

PartiqlToken MakeToken(PartiqlToken::Kind kind, std::string text) {
  PartiqlToken token;
  token.kind = kind;
  token.text = std::move(text);
  return token;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Result<std::vector<PartiqlToken>> All() {
    std::vector<PartiqlToken> tokens;
    while (true) {
      KLESS_TRY_VOID(Blanks());
      if (at_ == text_.size()) break;
      const std::size_t begin = at_;
      KLESS_TRY(auto token, Next());
      token.at = begin;
      tokens.push_back(std::move(token));
    }
    tokens.emplace_back();
    return tokens;
  }

 private:
  // Blanks and comments: -- to the end of the line, /* to */.
  Result<void> Blanks() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (IsBlank(rest[0])) {
        ++at_;
      } else if (rest.starts_with("--")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest.starts_with("/*")) {
        const std::size_t end = rest.find("*/", 2);
        if (end == std::string_view::npos) return MalformedStatement("");
        at_ += end + 2;
      } else {
        break;
      }
    }
    return {};
  }

  Result<PartiqlToken> Next() {
    const char c = text_[at_];
    if (c == '"') return Quoted(PartiqlToken::Kind::kQuoted);
    if (c == '\'') return Quoted(PartiqlToken::Kind::kString);
    if (BeginsIdentifier(c)) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && (BeginsIdentifier(text_[at_]) || IsFigure(text_[at_]))) ++at_;
      return MakeToken(PartiqlToken::Kind::kIdentifier,
                       std::string(text_.substr(begin, at_ - begin)));
    }
    if (IsFigure(c) || (c == '.' && at_ + 1 < text_.size() && IsFigure(text_[at_ + 1]))) {
      return Number();
    }
    for (const std::string_view symbol : kPartiqlSymbols) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      at_ += symbol.size();
      return MakeToken(PartiqlToken::Kind::kSymbol, std::string(symbol));
    }
    return MalformedStatement("");
  }

  Result<PartiqlToken> Quoted(PartiqlToken::Kind kind) {
    const char quote = text_[at_++];
    std::string content;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c != quote) {
        content += c;
        continue;
      }
      if (at_ == text_.size() || text_[at_] != quote) {
        return MakeToken(kind, std::move(content));
      }
      ++at_;
      content += quote;
    }
    return MalformedStatement("Unexpected end of statement within quotes");
  }

  void Figures() {
    while (at_ < text_.size() && IsFigure(text_[at_])) ++at_;
  }

  PartiqlToken Number() {
    const std::size_t begin = at_;
    Figures();
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      Figures();
    }
    std::size_t exponent = at_;
    if (exponent < text_.size() && (text_[exponent] == 'e' || text_[exponent] == 'E')) {
      ++exponent;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && IsFigure(text_[exponent])) {
        at_ = exponent;
        Figures();
      }
    }
    return MakeToken(PartiqlToken::Kind::kNumber, std::string(text_.substr(begin, at_ - begin)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool PartiqlToken::IsKeyword(std::string_view upper) const {
  return kind == Kind::kIdentifier && text.size() == upper.size() &&
         std::equal(text.begin(), text.end(), upper.begin(),
                    [](char a, char b) { return Capital(a) == b; });
}

Result<std::vector<PartiqlToken>> TokenizePartiql(std::string_view text) {
  return Tokenizer(text).All();
}

std::string PartiqlPlace(std::string_view statement, std::size_t at, std::size_t length) {
  const std::string_view before = statement.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::string_view row =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  // Bytes that continue a character of UTF-8 begin none.
  const auto column =
      1 + std::count_if(row.begin(), row.end(), [](char c) { return (c & 0xc0) != 0x80; });
  return std::to_string(line) + ":" + std::to_string(column) + ":" + std::to_string(length);
}

Error MalformedStatement(std::string_view what) {
  return MakeError(ErrorCode::kInvalidArgument,
                   "Statement wasn't well formed, can't be processed: " + std::string(what));
}

}  // namespace kless
