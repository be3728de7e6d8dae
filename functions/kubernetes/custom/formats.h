// Formats of strings in schemas.
#pragma once

#include <string_view>

namespace kless::kubernetes {

// False: the value is not of the format.  A format that is not known asks for nothing.  Known are
// byte, cidr, date, date-time, datetime, duration, email, hexcolor, hostname, ipv4, ipv6, mac, uri,
// uuid, uuid3, uuid4, uuid5.
bool HasFormat(std::string_view value, std::string_view format);

}  // namespace kless::kubernetes
