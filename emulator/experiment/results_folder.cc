#include "emulator/experiment/results_folder.h"

#include <filesystem>

namespace kless::experiment {

namespace fs = std::filesystem;

Result<std::unique_ptr<ResultsFolder>> ResultsFolder::Begin(const std::string& target) {
  std::error_code error;
  fs::path whole = fs::absolute(target, error).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();  // a slash at the end
  if (fs::exists(whole, error) && !fs::is_regular_file(whole / "summary.json", error) &&
      !fs::is_empty(whole, error)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     target +
                         " exists and holds no earlier results: choose another folder with "
                         "--out, or remove it");
  }
  fs::create_directories(whole.parent_path(), error);
  const fs::path partial = whole.string() + ".partial";
  fs::remove_all(partial, error);
  if (!fs::create_directory(partial, error)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     partial.string() + " cannot be made: " + error.message());
  }
  return std::unique_ptr<ResultsFolder>(new ResultsFolder(whole.string(), partial.string()));
}

ResultsFolder::~ResultsFolder() {
  std::error_code ignored;
  if (!finished_) fs::remove_all(path_, ignored);
}

Result<void> ResultsFolder::Finish() {
  std::error_code error;
  fs::remove_all(target_, error);
  fs::rename(path_, target_, error);
  if (error) {
    return MakeError(ErrorCode::kUnavailable, target_ + " cannot be replaced: " + error.message() +
                                                  "; the results are in " + path_);
  }
  finished_ = true;
  return {};
}

}  // namespace kless::experiment
