// Zip archives: the code of functions.  No I/O but in UnpackZip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"

namespace kless::lambda {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-12)
constexpr std::size_t kZippedBytesMax = 52'428'800;
constexpr std::size_t kUnzippedBytesMax = 262'144'000;
constexpr std::size_t kZipEntriesMax = 100'000;

struct ZipEntry {
  std::string path;  // "app.py", "lib/a.py"; relative, without "..", never ends in a slash
  bool is_folder = false;
  bool is_link = false;      // its content is the target
  std::uint32_t mode = 0;    // permissions; 0: the archive does not say
  std::string_view packed;   // within the archive
  bool is_deflated = false;  // else stored
  std::size_t size = 0;      // unpacked
  std::uint32_t crc = 0;
};

// The entries in the order of the archive's directory.  kInvalidArgument: not a zip archive, or one
// that is encrypted, has another compression, a path that leads out of it, or a link that does; or
// it is larger than the limits.  The archive must outlive the entries.
Result<std::vector<ZipEntry>> ReadZip(std::string_view archive);
// The content of a file.  kInvalidArgument: it is damaged.
Result<std::string> UnpackEntry(const ZipEntry& entry);
// Writes all entries below an existing folder.  kInvalidArgument as above; kUnavailable: a file
// cannot be written.
Result<void> UnpackZip(std::string_view archive, const std::string& folder);

}  // namespace kless::lambda
