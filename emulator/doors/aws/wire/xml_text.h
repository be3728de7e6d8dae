// XML texts of the replies of AWS's Query protocol.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "emulator/doors/aws/wire/shape.h"

namespace kless::doors::aws {

// Escapes what has a meaning in XML; characters that XML 1.0 does not have become U+FFFD.
void AppendXmlText(std::string& out, std::string_view text);
// <name>text</name>
void AppendXmlElement(std::string& out, std::string_view name, std::string_view text);
// The members of a structure, in the order of the shape, without an element around them.  Members
// that the shape does not have are left out.
void AppendXmlMembers(std::string& out, const Shape& structure, simdjson::dom::object value);

}  // namespace kless::doors::aws
