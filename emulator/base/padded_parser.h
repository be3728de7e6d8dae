// simdjson's parser for text that ends where it ends.  Between documents it keeps 4 MB at most.
#pragma once

#include <simdjson.h>

#ifndef SIMDJSON_THREADS_ENABLED
#error "Link simdjson::simdjson: its definitions decide how large a parser is."
#endif

#include <string_view>
#include <vector>

namespace kless {

// One a thread: what it parsed stays until it parses again.
class PaddedParser {
 public:
  // False: not JSON, deeper than kJsonMaxDepth (see ParseJson), or with a number outside of 64
  // bits.  The document refers to the parser's memory, not to the text.
  bool Parse(std::string_view text, simdjson::dom::element& root);
  // Gives back the memory that a document above some 170 KB took.
  void ShrinkIfLarge();

 private:
  std::vector<char> buffer_;
  simdjson::dom::parser parser_;
};

}  // namespace kless
