// ResultsFolder: results appear completely or not at all.  They are written into TARGET.partial and
// moved into the target at the end; an unfinished folder is removed.  TARGET.partial is locked
// meanwhile, so that a second run into the same target is refused and has no effect; a lock ends
// with its process, and the next run removes what a killed run left there.
//
// A target that exists stays the same folder (it may be a working directory, a mount point, or
// named by a link); of its files only those are removed that an earlier run wrote, by their names
// in its list (file_list.h).
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::experiment {

class ResultsFolder {
 public:
  // A file that shows that TARGET.partial was made by a run.
  static constexpr const char* kUnfinishedMark = ".kless-unfinished";

  // kInvalidArgument: the target, or TARGET.partial, contains anything but what runs left there, or
  // cannot be created.  kAlreadyExists: another run is writing there.
  static Result<std::unique_ptr<ResultsFolder>> Begin(const std::string& target);
  ~ResultsFolder();
  ResultsFolder(const ResultsFolder&) = delete;
  ResultsFolder& operator=(const ResultsFolder&) = delete;

  const std::string& path() const { return path_; }  // to write to
  // Replaces the results in the target.  Files that others made there meanwhile stay.
  // kUnavailable: it cannot be done, or such a file is in the way; path() then keeps the results.
  Result<void> Finish();

 private:
  ResultsFolder(std::string target, std::string path, int lock, std::vector<std::string> made)
      : target_(std::move(target)), path_(std::move(path)), lock_(lock), made_(std::move(made)) {}
  Result<void> MoveIntoTarget(const std::set<std::string>& names) const;

  const std::string target_;
  const std::string path_;
  const int lock_;                       // on the folder at path_, held until the end
  const std::vector<std::string> made_;  // parents of the target that did not exist
  bool kept_ = false;                    // path_ stays, or was moved
};

}  // namespace kless::experiment
