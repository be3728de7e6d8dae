#include "emulator/base/system/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace kless {

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::Make() {
  std::error_code error;
  std::string pattern = (std::filesystem::temp_directory_path(error) / "kless-run.XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr) {
    return MakeError(ErrorCode::kUnavailable, "no temporary folder can be made (" + pattern +
                                                  "): " + std::strerror(errno) +
                                                  "; TMPDIR names another place");
  }
  return std::unique_ptr<ScratchFolder>(new ScratchFolder(std::move(pattern)));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace kless
