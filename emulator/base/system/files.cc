#include "emulator/base/system/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace kless {
namespace {

std::string Reason() { return std::strerror(errno == 0 ? EIO : errno); }

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  constexpr std::size_t kBlock = 64 << 10;
  while (file) {
    const std::size_t size = text.size();
    text.resize(size + kBlock);
    file.read(text.data() + size, kBlock);
    text.resize(size + static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof() || std::filesystem::is_directory(path)) {
    return MakeError(ErrorCode::kNotFound, "cannot read " + path + ": " + Reason());
  }
  return text;
}

Result<void> WriteFile(const std::string& path, std::string_view text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) return MakeError(ErrorCode::kUnavailable, "cannot write " + path + ": " + Reason());
  return {};
}

Result<void> MakeFolder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) {
    return MakeError(ErrorCode::kUnavailable,
                     "cannot make the folder " + path + ": " + failure.message());
  }
  return {};
}

}  // namespace kless
