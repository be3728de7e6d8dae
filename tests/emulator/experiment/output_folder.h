// OutputFolder: a new folder for the outputs of one test, removed at its end.
#pragma once

#include <filesystem>
#include <string>

#include "emulator/base/system/files.h"

namespace kless::experiment {

class OutputFolder {
 public:
  OutputFolder() {
    std::string path = std::filesystem::temp_directory_path().string() + "/kless-outputs-XXXXXX";
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~OutputFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::string& path() const { return path_; }
  // The bytes of a file below it; "" if there is none.
  std::string Read(const std::string& name) const {
    const auto text = ReadFile(path_ + "/" + name);
    return text.has_value() ? text.value() : "";
  }
  bool Has(const std::string& name) const { return std::filesystem::exists(path_ + "/" + name); }

 private:
  std::string path_;
};

}  // namespace kless::experiment
