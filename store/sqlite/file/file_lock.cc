#include "store/sqlite/file/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace kless {
namespace {

std::string HolderOf(int descriptor) {
  std::array<char, 16> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  int pid = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, pid);
  return pid > 0 ? "process " + std::to_string(pid) : "another process";
}

}  // namespace

Result<std::unique_ptr<FileLock>> FileLock::Take(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const int descriptor = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    const std::string reason = std::generic_category().message(errno);
    return MakeError(ErrorCode::kInvalidArgument,
                     "cannot write the data file " + path + ": " + reason);
  }
  std::unique_ptr<FileLock> lock(new FileLock(descriptor));
  int taken = 0;
  do {
    taken = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (taken != 0 && errno == EINTR);
  if (taken != 0) {
    if (errno == EWOULDBLOCK) {
      return MakeError(ErrorCode::kConflict,
                       "the data file " + path + " is in use by " + HolderOf(descriptor));
    }
    const std::string reason = std::generic_category().message(errno);
    return MakeError(ErrorCode::kInvalidArgument, "cannot lock " + lock_path + ": " + reason);
  }
  // For the message of the next one; without it, that message names no process.
  const std::string holder = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::write(descriptor, holder.data(), holder.size());
  }
  return lock;
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace kless
