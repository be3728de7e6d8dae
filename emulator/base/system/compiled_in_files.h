// The table of files that the build compiles into the program. embed_configs.cmake writes its
// definition; config_files.cc reads it.
#pragma once

#include <cstddef>

namespace kless {

struct CompiledInFile {
  const char* path;            // "configs/latency/aws-2026.yaml"
  const unsigned char* begin;  // gzip
  const unsigned char* end;
  std::size_t size;  // unpacked size in bytes
};

// In order of their paths.
extern const CompiledInFile kCompiledInFiles[];
extern const std::size_t kCompiledInFileCount;

}  // namespace kless
