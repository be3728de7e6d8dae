#include "emulator/base/system/file_list.h"

#include <filesystem>

#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"

namespace kless {
namespace {

constexpr std::string_view kHeading =
    "# The files that kless wrote here; its next run into this folder replaces them.";

}  // namespace

std::set<std::string> ReadFileList(const std::string& folder) {
  const auto text = ReadFile(folder + "/" + kFileListName);
  if (text.has_error()) return {};
  const auto lines = Split(text.value(), '\n');
  if (lines.front() != kHeading) return {};
  std::set<std::string> names(lines.begin() + 1, lines.end());
  names.erase("");
  return names;
}

Result<void> WriteFileList(const std::string& folder, const std::set<std::string>& names) {
  const std::string path = folder + "/" + kFileListName;
  std::error_code error;
  if (names.empty()) {
    std::filesystem::remove(path, error);
    return {};
  }
  std::string text = std::string(kHeading) + "\n";
  for (const std::string& name : names) text += name + "\n";
  KLESS_TRY_VOID(WriteFile(path + ".new", text));
  std::filesystem::rename(path + ".new", path, error);
  if (!error) return {};
  return MakeError(ErrorCode::kUnavailable, "cannot write " + path + ": " + error.message());
}

}  // namespace kless
