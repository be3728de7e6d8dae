// The file system that a program sees in an Isolation: this machine's, with folders of its own.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "emulator/base/system/process.h"

namespace kless {

struct OwnFolder {
  std::string source;  // an existing folder of this machine; "": an empty folder
  bool read_only = false;
};

// `root` is an existing empty folder.  Every folder of this machine appears in its place, but for
// those of `own` ("/tmp", "/var/task"), which need not exist here: at most two names deep. `folder`
// is the working directory, as the program sees it.
Isolation MakeIsolation(const std::string& root, const std::map<std::string, OwnFolder>& own,
                        const std::string& folder);

// How programs can be isolated here, found out by a try the first time: as this process is, or in a
// user namespace.
enum class IsolationKind { kNone, kPrivileged, kUserNamespace };
// `problem` gets the reason of kNone.
IsolationKind FindIsolation(std::string* problem = nullptr);

}  // namespace kless
