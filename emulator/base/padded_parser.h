// PaddedParser: a simdjson parser for unpadded text.  Between documents it keeps at most 4 MB.
#pragma once

#include <simdjson.h>

#ifndef SIMDJSON_THREADS_ENABLED
#error "Link simdjson::simdjson: its definitions decide how large a parser is."
#endif

#include <string_view>
#include <vector>

namespace kless {

// Use one per thread: its result is valid until it parses again.
class PaddedParser {
 public:
  // Returns false if the text is not JSON, is deeper than kJsonMaxDepth (see ParseJson), or has a
  // number outside of 64 bits.  The document refers to the parser's memory, not to the text.
  bool Parse(std::string_view text, simdjson::dom::element& root);
  // Frees the memory that a document above some 170 KB needed.
  void ShrinkIfLarge();

 private:
  std::vector<char> buffer_;
  simdjson::dom::parser parser_;
};

}  // namespace kless
