// Story: a whole run as data.  One seed, settings that differ from the defaults, and a list of
// events with their times; the same story gives the same run.  It has a text form, with one event
// per line, so that a story that a sweep found and shortened can be pasted into a test:
//
//   seed 17
//   set nodes=2 shards=4
//   0 submit a completions=4 parallelism=2 run=1500
//   900 scale a parallelism=3
//   2000 fault crash at=3
//   5000 delete-pod a nth=0
//
// Verbs, targets and arguments are listed in story.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/config.h"

namespace kless::harness {

using Arguments = std::map<std::string, std::string>;

struct Event {
  std::int64_t at_ms = 0;  // of virtual time, from the start of the story
  std::string verb;
  std::string target;  // a Job, a node, or the kind of a fault; "" where the verb has none
  Arguments arguments;
  bool operator==(const Event&) const = default;

  bool Has(const std::string& name) const { return arguments.contains(name); }
  // "" if it is not given.
  std::string Text(const std::string& name) const;
  std::int64_t Number(const std::string& name, std::int64_t fallback) const;
  std::string ToText() const;  // without a newline
};

struct Story {
  std::uint64_t seed = 1;
  Arguments settings;         // see MakeConfig
  std::vector<Event> events;  // by time
  bool operator==(const Story&) const = default;

  bool Has(const std::string& verb) const;
  std::string ToText() const;
};

// kInvalidArgument names the line, and what is unknown or missing in it.
Result<Event> ParseEvent(std::string_view line);
// Empty lines are skipped; events may be in any order.
Result<Story> ParseStory(std::string_view text);

// The configuration of a story; `folder` holds its data file, "" for a store in memory.
// kInvalidArgument: an unknown setting, or a value out of range.
Result<Config> MakeConfig(const Story& story, const std::string& folder);

// The story of a seed.
Story DrawStory(std::uint64_t seed);

}  // namespace kless::harness
