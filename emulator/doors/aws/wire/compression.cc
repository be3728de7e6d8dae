#include "emulator/doors/aws/wire/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "emulator/base/check.h"
#include "emulator/base/strings.h"

namespace kless::doors::aws {
namespace {

constexpr std::size_t kSliceBytes = 64u << 10;

// The window, and 16 for the format of gzip.
int WindowOf(ContentCoding coding) { return coding == ContentCoding::kGzip ? 15 + 16 : 15; }

// zlib does not write to its input.
Bytef* InputOf(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

// The first "q=" of the parameters counts, and 1 if it is not a number.
double QualityOf(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return 1;
  std::string_view text = parameters.substr(at + 2);
  text = Trim(text.substr(0, text.find(';')), " ");
  double quality = 1;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, quality);
  if (error != std::errc{} || end != last) return 1;
  return std::clamp(quality, 0.0, 1.0);
}

}  // namespace

const char* ContentCodingName(ContentCoding coding) {
  return coding == ContentCoding::kGzip ? "gzip" : "deflate";
}

std::optional<std::string> Decode(ContentCoding coding, std::string_view compressed,
                                  std::size_t limit, DecodingProblem* problem) {
  *problem = DecodingProblem::kMalformed;
  z_stream stream{};
  if (inflateInit2(&stream, WindowOf(coding)) != Z_OK) return std::nullopt;
  stream.next_in = InputOf(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::array<char, kSliceBytes> slice;
  bool is_complete = false;  // at least one member has been read to its end
  int code = Z_OK;
  while (code == Z_OK && text.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(slice.data());
    stream.avail_out = static_cast<uInt>(slice.size());
    code = inflate(&stream, Z_NO_FLUSH);
    text.append(slice.data(), slice.size() - stream.avail_out);
    if (code != Z_STREAM_END) continue;
    is_complete = true;
    const bool begins_member = coding == ContentCoding::kGzip && stream.avail_in >= 2 &&
                               stream.next_in[0] == 0x1f && stream.next_in[1] == 0x8b;
    if (!begins_member) break;
    code = inflateReset(&stream);
    is_complete = false;
  }
  inflateEnd(&stream);
  if (text.size() > limit) {
    *problem = DecodingProblem::kTooLarge;
    return std::nullopt;
  }
  if (!is_complete) return std::nullopt;
  return text;
}

std::string Encode(ContentCoding coding, std::string_view text) {
  z_stream stream{};
  KLESS_CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WindowOf(coding), 8,
                           Z_DEFAULT_STRATEGY) == Z_OK,
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

// The best quality wins; among equal ones the first that is named, then gzip before deflate of
// those that only "*" allows.
std::optional<ContentCoding> PreferredCoding(std::string_view accept_encoding) {
  if (accept_encoding.empty()) return std::nullopt;
  double gzip = -1;
  double deflate = -1;
  double any = -1;
  std::optional<ContentCoding> best;
  double best_quality = 0;
  for (const std::string_view entry : Split(accept_encoding, ',')) {
    const std::size_t semicolon = entry.find(';');
    const std::string name = LowerCase(std::string(Trim(entry.substr(0, semicolon), " ")));
    const double quality =
        semicolon == std::string_view::npos ? 1 : QualityOf(entry.substr(semicolon));
    double* const own = name == "gzip"      ? &gzip
                        : name == "deflate" ? &deflate
                        : name == "*"       ? &any
                                            : nullptr;
    if (own == nullptr) continue;
    *own = std::max(*own, quality);
    if (own != &any && quality > best_quality) {
      best = own == &gzip ? ContentCoding::kGzip : ContentCoding::kDeflate;
      best_quality = quality;
    }
  }
  if (any > best_quality && gzip < 0) return ContentCoding::kGzip;
  if (any > best_quality && deflate < 0) return ContentCoding::kDeflate;
  return best;
}

std::uint32_t Crc32(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace kless::doors::aws
