// Notes on a configuration: settings that work, and that are probably not what was meant.
#pragma once

#include <string>
#include <vector>

#include "emulator/config.h"

namespace kless {

// Each a sentence with its remedy: a cold start without an init, a latency profile that says
// nothing of the control plane that runs, settings of functions that do not run.
std::vector<std::string> NotesOnConfig(const Config& config);
// Of these, the one about cold starts without an init; "": there are none such.
std::string NoteOnInit(const Config& config);

}  // namespace kless
