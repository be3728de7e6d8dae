// UTF-8 as Unicode characters.
#pragma once

#include <string>
#include <string_view>

namespace kless::kubernetes {

// A byte that is not valid UTF-8 becomes the character U+FFFD, as in Go.
std::wstring Characters(std::string_view utf8);

}  // namespace kless::kubernetes
