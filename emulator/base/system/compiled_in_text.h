// The texts of the files that the build compiles into the program.
#pragma once

#include <string>

#include "emulator/base/system/compiled_in_files.h"

namespace kless {

// `path` is that in the tree: "configs/latency/instant.yaml".  Null if there is none.
const CompiledInFile* FindCompiledInFile(const std::string& path);
std::string CompiledInText(const CompiledInFile& file);

}  // namespace kless
