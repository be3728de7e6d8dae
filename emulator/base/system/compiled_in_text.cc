#include "emulator/base/system/compiled_in_text.h"

#include <zlib.h>

#include <algorithm>

#include "emulator/base/check.h"

namespace kless {

const CompiledInFile* FindCompiledInFile(const std::string& path) {
  const CompiledInFile* const end = kCompiledInFiles + kCompiledInFileCount;
  const auto* const found = std::find_if(
      kCompiledInFiles, end, [&](const CompiledInFile& file) { return path == file.path; });
  return found == end ? nullptr : found;
}

std::string CompiledInText(const CompiledInFile& file) {
  std::string text(file.size, '\0');
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;
  KLESS_CHECK(inflateInit2(&stream, kGzip) == Z_OK, "zlib has no memory");
  stream.next_in = const_cast<Bytef*>(file.begin);
  stream.avail_in = static_cast<uInt>(file.end - file.begin);
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  KLESS_CHECK(result == Z_STREAM_END && stream.avail_out == 0,
              std::string(file.path) + " is damaged within the program");
  return text;
}

}  // namespace kless
