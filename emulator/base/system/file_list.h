// FileList: the files that kless itself wrote into a folder.  Their names are in a file of that
// folder, so that a later run replaces these files and no others.
#pragma once

#include <set>
#include <string>

#include "emulator/base/error.h"

namespace kless {

// The name of that file, which is not in the list itself.
inline constexpr const char* kFileListName = "kless-files.txt";

// Returns paths relative to the folder ("data/pods.csv"); none if there is no list.
std::set<std::string> ReadFileList(const std::string& folder);
// Replaces the list at once; an empty one is removed.  kUnavailable: it cannot be written.
Result<void> WriteFileList(const std::string& folder, const std::set<std::string>& names);

}  // namespace kless
