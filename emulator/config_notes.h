// Notes on a configuration: settings that work, but are probably not what was meant.
#pragma once

#include <string>
#include <vector>

#include "emulator/config.h"

namespace kless {

// Returns sentences with their remedies: about a cold start without an init, a latency profile
// without times for the control plane that runs, settings of functions that do not run.
std::vector<std::string> NotesOnConfig(const Config& config);
// Returns only the one about cold starts without an init; "" if there is none.
std::string NoteOnInit(const Config& config);

}  // namespace kless
