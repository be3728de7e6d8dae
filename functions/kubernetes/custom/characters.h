// UTF-8 as Unicode characters.
#pragma once

#include <string>
#include <string_view>

namespace kless::kubernetes {

// A byte that is no UTF-8 is the character U+FFFD, as in Go.
std::wstring Characters(std::string_view utf8);

}  // namespace kless::kubernetes
