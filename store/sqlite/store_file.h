// Store files at rest: operations of commands on files other than their own store.
#pragma once

#include <cstdint>
#include <string>

#include "emulator/base/error.h"
#include "store/store.h"

namespace kless {

struct StoreFileInfo {
  int schema_version = 0;
  KeyLayout key_layout = KeyLayout::kTypeName;
  std::uint64_t latest = 0;  // the newest record
};

// kNotFound: no such file. kInvalidArgument: not a kless store, damaged, or left by a crash under
// kScratch. kUnsupported: written by a newer kless. kUnavailable: unreadable.
Result<StoreFileInfo> InspectStoreFile(const std::string& path);

// Copies the data file `from` to `to`.  `from` is checked first and may be in use (except under
// kScratch).  With `overwrite`, an existing `to` is replaced once the copy is complete.
// kAlreadyExists: `to` exists and `overwrite` is false. kInvalidArgument: a process has `to` open,
// or its folder is missing.  Otherwise as InspectStoreFile and Store::SaveCopy.
Result<StoreCopy> CopyStoreFile(const std::string& from, const std::string& to, bool overwrite);

}  // namespace kless
