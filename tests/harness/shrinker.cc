#include "tests/harness/shrinker.h"

#include <algorithm>
#include <utility>

namespace kless::harness {

namespace {

class Shrinker {
 public:
  Shrinker(const Story& failing, const std::string& invariant, const Judge& judge, int runs_max)
      : story_(failing), invariant_(invariant), judge_(judge), runs_max_(runs_max) {}

  Shrunk Run() {
    for (std::size_t size = std::max<std::size_t>(story_.events.size() / 2, 1); size > 1;
         size /= 2) {
      LeaveOut(size);
    }
    // Removing one event may make another unnecessary.
    while (LeaveOut(1)) {
    }
    bool simpler = LeaveOutSettings();
    simpler = LeaveOutArguments() || simpler;
    while (simpler && LeaveOut(1)) {
    }
    return {std::move(story_), runs_};
  }

 private:
  // Accepts `candidate` if it fails in the same way.
  bool Try(Story candidate) {
    if (runs_ >= runs_max_) return false;
    ++runs_;
    if (judge_(candidate) != invariant_) return false;
    story_ = std::move(candidate);
    return true;
  }

  // Tries to remove each run of `size` events, the last ones first, since they depend on the
  // others.
  bool LeaveOut(std::size_t size) {
    bool changed = false;
    std::size_t end = story_.events.size();
    while (end > 0) {
      const std::size_t begin = end > size ? end - size : 0;
      Story candidate = story_;
      const auto first = candidate.events.begin();
      candidate.events.erase(first + static_cast<std::ptrdiff_t>(begin),
                             first + static_cast<std::ptrdiff_t>(end));
      if (Try(std::move(candidate))) changed = true;
      end = begin;
    }
    return changed;
  }

  bool LeaveOutSettings() {
    bool changed = false;
    const Arguments settings = story_.settings;
    for (const auto& [name, value] : settings) {
      Story candidate = story_;
      candidate.settings.erase(name);
      if (Try(std::move(candidate))) changed = true;
    }
    return changed;
  }

  bool LeaveOutArguments() {
    bool changed = false;
    for (std::size_t i = 0; i < story_.events.size(); ++i) {
      const Arguments arguments = story_.events[i].arguments;
      for (const auto& [name, value] : arguments) {
        Story candidate = story_;
        candidate.events[i].arguments.erase(name);
        // The shortened event must still be valid.
        if (ParseEvent(candidate.events[i].ToText()).has_error()) continue;
        if (Try(std::move(candidate))) changed = true;
      }
    }
    return changed;
  }

  Story story_;
  const std::string invariant_;
  const Judge& judge_;
  const int runs_max_;
  int runs_ = 0;
};

}  // namespace

Shrunk Shrink(const Story& failing, const std::string& invariant, const Judge& judge,
              int runs_max) {
  return Shrinker(failing, invariant, judge, runs_max).Run();
}

}  // namespace kless::harness
