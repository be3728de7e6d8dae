// ResultsFolder: results appear completely or not at all.  They are written into TARGET.partial,
// which replaces the target at the end; an unfinished folder is removed.  TARGET.partial is locked
// meanwhile, so that a second run into the same target is refused and has no effect; a lock ends
// with its process, and the next run removes what a killed run left there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

class ResultsFolder {
 public:
  // kInvalidArgument: the target contains anything but an earlier result, or cannot be created.
  // kAlreadyExists: another run is writing there.
  static Result<std::unique_ptr<ResultsFolder>> Begin(const std::string& target);
  ~ResultsFolder();
  ResultsFolder(const ResultsFolder&) = delete;
  ResultsFolder& operator=(const ResultsFolder&) = delete;

  const std::string& path() const { return path_; }  // to write to
  // Replaces the target.
  Result<void> Finish();

 private:
  ResultsFolder(std::string target, std::string path, int lock, std::vector<std::string> made)
      : target_(std::move(target)), path_(std::move(path)), lock_(lock), made_(std::move(made)) {}
  const std::string target_;
  const std::string path_;
  const int lock_;                       // on the folder at path_, held until the end
  const std::vector<std::string> made_;  // parents of the target that did not exist
  bool finished_ = false;
};

}  // namespace kless::experiment
