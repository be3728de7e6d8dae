// FileLock: keeps a second process (or a second store in this one) away from a file.
//
// It is flock(2) on a file of its own, FILE.lock: the kernel releases it when the process ends,
// even after kill -9, and a leftover file means nothing.  The database itself is not locked:
// closing any descriptor of it would drop SQLite's own locks.
#pragma once

#include <memory>
#include <string>

#include "emulator/base/error.h"

namespace kless {

class FileLock {
 public:
  // kConflict: another holder has the lock; the message names its process.  kInvalidArgument: the
  // lock file cannot be made (no such folder, or read-only).
  static Result<std::unique_ptr<FileLock>> Take(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace kless
