#include "tests/harness/story.h"

#include <algorithm>
#include <set>

#include "emulator/base/strings.h"

namespace kless::harness {

namespace {

struct Verb {
  bool has_target = true;
  std::set<std::string> arguments;
  std::set<std::string> required;
};

// `nth` counts the Job's pods by name, modulo their number.
const std::map<std::string, Verb>& Verbs() {
  static const std::map<std::string, Verb> kVerbs = {
      {"submit",
       {true,
        {"backoff", "completions", "cpu", "deadline", "exit", "grace", "index-limit", "max-indexes",
         "memory", "mode", "parallelism", "policy", "replacement", "restart", "run", "stubborn",
         "success", "suspend", "ttl"},
        {}}},
      {"scale", {true, {"parallelism"}, {"parallelism"}}},
      {"resize", {true, {"size"}, {"size"}}},  // an elastic Indexed Job
      {"suspend", {true, {}, {}}},
      {"resume", {true, {}, {}}},
      {"deadline", {true, {"seconds"}, {"seconds"}}},
      {"ttl", {true, {"seconds"}, {"seconds"}}},
      {"delete", {true, {"propagation"}, {}}},  // without: the API server's default, Orphan
      {"delete-pod", {true, {"force", "nth"}, {"nth"}}},
      {"fail-pod", {true, {"exit", "nth"}, {"nth"}}},  // its containers end now
      {"oom-pod", {true, {"nth"}, {"nth"}}},
      {"evict-pod", {true, {"nth"}, {"nth"}}},    // by its kubelet
      {"unlabel-pod", {true, {"nth"}, {"nth"}}},  // it no longer matches the selector
      {"relabel-pods", {true, {}, {}}},           // undoes every unlabel-pod of the Job
      {"stray-pod", {true, {"run"}, {}}},         // a pod made by hand that matches
      {"fail-node", {true, {}, {}}},
      {"return-node", {true, {}, {}}},
      {"delete-node", {true, {}, {}}},  // deletes the Node object; its kubelet keeps running
      // `for`: milliseconds until it is switched off; default: never
      {"fault", {true, {"at", "count", "delay_ms", "for", "function", "rate"}, {}}},
      {"restart", {false, {}, {}}},
  };
  return kVerbs;
}

Error Bad(std::string_view line, const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, "'" + std::string(line) + "': " + what);
}

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(line, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

Result<Arguments> ParseArguments(std::string_view line, const std::vector<std::string>& words,
                                 std::size_t first) {
  Arguments arguments;
  for (std::size_t i = first; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    if (equals == std::string::npos || equals == 0) {
      return Bad(line, "'" + words[i] + "' is not name=value");
    }
    arguments[words[i].substr(0, equals)] = words[i].substr(equals + 1);
  }
  return arguments;
}

std::string ToText(const Arguments& arguments) {
  std::string text;
  for (const auto& [name, value] : arguments) text += " " + name + "=" + value;
  return text;
}

std::string_view Trimmed(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::string Event::Text(const std::string& name) const {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::string() : found->second;
}

std::int64_t Event::Number(const std::string& name, std::int64_t fallback) const {
  return ParseInteger(Text(name)).value_or(fallback);
}

std::string Event::ToText() const {
  return std::to_string(at_ms) + " " + verb + (target.empty() ? "" : " " + target) +
         harness::ToText(arguments);
}

bool Story::Has(const std::string& verb) const {
  return std::any_of(events.begin(), events.end(),
                     [&](const Event& event) { return event.verb == verb; });
}

std::string Story::ToText() const {
  std::string text = "seed " + std::to_string(seed) + "\n";
  if (!settings.empty()) text += "set" + harness::ToText(settings) + "\n";
  for (const Event& event : events) text += event.ToText() + "\n";
  return text;
}

Result<Event> ParseEvent(std::string_view line) {
  const std::vector<std::string> words = Words(line);
  if (words.size() < 2) return Bad(line, "an event is a time, a verb and its target");
  Event event;
  const auto at = ParseUnsigned(words[0]);
  if (!at || *at > 1'000'000'000) return Bad(line, "begins with its time in milliseconds");
  event.at_ms = static_cast<std::int64_t>(*at);
  event.verb = words[1];
  const auto verb = Verbs().find(event.verb);
  if (verb == Verbs().end()) return Bad(line, "unknown verb");
  std::size_t first = 2;
  if (verb->second.has_target) {
    if (words.size() < 3 || words[2].find('=') != std::string::npos) return Bad(line, "no target");
    event.target = words[2];
    first = 3;
  }
  auto arguments = ParseArguments(line, words, first);
  if (arguments.has_error()) return arguments.error();
  event.arguments = std::move(arguments.value());
  for (const auto& [name, value] : event.arguments) {
    if (!verb->second.arguments.contains(name)) return Bad(line, "unknown argument " + name);
  }
  for (const std::string& name : verb->second.required) {
    if (!event.Has(name)) return Bad(line, name + " is missing");
  }
  return event;
}

Result<Story> ParseStory(std::string_view text) {
  Story story;
  for (const std::string_view whole : Split(text, '\n')) {
    const std::string_view line = Trimmed(whole);
    if (line.empty()) continue;
    const std::vector<std::string> words = Words(line);
    if (words[0] == "seed") {
      const auto seed = words.size() == 2 ? ParseUnsigned(words[1]) : std::nullopt;
      if (!seed) return Bad(line, "a seed is a whole number");
      story.seed = *seed;
    } else if (words[0] == "set") {
      auto settings = ParseArguments(line, words, 1);
      if (settings.has_error()) return settings.error();
      story.settings = std::move(settings.value());
    } else {
      auto event = ParseEvent(line);
      if (event.has_error()) return event.error();
      story.events.push_back(std::move(event.value()));
    }
  }
  std::stable_sort(story.events.begin(), story.events.end(),
                   [](const Event& a, const Event& b) { return a.at_ms < b.at_ms; });
  return story;
}

}  // namespace kless::harness
