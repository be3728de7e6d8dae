// ParseJsonText: ParseJson, for callers that ask about the text what its tree does not show.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "emulator/base/error.h"

namespace kless {

// `*repeats` is false if no object in the text has two members of the same name.  It is true if one
// does (the tree holds the last of them), and for the rare texts of which that is not known: those
// with a number outside of 64 bits, and those that are not JSON.
Result<nlohmann::json> ParseJsonText(std::string_view text, bool* repeats);

}  // namespace kless
