// The table of Settings(): every setting that is not a field of a function.
#pragma once

#include <vector>

#include "emulator/settings.h"

namespace kless {

// Grouped by the first word of their paths; "functions." is last.
std::vector<Setting> FixedSettings();

}  // namespace kless
