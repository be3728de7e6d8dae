// Zip archives: what is read can be unpacked or is refused, and never leads out of the archive.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "emulator/lambda/zip_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view archive(reinterpret_cast<const char*>(data), size);
  const auto entries = kless::lambda::ReadZip(archive);
  if (entries.has_error()) return 0;
  for (const auto& entry : entries.value()) {
    if (entry.path.starts_with('/') || entry.path.starts_with("../")) std::abort();
    if (entry.size > (1u << 20)) continue;  // the memory of a fuzzer
    const auto text = kless::lambda::UnpackEntry(entry);
    if (text.has_value() && text.value().size() != entry.size) std::abort();
  }
  return 0;
}
