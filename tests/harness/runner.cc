#include "tests/harness/runner.h"

#include <algorithm>
#include <exception>

#include "tests/harness/world.h"

namespace kless::harness {

namespace {

constexpr std::size_t kHistory = 15;

Outcome Crash(const std::string& invariant, const std::string& what) {
  Outcome outcome;
  outcome.violation = Violation{invariant, 0, {}, what};
  return outcome;
}

void Play(const Story& story, World& world) {
  for (const Event& event : story.events) {
    world.AdvanceTo(event.at_ms);
    if (world.violated()) return;
    world.Apply(event);
    if (world.violated()) return;
  }
  world.Settle(kQuiet);
}

}  // namespace

std::string Outcome::ToText() const {
  if (!violation) return "every invariant held";
  const std::string object =
      violation->object.type.empty() ? "" : violation->object.type + " " + violation->object.name;
  return violation->invariant + " at record " + std::to_string(violation->sequence) + ", " +
         object + ": " + violation->sentence + "\n" + history;
}

Outcome RunStory(const Story& story) {
  std::unique_ptr<World> world;
  try {
    world = std::make_unique<World>(story);
  } catch (const std::exception& exception) {
    return Crash("does-not-open", exception.what());
  }
  try {
    Play(story, *world);
  } catch (const std::exception& exception) {
    return Crash("exception", exception.what());
  }
  Outcome outcome;
  outcome.violation = world->violation();
  if (outcome.violation) {
    outcome.history = world->checker().History(outcome.violation->object, kHistory);
  }
  world->coverage().CountStory(story);
  world->coverage().CountEnds(world->checker());
  outcome.coverage = world->coverage();
  return outcome;
}

}  // namespace kless::harness
