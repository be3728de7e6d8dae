// A scenario of the recording tests/recordings/controllers_probe.txt, as facts that can be compared
// with what a LoopWorld did.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {

// "node/n +taint k:NoExecute", "pod/p deleting", "cm/a DELETED", "ev Normal Reason message Pod/p".
struct Fact {
  double at = 0;  // seconds since the scenario began
  std::string object;
  std::string text;
};

struct Scenario {
  std::vector<Fact> facts;
  struct Request {
    double at = 0;
    std::string object;    // "cm/a"
    std::string verb;      // "DELETE", "PATCH", "ADDED"
    std::string document;  // JSON; "" if the recording has none
  };
  std::vector<Request> requests;
  std::vector<std::pair<double, std::string>> lines;  // as recorded, with their seconds
};

// Throws std::runtime_error if the recording cannot be read or has no facts of that scenario.
Scenario ReadScenario(const std::string& name);
// The changes in the world since its start.
std::vector<Fact> FactsOf(const LoopWorld& world);

// Each recorded fact that is `wanted` happens, at its time and, for each object, in its order; and
// nothing else that is wanted.  A line for each difference.
struct Tolerance {
  double seconds = 0.2;
  double drift = 0;  // and so much of the time since the start: real tickers are late
};
std::vector<std::string> Differences(const std::vector<Fact>& recorded,
                                     const std::vector<Fact>& played,
                                     const std::function<bool(const Fact&)>& wanted,
                                     const Tolerance& tolerance);

}  // namespace kless::controllers
