// Content codings of request and response bodies, and the checksum of replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kless::doors::aws {

// "deflate" is the format of zlib, RFC 9110 section 8.4.1.2.
enum class ContentCoding { kGzip, kDeflate };
const char* ContentCodingName(ContentCoding coding);  // "gzip", "deflate"

enum class DecodingProblem { kMalformed, kTooLarge };

// Decompresses to at most `limit` bytes; sets `*problem` if there is no result.  Several gzip
// members are one text; what follows the last one and begins no other is ignored, as AWS does.
std::optional<std::string> Decode(ContentCoding coding, std::string_view compressed,
                                  std::size_t limit, DecodingProblem* problem);
// Equal texts give equal bytes: the header of gzip has neither a time nor a name.
std::string Encode(ContentCoding coding, std::string_view text);
// The coding that a client prefers by its header Accept-Encoding; nullopt: none.  Where the header
// is not well-formed, this is what AWS makes of it, as Alternator's tests show it.
std::optional<ContentCoding> PreferredCoding(std::string_view accept_encoding);
// The CRC-32 of gzip and Ethernet, which x-amz-crc32 has.
std::uint32_t Crc32(std::string_view bytes);

}  // namespace kless::doors::aws
