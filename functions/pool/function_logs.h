// FunctionLogs: the newest lines that functions wrote, in memory.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "functions/pool/function_code.h"

namespace kless {

class FunctionLogs {
 public:
  // What is kept of each function; older lines are dropped.
  static constexpr std::size_t kBytesMax = 1u << 20;

  void Add(FunctionLogLine line);
  // Drops the lines of a function.
  void Remove(const std::string& function);
  // Oldest first; empty if the function has written nothing.
  const std::deque<FunctionLogLine>& Of(const std::string& function) const;

 private:
  struct Lines {
    std::deque<FunctionLogLine> lines;
    std::size_t bytes = 0;
  };
  std::map<std::string, Lines> functions_;
};

}  // namespace kless
