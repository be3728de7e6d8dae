#include "emulator/experiment/results_folder.h"

#include <filesystem>
#include <set>

namespace kless::experiment {

namespace fs = std::filesystem;

namespace {

// Nothing but what an experiment writes, and its summary among it.
bool HoldsOnlyResults(const fs::path& folder) {
  static const std::set<std::string> known = {
      "data", "figures", "traces", "runs", "summary.json", "pods.csv", "report.html", "junit.xml"};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!known.contains(entry.path().filename().string())) return false;
  }
  return !error && fs::is_regular_file(folder / "summary.json", error);
}

}  // namespace

Result<std::unique_ptr<ResultsFolder>> ResultsFolder::Begin(const std::string& target) {
  std::error_code error;
  fs::path whole = fs::absolute(target, error).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();  // a slash at the end
  if (fs::exists(whole, error) && !fs::is_empty(whole, error) && !HoldsOnlyResults(whole)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     target +
                         " holds something other than earlier results: choose another folder "
                         "with --out, or remove it");
  }
  std::vector<std::string> made;  // folders above it, the innermost first
  for (fs::path above = whole.parent_path(); !fs::exists(above, error);
       above = above.parent_path()) {
    made.push_back(above.string());
  }
  fs::create_directories(whole.parent_path(), error);
  const fs::path partial = whole.string() + ".partial";
  fs::remove_all(partial, error);
  if (!fs::create_directory(partial, error)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     partial.string() + " cannot be made: " + error.message());
  }
  return std::unique_ptr<ResultsFolder>(
      new ResultsFolder(whole.string(), partial.string(), std::move(made)));
}

ResultsFolder::~ResultsFolder() {
  std::error_code ignored;
  if (finished_) return;
  fs::remove_all(path_, ignored);
  for (const std::string& folder : made_) fs::remove(folder, ignored);  // only if it is empty
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
