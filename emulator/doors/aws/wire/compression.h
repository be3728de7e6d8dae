// gzip of request and response bodies, and the checksum of replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kless::doors::aws {

enum class GunzipProblem { kMalformed, kTooLarge };

// Decompresses one gzip member to at most `limit` bytes; sets `*problem` if there is no result.
std::optional<std::string> Gunzip(std::string_view compressed, std::size_t limit,
                                  GunzipProblem* problem);
// Equal texts give equal bytes: the header has neither a time nor a name.
std::string Gzip(std::string_view text);
// The CRC-32 of gzip and Ethernet, which x-amz-crc32 has.
std::uint32_t Crc32(std::string_view bytes);

}  // namespace kless::doors::aws
