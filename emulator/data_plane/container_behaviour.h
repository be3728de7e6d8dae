// What a container does, read from its command line: how long it runs and how it ends.  No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/clock.h"

namespace kless::data_plane {

// Stands for "until it is stopped".
constexpr Duration kForever = Duration::max();

struct Behaviour {
  std::optional<Duration> run_time;  // nullopt: the command does not say
  std::optional<int> exit_code;
};

// Understands sleep, true, false, exit, and of sh, bash, ash and dash the argument of -c: commands
// behind `;`, `&&` and newlines, of which `sleep N`, `exit N`, `true`, `false`, `:` and `echo` are
// known.  A script with a command that is not known says how long it runs only if it sleeps.
Behaviour BehaviourOf(const std::vector<std::string>& command_line);

// "2.5s", "1m30s", "2500" (milliseconds), "forever"; nullopt: none of these.
std::optional<Duration> RunTimeFromText(const std::string& text);
// "3", or per attempt "1,1,0"; empty: not such a list.  Codes are 0..255.
std::vector<int> ExitCodesFromText(std::string_view text);

}  // namespace kless::data_plane
