// ResultsFolder: results appear whole or not at all.  They are written beside the target, which is
// replaced at the end; what is left unfinished is removed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

class ResultsFolder {
 public:
  // kInvalidArgument: the target holds anything else than an earlier result, or cannot be made.
  static Result<std::unique_ptr<ResultsFolder>> Begin(const std::string& target);
  ~ResultsFolder();
  ResultsFolder(const ResultsFolder&) = delete;
  ResultsFolder& operator=(const ResultsFolder&) = delete;

  const std::string& path() const { return path_; }  // to write to
  // Replaces the target.
  Result<void> Finish();

 private:
  ResultsFolder(std::string target, std::string path, std::vector<std::string> made)
      : target_(std::move(target)), path_(std::move(path)), made_(std::move(made)) {}
  const std::string target_;
  const std::string path_;
  const std::vector<std::string> made_;  // folders above the target that were not there
  bool finished_ = false;
};

}  // namespace kless::experiment
