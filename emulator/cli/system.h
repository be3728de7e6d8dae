// The command line's access to the operating system: environment, files, terminal, real time.  Only
// programs started by a person use real time; the emulated world uses nothing of this.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "emulator/base/error.h"

namespace kless::cli {

std::map<std::string, std::string> EnvironmentVariables();
// "" if it is not set.
std::string EnvironmentVariable(const std::string& name);

// The bytes of a file, or of standard input for "-".  A path within configs that does not exist
// means the file that comes with kless (base/system/config_files.h).  kNotFound: it cannot be read.
Result<std::string> ReadInput(const std::string& path);

// The URL of a server ("http://0.0.0.0:8080") as a program on this machine reaches it: with the
// loopback address if the server listens on all addresses.
std::string ReachableUrl(const std::string& url);

bool OutputIsTerminal();  // standard output
bool ErrorIsTerminal();   // standard error

class Stopwatch {
 public:
  std::chrono::milliseconds Elapsed() const;

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void Pause(std::chrono::milliseconds time);

}  // namespace kless::cli
