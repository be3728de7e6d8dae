// What a shell offers after a part of a `kless` command line, found by walking the tree of commands
// that parses it.  The scripts for the shells only ask and show.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kless::cli {

// What the shell may offer besides the candidates.
enum class CompletionFiles { kNone, kFiles, kFolders };

struct Completion {
  struct Candidate {
    std::string word;         // a whole word; of "--wait=po" only the value
    std::string description;  // "" if there is none
  };
  std::vector<Candidate> candidates;  // those that begin with the last word
  CompletionFiles files = CompletionFiles::kNone;
};

// `words` are those after the program's name, the last one unfinished (perhaps "").  `root` has
// been built, not parsed.  Reads configs/ for names of scenarios, profiles and examples.
Completion CompleteWords(const CLI::App& root, const std::vector<std::string>& words);

// A candidate a line, with a tab before its description, and at the end ":none", ":files" or
// ":folders".
std::string CompletionText(const Completion& completion);

// The word that the scripts ask with: `kless __complete WORD...`.
extern const char* const kCompleteCommand;

}  // namespace kless::cli
