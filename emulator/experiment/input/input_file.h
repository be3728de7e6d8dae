// ScenarioFile: the text of a scenario as a tree of values, with the line of each.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

class ScenarioFile {
 public:
  // Errors are those of LoadScenario.
  static Result<ScenarioFile> Load(const std::string& name_or_path);

  // Without a text: errors name `path`.
  static ScenarioFile Make(nlohmann::json tree, std::string path);

  const nlohmann::json& tree() const { return *tree_; }
  const std::string& text() const { return text_; }      // of the file; "" of one that was made
  const std::string& path() const { return path_; }      // as named in errors
  const std::string& folder() const { return folder_; }  // that contains the file
  // "FILE:LINE" of a path ("cases.1.workload"), or of the nearest enclosing value.
  std::string Place(std::string path) const;

 private:
  std::shared_ptr<const nlohmann::json> tree_;
  std::map<std::string, int> lines_;
  std::string text_;
  std::string path_;
  std::string folder_;
};

// Returns the path of a file that a scenario in `folder` names: among the inputs in its results
// (as_run.h), below the folder, else below the working directory.
std::string InputPath(const std::string& name, const std::string& folder);

// Sets the value at a path of object keys ("functions.account_concurrency"), creating maps on the
// way.
void SetPath(nlohmann::json& tree, const std::string& path, nlohmann::json value);
// Null if there is none.
const nlohmann::json* FindPath(const nlohmann::json& tree, const std::string& path);
// Merges `over` into `base`: maps are merged, all other values are replaced, and so is `workload`
// as a whole.
nlohmann::json Merge(nlohmann::json base, const nlohmann::json& over);
// Parses a value as written on a command line: 5, warm, [1, 2], {constant_ms: 3}.
Result<nlohmann::json> ParseValue(const std::string& text);
// The reverse: a text without quotes, else compact JSON.
std::string ValueText(const nlohmann::json& value);

// Returns "unknown key; did you mean 'at_most'? known: metric, at_most, at_least".
std::string UnknownKey(const std::string& key, const std::vector<std::string>& known);
// Returns "no metric 'last_pods'; did you mean 'last_pod_s'?", for a list that is too long to be
// shown: without a similar word, the first words that contain it or share its beginning.
std::string UnknownWord(const std::string& kind, const std::string& word,
                        const std::vector<std::string>& known);

}  // namespace kless::experiment
