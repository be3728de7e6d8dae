// Runner: plays a story in a whole emulator in virtual time; every record is checked at the end of
// the turn that committed it.
#pragma once

#include <optional>
#include <string>

#include "tests/harness/checker.h"
#include "tests/harness/coverage.h"
#include "tests/harness/story.h"

namespace kless::harness {

// Beside the checker's own invariants, these are violations of a run:
//   does-not-quiesce   something still waits for its time kQuiet after the last event
//   server-error       a request was answered with 5xx, or a Job was refused
//   task-failed        a coroutine of the emulator ended with an exception
//   does-not-open      the emulator does not start on its file
struct Outcome {
  std::optional<Violation> violation;
  std::string history;  // of the object at fault
  Coverage coverage;

  std::string Invariant() const { return violation ? violation->invariant : std::string(); }
  // Several lines: the violation, its place, and the history.
  std::string ToText() const;
};

// Longer than any chain of back-offs, TTLs, tolerations and stalls in the stories.
constexpr std::chrono::hours kQuiet{6};

Outcome RunStory(const Story& story);

}  // namespace kless::harness
