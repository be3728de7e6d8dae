#include "store/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace kless {

Result<std::unique_ptr<FileLock>> FileLock::Take(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const int descriptor = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    const std::string reason = std::generic_category().message(errno);
    return MakeError(ErrorCode::kInvalidArgument,
                     "cannot write the store file " + path + ": " + reason);
  }
  std::unique_ptr<FileLock> lock(new FileLock(descriptor));
  int taken = 0;
  do {
    taken = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (taken != 0 && errno == EINTR);
  if (taken != 0) {
    if (errno == EWOULDBLOCK) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "the store file " + path + " is in use by another process");
    }
    const std::string reason = std::generic_category().message(errno);
    return MakeError(ErrorCode::kInvalidArgument, "cannot lock " + lock_path + ": " + reason);
  }
  return lock;
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace kless
