#include "emulator/experiment/report/results_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include "emulator/base/system/file_list.h"
#include "emulator/base/system/files.h"

namespace kless::experiment {

namespace fs = std::filesystem;

namespace {

// Whether SQLite makes a file of this name beside a data file of the list while it is read.
bool IsBesideDataFile(const std::string& name, const std::set<std::string>& own) {
  const auto dash = name.rfind('-');
  return (name.ends_with("-wal") || name.ends_with("-shm")) && own.contains(name.substr(0, dash));
}

// Returns the path of the first entry, below the folder, that no earlier run wrote.
std::optional<std::string> ForeignEntry(const fs::path& folder) {
  const std::set<std::string> own = ReadFileList(folder.string());
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().lexically_relative(folder).string();
    if (entry->is_directory(error) && !entry->is_symlink(error)) {
      const auto inside = own.lower_bound(name + "/");
      if (inside == own.end() || !inside->starts_with(name + "/")) return name;
    } else if (!own.contains(name) && name != kFileListName && !IsBesideDataFile(name, own)) {
      return name;
    }
  }
  return error ? std::optional<std::string>(".") : std::nullopt;
}

// Whether the folder is empty or was left by a run that was killed.
bool IsLeftByRun(const fs::path& folder) {
  std::error_code error;
  return fs::is_empty(folder, error) || fs::exists(folder / ResultsFolder::kUnfinishedMark, error);
}

// Returns the paths of all files below the folder.
std::set<std::string> FilesBelow(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) names.insert(entry.path().lexically_relative(folder).string());
  }
  return names;
}

// Removes the file, and the folders above it that are then empty, up to `top`.
void RemoveWithFolders(const fs::path& top, const std::string& name) {
  std::error_code error;
  fs::remove(top / name, error);
  for (fs::path above = fs::path(name).parent_path(); !error && !above.empty();
       above = above.parent_path()) {
    fs::remove(top / above, error);
  }
}

// Moves a file, across file systems too.
void Move(const fs::path& from, const fs::path& to, std::error_code& error) {
  fs::rename(from, to, error);
  if (error == std::errc::cross_device_link) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  }
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
  const auto invalid = [](const std::string& message) {
    return MakeError(ErrorCode::kInvalidArgument, message);
  };
  std::error_code error;
  // A link stands for the folder that it names.
  fs::path whole = fs::absolute(target, error);
  if (!error) whole = fs::weakly_canonical(whole, error).lexically_normal();
  if (error) {  // such as below a working directory that was removed
    return invalid("the folder of the results, " + target + ", cannot be found: " +
                   error.message() + "; choose an absolute path with --out");
  }
  if (whole.filename().empty()) whole = whole.parent_path();  // removes a slash at the end
  if (fs::exists(fs::symlink_status(whole, error)) && !fs::is_directory(whole, error)) {
    return invalid(target + " is not a folder: choose another one with --out");
  }
  std::vector<std::string> made;  // parent folders, the innermost first
  for (fs::path above = whole.parent_path(); !fs::exists(above, error);
       above = above.parent_path()) {
    made.push_back(above.string());
  }
  fs::create_directories(whole.parent_path(), error);
  const fs::path partial = whole.string() + ".partial";
  KLESS_TRY(const auto lock, MakeAndLock(partial, target));
  if (!IsLeftByRun(partial)) {
    close(lock);
    return invalid(partial.string() +
                   ", where results are written first, holds something else: choose another "
                   "folder with --out, or remove it");
  }
  // The mark is removed last: it tells what a killed run left.
  for (const auto& entry : fs::directory_iterator(partial, error)) {
    std::error_code ignored;
    if (entry.path().filename() != kUnfinishedMark) fs::remove_all(entry.path(), ignored);
  }
  std::unique_ptr<ResultsFolder> begun(
      new ResultsFolder(whole.string(), partial.string(), lock, std::move(made)));
  const auto marked = WriteFile((partial / kUnfinishedMark).string(), "");
  if (marked.has_error()) return invalid(marked.error().message);
  const auto foreign = fs::exists(whole, error) ? ForeignEntry(whole) : std::nullopt;
  if (foreign) {
    return invalid(target + " holds something other than earlier results, " + *foreign +
                   ": choose another folder with --out, or remove it");
  }
  return begun;
}

ResultsFolder::~ResultsFolder() {
  std::error_code ignored;
  if (!kept_) {
    fs::remove_all(path_, ignored);
    for (const std::string& folder : made_) fs::remove(folder, ignored);  // only if it is empty
  }
  close(lock_);
}

Result<void> ResultsFolder::Finish() {
  std::error_code error;
  kept_ = true;
  const fs::path mark = fs::path(path_) / kUnfinishedMark;
  std::set<std::string> names = FilesBelow(path_);
  names.erase(kUnfinishedMark);
  auto done = WriteFileList(path_, names);
  if (done.has_value() && fs::exists(target_, error)) {
    done = MoveIntoTarget(names);
    if (done.has_value()) fs::remove_all(path_, error);
  } else if (done.has_value()) {
    fs::remove(mark, error);
    fs::rename(path_, target_, error);
    if (error) done = MakeError(ErrorCode::kUnavailable, error.message());
  }
  if (done.has_value()) return {};
  return MakeError(
      ErrorCode::kUnavailable,
      target_ + " cannot be replaced: " + done.error().message + "; the results are in " + path_);
}

Result<void> ResultsFolder::MoveIntoTarget(const std::set<std::string>& names) const {
  const fs::path from = path_, to = target_;
  const std::set<std::string> earlier = ReadFileList(target_);
  std::error_code error;
  const auto failed = [&error](const std::string& name) {
    return MakeError(ErrorCode::kUnavailable, name + ": " + error.message());
  };
  for (const std::string& name : names) {
    if (!earlier.contains(name) && fs::exists(fs::symlink_status(to / name, error))) {
      return MakeError(ErrorCode::kUnavailable, name + " was made there by something else");
    }
    fs::create_directories((to / name).parent_path(), error);
    if (error) return failed(name);
  }
  // If the process is killed from here on, the next one knows all files by this list.
  std::set<std::string> both = earlier;
  both.insert(names.begin(), names.end());
  KLESS_TRY_VOID(WriteFileList(target_, both));
  for (const std::string& name : earlier) {
    if (!names.contains(name)) RemoveWithFolders(to, name);
  }
  for (const std::string& name : names) {
    Move(from / name, to / name, error);
    if (error) return failed(name);
  }
  return WriteFileList(target_, names);
}

}  // namespace kless::experiment
