// Text within XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace kless::experiment {

// For content and quoted attributes; characters that XML cannot hold (control characters,
// ill-formed UTF-8) become U+FFFD.
std::string EscapeMarkup(std::string_view text);

}  // namespace kless::experiment
