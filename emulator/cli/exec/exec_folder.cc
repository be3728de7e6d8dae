#include "emulator/cli/exec/exec_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolderPrefix = "kless-exec-";
constexpr const char* kLockName = "/lock";

// An absolute path: commands that change their working directory use files below it.
std::string TemporaryBase() {
  const std::string named = EnvironmentVariable("TMPDIR");
  std::error_code ignored;
  return named.empty() ? "/tmp" : fs::absolute(named, ignored).lexically_normal().string();
}

// Whether the folder belongs to this user and its lock is free.  A folder without a lock file has
// just been created.
bool IsLeftBehind(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
    return false;
  }
  const int lock = open((path + kLockName).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) return false;
  const bool free = flock(lock, LOCK_EX | LOCK_NB) == 0;
  close(lock);
  return free;
}

void RemoveLeftBehind(const std::string& base) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator entry(base, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string path = entry->path();
    if (entry->path().filename().string().starts_with(kFolderPrefix) && IsLeftBehind(path)) {
      found.push_back(path);
    }
  }
  for (const std::string& path : found) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
}

Error NoFolder(const std::string& path) {
  return MakeError(ErrorCode::kUnavailable, "no temporary folder can be made (" + path +
                                                "): " + std::strerror(errno) +
                                                "; TMPDIR names another place");
}

}  // namespace

Result<std::unique_ptr<ExecFolder>> ExecFolder::Make() {
  const std::string base = TemporaryBase();
  RemoveLeftBehind(base);
  std::string path = base + "/" + kFolderPrefix + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return NoFolder(path);
  // The file is locked before it gets its name: no other run sees it without the lock.
  const std::string unnamed = path + "/lock.new";
  const int lock = open(unnamed.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0 ||
      rename(unnamed.c_str(), (path + kLockName).c_str()) != 0) {
    const Error error = NoFolder(path);
    std::error_code ignored;
    fs::remove_all(path, ignored);
    if (lock >= 0) close(lock);
    return error;
  }
  return std::unique_ptr<ExecFolder>(new ExecFolder(std::move(path), lock));
}

ExecFolder::~ExecFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_);
}

}  // namespace kless::cli
