#include "emulator/cli/system.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

#include "emulator/base/system/config_files.h"

namespace kless::cli {

std::map<std::string, std::string> EnvironmentVariables() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string EnvironmentVariable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

std::string ReachableUrl(const std::string& url) {
  const auto slashes = url.find("//");
  const auto colon = url.rfind(':');
  if (slashes == std::string::npos || colon < slashes) return url;
  const std::string host = url.substr(slashes + 2, colon - slashes - 2);
  const bool is_v6 = host.starts_with('[') && host.ends_with(']');
  // "0.0.0.0", "[::]", "[0:0::0]": all addresses of the machine.
  if (host.find_first_not_of(is_v6 ? "[0:]" : "0.") != std::string::npos) return url;
  return url.substr(0, slashes + 2) + (is_v6 ? "[::1]" : "127.0.0.1") + url.substr(colon);
}

Result<std::string> ReadInput(const std::string& path) {
  std::stringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (file) text << file.rdbuf();
  if (!file) {
    const int reason = errno;
    if (ConfigTextExists(path)) return ReadConfigText(path);
    return MakeError(ErrorCode::kNotFound, "the path \"" + path + "\" cannot be read: " +
                                               std::strerror(reason == 0 ? EIO : reason));
  }
  return text.str();
}

bool OutputIsTerminal() { return isatty(STDOUT_FILENO) != 0; }
bool ErrorIsTerminal() { return isatty(STDERR_FILENO) != 0; }

std::chrono::milliseconds Stopwatch::Elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start_);
}

void Pause(std::chrono::milliseconds time) { usleep(static_cast<useconds_t>(time.count()) * 1000); }

}  // namespace kless::cli
