// The tokens of expressions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kless {

struct Token {
  enum class Kind {
    kName,       // a1_b: letters, digits and _, a letter first
    kReference,  // #n: the name of an attribute
    kValue,      // :v
    kNumber,     // 12
    kKeyword,    // AND, OR, NOT, BETWEEN, IN, SET, REMOVE, ADD, DELETE in any case
    kSymbol,     // = <> < <= > >= ( ) [ ] , . + -
    kUnknown,    // one character that begins no token
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string_view text;  // as written; "" at the end

  bool IsSymbol(std::string_view symbol) const { return kind == Kind::kSymbol && text == symbol; }
  // `upper`: in capitals.
  bool IsKeyword(std::string_view upper) const;
};

// The last token is kEnd.  Texts refer to `text`.
std::vector<Token> Tokenize(std::string_view text);
// `Syntax error; token: "x", near: "a x b"`: the token at `at`, and the text from the token before
// it to the one after it.
std::string SyntaxErrorText(std::string_view text, const std::vector<Token>& tokens,
                            std::size_t at);

}  // namespace kless
