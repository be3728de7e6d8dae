#include "emulator/doors/aws/wire/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "emulator/base/check.h"

namespace kless::doors::aws {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 16 selects the format of gzip
constexpr std::size_t kSliceBytes = 64u << 10;

// zlib does not write to its input.
Bytef* InputOf(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::optional<std::string> Gunzip(std::string_view compressed, std::size_t limit,
                                  GunzipProblem* problem) {
  *problem = GunzipProblem::kMalformed;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return std::nullopt;
  stream.next_in = InputOf(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::array<char, kSliceBytes> slice;
  int code = Z_OK;
  while (code == Z_OK && text.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(slice.data());
    stream.avail_out = static_cast<uInt>(slice.size());
    code = inflate(&stream, Z_NO_FLUSH);
    text.append(slice.data(), slice.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (text.size() > limit) {
    *problem = GunzipProblem::kTooLarge;
    return std::nullopt;
  }
  if (code != Z_STREAM_END) return std::nullopt;
  return text;
}

std::string Gzip(std::string_view text) {
  z_stream stream{};
  KLESS_CHECK(
      deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK,
      "zlib does not start");
  std::string compressed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = InputOf(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  KLESS_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib did not finish");
  compressed.resize(compressed.size() - stream.avail_out);
  deflateEnd(&stream);
  return compressed;
}

std::uint32_t Crc32(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace kless::doors::aws
