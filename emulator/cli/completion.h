// The candidates for a part of a `kless` command line, found by walking the tree of commands that
// parses it.  The shells' scripts only request and show them.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kless::cli {

// What the shell may offer in addition to the candidates.
enum class CompletionFiles { kNone, kFiles, kFolders };

struct Completion {
  struct Candidate {
    std::string word;         // a whole word; of "--wait=po" only the value
    std::string description;  // "" if there is none
  };
  std::vector<Candidate> candidates;  // those that begin with the last word
  CompletionFiles files = CompletionFiles::kNone;
};

// `words` are those after the program's name, the last one unfinished (possibly "").  `root` must
// have been built, but not parsed.  Reads configs/ for names of scenarios, profiles and examples.
Completion CompleteWords(const CLI::App& root, const std::vector<std::string>& words);

// One candidate per line, with a tab before its description, and at the end ":none", ":files" or
// ":folders".
std::string CompletionText(const Completion& completion);

// The command by which the scripts request candidates: `kless __complete WORD...`.
extern const char* const kCompleteCommand;

}  // namespace kless::cli
