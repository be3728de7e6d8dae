// The tokens of PartiQL.
#pragma once

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
  std::string text;  // what it stands for

  bool IsSymbol(std::string_view symbol) const { return kind == Kind::kSymbol && text == symbol; }
  // `upper`: in capitals; case does not count.
  bool IsKeyword(std::string_view upper) const;
};

// The last token is kEnd; comments are skipped.  kInvalidArgument: a character that begins no
// token, or quotes or a comment that are not closed.
Result<std::vector<PartiqlToken>> TokenizePartiql(std::string_view text);
// "Statement wasn't well formed, can't be processed: ..."
Error MalformedStatement(std::string_view what);

}  // namespace kless
