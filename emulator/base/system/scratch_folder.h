// ScratchFolder: a folder of the process's own below the system's temporary folder; it is removed
// with its contents.
#pragma once

#include <memory>
#include <string>

#include "emulator/base/error.h"

namespace kless {

class ScratchFolder {
 public:
  // kUnavailable: it cannot be created.
  static Result<std::unique_ptr<ScratchFolder>> Make();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

}  // namespace kless
