// Store files at rest: what commands do with a file that is not their own store.
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

// kNotFound: no such file.  kInvalidArgument: not a kless store, damaged, or left by a crash under
// kScratch.  kUnsupported: written by a newer kless.  kUnavailable: it cannot be read.
Result<StoreFileInfo> InspectStoreFile(const std::string& path);

// Makes `to` a copy of the store file `from`, which may be in use (but not under kScratch) and is
// checked first.  `overwrite`: what is at `to` goes once the copy is whole.  kAlreadyExists:
// without `overwrite` something is there.  kInvalidArgument: a process has `to` open, or its folder
// is missing.  Else as InspectStoreFile and Store::SaveCopy.
Result<StoreCopy> CopyStoreFile(const std::string& from, const std::string& to, bool overwrite);

}  // namespace kless
