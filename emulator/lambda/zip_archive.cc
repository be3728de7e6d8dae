// The directory at the end of the archive counts, as for every unpacker; what the local headers say
// besides their lengths is ignored.
#include "emulator/lambda/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"

namespace kless::lambda {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCommentMax = 65'535;
constexpr std::uint32_t kFileTypeMask = 0170000;
constexpr std::uint32_t kFileTypeLink = 0120000;

Error Bad(const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, "the zip archive " + what);
}

std::uint32_t Number(std::string_view bytes, std::size_t at, int length) {
  std::uint32_t value = 0;
  for (int i = length - 1; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  }
  return value;
}

bool IsWithin(const std::string& path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != std::string::npos ||
      path.find('\0') != std::string::npos) {
    return false;
  }
  for (const std::string_view part : Split(path, '/')) {
    if (part == ".." || part.empty() || part == ".") return false;
  }
  return true;
}

// Where the record at the end of the directory is; npos: there is none.
std::size_t FindEnd(std::string_view archive) {
  if (archive.size() < kEndBytes) return std::string_view::npos;
  const std::size_t last = archive.size() - kEndBytes;
  const std::size_t first = last > kCommentMax ? last - kCommentMax : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (Number(archive, at, 4) == kEndSignature) return at;
  }
  return std::string_view::npos;
}

Result<ZipEntry> ReadEntry(std::string_view archive, std::size_t at, std::size_t name_length) {
  ZipEntry entry;
  entry.path = archive.substr(at + kEntryBytes, name_length);
  if ((Number(archive, at + 8, 2) & 1) != 0) return Bad("is encrypted");
  const std::uint32_t method = Number(archive, at + 10, 2);
  if (method != 0 && method != 8) {
    return Bad("has a file with compression " + std::to_string(method) + "; use deflate");
  }
  entry.is_deflated = method == 8;
  entry.crc = Number(archive, at + 16, 4);
  const std::size_t packed = Number(archive, at + 20, 4);
  entry.size = Number(archive, at + 24, 4);
  // The upper half is of Unix if the archive was made there; others leave it empty.
  const std::uint32_t attributes = Number(archive, at + 38, 4) >> 16;
  entry.mode = attributes & 0777;
  entry.is_link = (attributes & kFileTypeMask) == kFileTypeLink;
  const std::size_t local = Number(archive, at + 42, 4);
  if (packed == UINT32_MAX || entry.size == UINT32_MAX || local == UINT32_MAX) {
    return Bad("has the form of zip64, which is for larger ones");
  }
  if (local > archive.size() || archive.size() - local < kLocalBytes ||
      Number(archive, local, 4) != kLocalSignature) {
    return Bad("is damaged");
  }
  const std::size_t begin =
      local + kLocalBytes + Number(archive, local + 26, 2) + Number(archive, local + 28, 2);
  if (begin > archive.size() || archive.size() - begin < packed) return Bad("is damaged");
  entry.packed = archive.substr(begin, packed);
  if (!entry.is_deflated && packed != entry.size) return Bad("is damaged");
  entry.is_folder = entry.path.ends_with('/');
  if (entry.is_folder) entry.path.pop_back();
  if (!IsWithin(entry.path)) return Bad("has a path that leads out of it: '" + entry.path + "'");
  return entry;
}

}  // namespace

Result<std::vector<ZipEntry>> ReadZip(std::string_view archive) {
  if (archive.size() > kZippedBytesMax) return Bad("is above 50 MB");
  const std::size_t end = FindEnd(archive);
  if (end == std::string_view::npos) return Bad("is none");
  const std::size_t count = Number(archive, end + 10, 2);
  std::size_t at = Number(archive, end + 16, 4);
  if (count > kZipEntriesMax) return Bad("has too many files");
  std::vector<ZipEntry> entries;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (at > end || end - at < kEntryBytes || Number(archive, at, 4) != kEntrySignature) {
      return Bad("is damaged");
    }
    const std::size_t name = Number(archive, at + 28, 2);
    const std::size_t length =
        kEntryBytes + name + Number(archive, at + 30, 2) + Number(archive, at + 32, 2);
    if (end - at < length) return Bad("is damaged");
    KLESS_TRY(auto entry, ReadEntry(archive, at, name));
    bytes += entry.size;
    if (bytes > kUnzippedBytesMax) return Bad("is above 250 MB when it is unpacked");
    entries.push_back(std::move(entry));
    at += length;
  }
  return entries;
}

Result<std::string> UnpackEntry(const ZipEntry& entry) {
  std::string text;
  if (entry.is_deflated) {
    text.resize(entry.size);
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Bad("cannot be unpacked: no memory");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(entry.packed.data()));
    stream.avail_in = static_cast<uInt>(entry.packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    // One byte more shows that there is more than the entry says.
    Bytef beyond = 0;
    int result = inflate(&stream, Z_FINISH);
    if (result != Z_STREAM_END && stream.avail_out == 0) {
      stream.next_out = &beyond;
      stream.avail_out = 1;
      result = inflate(&stream, Z_FINISH);
      if (stream.avail_out == 0) result = Z_DATA_ERROR;
    }
    const bool whole = result == Z_STREAM_END && stream.total_out == entry.size;
    inflateEnd(&stream);
    if (!whole) return Bad("is damaged at '" + entry.path + "'");
  } else {
    text = entry.packed;
  }
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
  if (crc != entry.crc) return Bad("is damaged at '" + entry.path + "'");
  return text;
}

Result<void> UnpackZip(std::string_view archive, const std::string& folder) {
  KLESS_TRY(const auto entries, ReadZip(archive));
  const auto failed = [](const std::string& path, const std::error_code& error) {
    return MakeError(ErrorCode::kUnavailable, "cannot write " + path + ": " + error.message());
  };
  std::error_code error;
  std::vector<std::pair<std::string, std::string>> links;
  for (const ZipEntry& entry : entries) {
    const std::string path = folder + "/" + entry.path;
    fs::create_directories(entry.is_folder ? fs::path(path) : fs::path(path).parent_path(), error);
    if (error) return failed(path, error);
    if (entry.is_folder) continue;
    KLESS_TRY(auto text, UnpackEntry(entry));
    if (entry.is_link) {
      const fs::path target = (fs::path(entry.path).parent_path() / text).lexically_normal();
      if (!IsWithin(target.string())) return Bad("has a link that leads out of it");
      links.emplace_back(text, path);
      continue;
    }
    KLESS_TRY_VOID(WriteFile(path, text));
    // A file that is not readable by all would fail on Lambda; here the user is the same.
    const auto mode = static_cast<fs::perms>(entry.mode == 0 ? 0644 : entry.mode | 0400);
    fs::permissions(path, mode, error);
    if (error) return failed(path, error);
  }
  // Links come last, so that no file is written through one.
  for (const auto& [target, path] : links) {
    fs::create_symlink(target, path, error);
    if (error) return failed(path, error);
  }
  return {};
}

}  // namespace kless::lambda
