// The tokens of PartiQL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

struct PartiqlToken {
  enum class Kind {
    kIdentifier,  // a name without quotes; keywords, too
    kQuoted,      // "name"; "" within it stands for "
    kString,      // 'text'; '' within it stands for '
    kNumber,      // 1, 1.5, .5, 1e3: without a sign
    kSymbol,      // = <> != < <= > >= << >> ( ) [ ] { } , . : ; * ? + -
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string text;    // what it stands for
  std::size_t at = 0;  // where it begins in the statement, in bytes

  bool IsSymbol(std::string_view symbol) const { return kind == Kind::kSymbol && text == symbol; }
  // `upper`: in capitals; case does not count.
  bool IsKeyword(std::string_view upper) const;
};

// The last token is kEnd; comments are skipped.  kInvalidArgument: a character that begins no
// token, or quotes or a comment that are not closed.
Result<std::vector<PartiqlToken>> TokenizePartiql(std::string_view text);
// "2:8:5": the line and column at which a part of the statement begins, counted from 1 in
// characters, and the number of its characters.
std::string PartiqlPlace(std::string_view statement, std::size_t at, std::size_t length);
// "Statement wasn't well formed, can't be processed: ..."
Error MalformedStatement(std::string_view what);

}  // namespace kless
