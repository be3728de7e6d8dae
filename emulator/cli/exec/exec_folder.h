// ExecFolder: the folder of one `kless exec` below the system's temporary folder.
#pragma once

#include <memory>
#include <string>

#include "emulator/base/error.h"

namespace kless::cli {

class ExecFolder {
 public:
  // Creates a folder under $TMPDIR, or /tmp, and removes those of runs that were killed.  Each
  // running process holds a lock on its own folder.  kUnavailable.
  static Result<std::unique_ptr<ExecFolder>> Make();
  // Removes the folder with its contents.
  ~ExecFolder();
  ExecFolder(const ExecFolder&) = delete;
  ExecFolder& operator=(const ExecFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  ExecFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  const std::string path_;
  const int lock_;
};

}  // namespace kless::cli
