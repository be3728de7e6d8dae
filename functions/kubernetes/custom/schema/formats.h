// Formats of strings in schemas.
#pragma once

#include <string_view>

namespace kless::kubernetes {

// Returns false if the value does not have the format.  An unknown format accepts everything.
// Known are byte, cidr, date, date-time, datetime, duration, email, hexcolor, hostname, ipv4, ipv6,
// mac, uri, uuid, uuid3, uuid4, uuid5.
bool HasFormat(std::string_view value, std::string_view format);

}  // namespace kless::kubernetes
