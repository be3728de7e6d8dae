// The behaviour of a container, derived from its command line: how long it runs and how it ends.
// No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/clock.h"

namespace kless::data_plane {

// Means "until it is stopped".
constexpr Duration kForever = Duration::max();

struct Behaviour {
  std::optional<Duration> run_time;  // nullopt if the command does not determine it
  std::optional<int> exit_code;
};

// Understands sleep, true, false, exit, and the argument of -c for sh, bash, ash and dash: commands
// separated by `;`, `&&` and newlines, of which `sleep N`, `exit N`, `true`, `false`, `:` and
// `echo` are known.  A script with an unknown command determines the run time only if it sleeps.
Behaviour BehaviourOf(const std::vector<std::string>& command_line);

// Parses "2.5s", "1m30s", "2500" (milliseconds) or "forever"; nullopt otherwise.
std::optional<Duration> RunTimeFromText(const std::string& text);
// Parses "3", or per attempt "1,1,0", with codes 0..255; empty if it is not such a list.
std::vector<int> ExitCodesFromText(std::string_view text);

}  // namespace kless::data_plane
