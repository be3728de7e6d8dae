#include "tests/harness/coverage.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"

namespace kless::harness {

namespace {

// The kinds of Job that a submit event creates; a Job may be of several.
std::vector<std::string> KindsOf(const Event& submit) {
  std::vector<std::string> kinds;
  if (submit.Text("mode") == "Indexed") {
    kinds.emplace_back("Indexed");
  } else {
    kinds.emplace_back(submit.Has("completions") ? "plain" : "queue");
  }
  for (const char* argument : {"cpu", "deadline", "index-limit", "max-indexes", "memory", "policy",
                               "replacement", "restart", "stubborn", "success", "suspend", "ttl"}) {
    if (submit.Has(argument)) kinds.emplace_back(argument);
  }
  if (submit.Text("backoff") == "0" || submit.Text("backoff") == "1") kinds.emplace_back("backoff");
  return kinds;
}

}  // namespace

std::uint64_t Coverage::Of(const std::string& what) const {
  const auto found = counts_.find(what);
  return found == counts_.end() ? 0 : found->second;
}

void Coverage::CountStory(const Story& story) {
  Count("stories");
  const auto plane = story.settings.find("plane");
  if (plane != story.settings.end() && plane->second == "classic") Count("classic");
  for (const Event& event : story.events) {
    if (event.verb == "submit") {
      for (const std::string& kind : KindsOf(event)) Count("job " + kind);
    } else if (event.verb == "fault") {
      Count("fault " + event.target);
    } else {
      Count(event.verb);
    }
  }
}

void Coverage::CountEnds(const Checker& checker) {
  for (const auto& [uid, job] : checker.jobs()) {
    std::string end = "ended ";
    if (job.terminal.empty()) {
      end += job.exists ? "not" : "deleted";
    } else {
      end +=
          job.terminal + " " + kubernetes::StringAt(*job.Condition(job.terminal.c_str()), "reason");
    }
    Count(end);
  }
  Count("records", checker.records());
}

void Coverage::Merge(const Coverage& other) {
  for (const auto& [what, times] : other.counts_) Count(what, times);
}

std::string Coverage::ToText() const {
  std::string text;
  for (const auto& [what, times] : counts_) {
    text += (text.empty() ? "" : ", ") + what + " " + std::to_string(times);
  }
  return text;
}

}  // namespace kless::harness
