#include "store/sqlite/file/file_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace kless {
namespace {

// A temporary file that is removed unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) { Remove(); }
  ~TemporaryFile() { Remove(); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  void Remove() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::string path_;
};

std::string SystemMessage() { return std::error_code(errno, std::generic_category()).message(); }

// Syncs a file, or a folder and thereby its entries.  On false, errno says why.
bool Sync(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return synced;
}

// Never replaces a file that was created meanwhile.
bool RenameToNewName(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  // The filesystem lacks the flag; the caller has checked that nothing exists there.
  return errno == EINVAL && ::rename(from.c_str(), to.c_str()) == 0;
}

}  // namespace

Result<std::uint64_t> SaveDatabaseCopy(SqliteConnection& connection, const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path target = fs::absolute(path, ignored);
  const std::string folder = target.parent_path().string();
  if (fs::exists(fs::symlink_status(target, ignored))) {
    return MakeError(ErrorCode::kAlreadyExists, target.string() + " already exists");
  }
  // SQLite would take these for the copy's own and replay them into it.
  for (const char* suffix : {"-wal", "-journal"}) {
    const std::string rest = target.string() + suffix;
    if (!fs::exists(rest, ignored)) continue;
    return MakeError(ErrorCode::kAlreadyExists, rest +
                                                    " exists: it was left by another store that " +
                                                    "was at " + target.string() + "; remove it");
  }
  if (!target.has_filename() || !fs::is_directory(folder, ignored)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "cannot save a copy: the folder " + folder + " does not exist");
  }
  const auto unavailable = [&target](const std::string& why) {
    return MakeError(ErrorCode::kUnavailable,
                     "the copy " + target.string() + " cannot be saved: " + why);
  };
  const TemporaryFile temporary(target.string() + "." + std::to_string(::getpid()) + ".incomplete");
  try {
    SqliteStatement vacuum(connection, "VACUUM INTO ?1");
    vacuum.BindText(1, temporary.path());
    vacuum.Run();
  } catch (const SqliteError& error) {
    return unavailable(error.Reason());
  }
  // SQLite does not sync what VACUUM INTO writes.
  if (!Sync(temporary.path())) return unavailable(SystemMessage());
  const std::uint64_t bytes = fs::file_size(temporary.path(), ignored);
  if (!RenameToNewName(temporary.path(), target.string())) {
    if (errno != EEXIST) return unavailable(SystemMessage());
    return MakeError(ErrorCode::kAlreadyExists, target.string() + " already exists");
  }
  if (!Sync(folder)) {
    const std::string why = SystemMessage();
    fs::remove(target, ignored);
    return unavailable(why);
  }
  return bytes;
}

}  // namespace kless
