// Probe: the scenarios recorded from a real kube-scheduler (scheduler_probe.txt), read line by
// line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kless::controllers::scheduler {

struct Scenario {
  std::string id;  // "F1"
  std::vector<std::string> lines;
};

// Reads the recording; empty if it is absent.
std::vector<Scenario> ReadProbe(const std::string& path);

// "a,b cpu="1" labels={"x":"y"} -> NODE n1": names, attributes, and the text after "-> ".
struct ObjectLine {
  std::vector<std::string> names;
  std::string outcome;
};
ObjectLine ParseObjectLine(const std::string& text, nlohmann::json& attributes);

// The first JSON value in `text` from `from` on.
nlohmann::json JsonIn(const std::string& text, std::size_t from = 0);
// The text between the first pair of double quotes after `from`, "\"" unescaped.
std::string QuotedIn(const std::string& text, std::size_t from = 0);

}  // namespace kless::controllers::scheduler
