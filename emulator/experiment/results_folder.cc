#include "emulator/experiment/results_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

namespace kless::experiment {

namespace fs = std::filesystem;

namespace {

// Whether the folder contains only files that an experiment writes, including its summary.
bool HoldsOnlyResults(const fs::path& folder) {
  static const std::set<std::string> known = {
      "data",        "figures",   "traces",        "runs",     "summary.json", "pods.csv",
      "report.html", "junit.xml", "scenario.yaml", "run.json", "inputs"};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!known.contains(entry.path().filename().string())) return false;
  }
  return !error && fs::is_regular_file(folder / "summary.json", error);
}

Error NotMade(const fs::path& folder, int number) {
  return MakeError(ErrorCode::kInvalidArgument,
                   folder.string() + " cannot be made: " +
                       std::error_code(number, std::generic_category()).message());
}

// Creates the folder if it is missing, and locks it; returns the file descriptor that holds the
// lock.
Result<int> MakeAndLock(const fs::path& folder, const std::string& target) {
  for (;;) {
    if (mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) return NotMade(folder, errno);
    const int lock = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 && errno == ENOENT) continue;  // the run that held it has just ended
    if (lock < 0) return NotMade(folder, errno);
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
      const int number = errno;
      close(lock);
      if (number != EWOULDBLOCK) return NotMade(folder, number);
      return MakeError(ErrorCode::kAlreadyExists,
                       "another run is writing its results to " + target +
                           ": wait for its end, or choose another folder with --out");
    }
    // The run that held it may have moved it to its target between open and lock.
    struct stat locked {
    }, there{};
    if (fstat(lock, &locked) == 0 && stat(folder.c_str(), &there) == 0 &&
        locked.st_ino == there.st_ino && locked.st_dev == there.st_dev) {
      return lock;
    }
    close(lock);
  }
}

}  // namespace

Result<std::unique_ptr<ResultsFolder>> ResultsFolder::Begin(const std::string& target) {
  std::error_code error;
  fs::path whole = fs::absolute(target, error).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();  // removes a slash at the end
  std::vector<std::string> made;                              // parent folders, the innermost first
  for (fs::path above = whole.parent_path(); !fs::exists(above, error);
       above = above.parent_path()) {
    made.push_back(above.string());
  }
  fs::create_directories(whole.parent_path(), error);
  const fs::path partial = whole.string() + ".partial";
  const auto lock = MakeAndLock(partial, target);
  if (lock.has_error()) return lock.error();
  // Removes what a killed run left.
  for (const auto& entry : fs::directory_iterator(partial, error)) {
    std::error_code ignored;
    fs::remove_all(entry.path(), ignored);
  }
  std::unique_ptr<ResultsFolder> begun(
      new ResultsFolder(whole.string(), partial.string(), lock.value(), std::move(made)));
  if (fs::exists(whole, error) && !fs::is_empty(whole, error) && !HoldsOnlyResults(whole)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     target +
                         " holds something other than earlier results: choose another folder "
                         "with --out, or remove it");
  }
  return begun;
}

ResultsFolder::~ResultsFolder() {
  std::error_code ignored;
  if (!finished_) {
    fs::remove_all(path_, ignored);
    for (const std::string& folder : made_) fs::remove(folder, ignored);  // only if it is empty
  }
  close(lock_);
}

Result<void> ResultsFolder::Finish() {
  std::error_code error;
  fs::remove_all(target_, error);
  fs::rename(path_, target_, error);
  if (error) {
    return MakeError(ErrorCode::kUnavailable, target_ + " cannot be replaced: " + error.message() +
                                                  "; the results are in " + path_);
  }
  finished_ = true;
  return {};
}

}  // namespace kless::experiment
