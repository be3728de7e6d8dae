#include "emulator/experiment/report/comparison.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

constexpr const char* kWorkload = "workload";
constexpr std::size_t kNamesShown = 6;

std::string NamesOfCases(const std::vector<ComparedCase>& cases) {
  std::string names;
  for (std::size_t i = 0; i < cases.size() && i < kNamesShown; ++i) {
    names += (i == 0 ? "" : ", ") + cases[i].name;
  }
  if (cases.size() > kNamesShown) {
    names += " and " + std::to_string(cases.size() - kNamesShown) + " more";
  }
  return names;
}

// Returns "" if the case has no such property.
std::string PropertyOf(const ComparedCase& own, const std::string& what) {
  const auto found = own.is.find(what);
  return found == own.is.end() ? "" : found->second;
}

std::set<std::string> PropertiesOf(const ComparedSide& side, const std::string& what) {
  std::set<std::string> values;
  for (const ComparedCase& own : side.cases) values.insert(PropertyOf(own, what));
  return values;
}

bool Meet(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const std::string& value) { return b.contains(value); });
}

// Returns a list of values for an error: "cold, warm".
std::string ListOf(const std::set<std::string>& values) {
  std::string text;
  std::size_t count = 0;
  for (const std::string& value : values) {
    if (++count > kNamesShown) return text + ", ...";
    text += (text.empty() ? "" : ", ") + (value.empty() ? std::string("not set") : value);
  }
  return text;
}

// The command line's changes of the workload are among the swept paths, and are what is compared.
bool ChangesWorkload(const ComparedSide& side) {
  return std::all_of(side.cases.begin(), side.cases.end(), [](const ComparedCase& own) {
    const auto at = own.is.lower_bound("workload.");
    return at != own.is.end() && at->first.starts_with("workload.");
  });
}

void ReadResults(const json& document, ComparedSide* side) {
  std::map<std::string, std::size_t> index;
  for (const json& row : document.at("results")) {
    const std::string name = row.at("case");
    const auto [found, is_new] = index.try_emplace(name, side->cases.size());
    if (is_new) {
      ComparedCase made;
      made.name = name;
      for (const char* key : {"control_plane", "start"}) {
        if (row.contains(key)) made.is[key] = row.at(key);
      }
      if (row.contains("parameters")) {
        for (const auto& [path, value] : row.at("parameters").items()) {
          made.is[path] = value.is_string() ? value.get<std::string>() : DumpJson(value);
        }
      }
      side->cases.push_back(std::move(made));
    }
    const double value = row.at("value");
    const double best = row.value("best", value), worst = row.value("worst", value);
    side->cases[found->second].values.push_back({row.at("metric"), row.at("unit"), value,
                                                 std::min(best, worst), std::max(best, worst),
                                                 row.value("n", std::size_t{1})});
  }
  if (!document.contains("cases")) return;
  for (const json& row : document.at("cases")) {
    const auto found = index.find(row.at("case").get<std::string>());
    if (found == index.end()) continue;
    ComparedCase& own = side->cases[found->second];
    own.entry = row.value("entry", "");
    own.is[kWorkload] = row.value("workload", "");
    own.is.erase("latency");  // of --set; the profile determines it
    own.is["latency profile"] = row.value("profile", "");
  }
}

bool MeansCase(const std::string& selector, const ComparedCase& own) {
  if (selector.find('=') == std::string::npos) {
    return own.name == selector || own.entry == selector;
  }
  for (const std::string_view part : Split(selector, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string key(part.substr(0, equals)), value(part.substr(equals + 1));
    const bool holds = (key == "case" && own.entry == value) ||
                       std::any_of(own.is.begin(), own.is.end(), [&](const auto& property) {
                         const std::string& path = property.first;
                         const bool named = path == key || path.ends_with("." + key);
                         return named && property.second == value;
                       });
    if (!holds) return false;
  }
  return true;
}

// Pairs the cases of one kind: by entry, then by name, then (unless `named`) the single rest of
// both sides.
void PairAlike(const ComparedSide& a, const ComparedSide& b, std::vector<std::size_t> of_a,
               std::vector<std::size_t> of_b, bool named, ComparisonPairs* made) {
  const auto pair_by = [&](auto word_of) {
    for (std::size_t i = 0; i < of_a.size();) {
      const std::string word = word_of(a.cases[of_a[i]]);
      const auto match = std::find_if(of_b.begin(), of_b.end(), [&](std::size_t other) {
        return word_of(b.cases[other]) == word;
      });
      if (word.empty() || match == of_b.end()) {
        ++i;
        continue;
      }
      made->pairs.emplace_back(of_a[i], *match);
      of_b.erase(match);
      of_a.erase(of_a.begin() + static_cast<std::ptrdiff_t>(i));
    }
  };
  pair_by([](const ComparedCase& own) { return own.entry; });
  pair_by([](const ComparedCase& own) { return own.name; });
  if (!named && of_a.size() == 1 && of_b.size() == 1) made->pairs.emplace_back(of_a[0], of_b[0]);
}

Error NoneInCommon(const ComparedSide& a, const ComparedSide& b, const std::string& why) {
  return MakeError(ErrorCode::kNotFound, "no case is common to A, " + a.folder + " (" +
                                             NamesOfCases(a.cases) + "), and B, " + b.folder +
                                             " (" + NamesOfCases(b.cases) + ")" + why +
                                             "; name one of each with --case-a and --case-b");
}

void AddDifference(const std::string& what, const ComparedCase& a, const ComparedCase& b,
                   ComparisonPairs* made) {
  const std::string of_a = PropertyOf(a, what), of_b = PropertyOf(b, what);
  if (of_a != of_b) made->differences.push_back({what, of_a, of_b});
}

}  // namespace

const ComparedValue* ComparedCase::Find(const std::string& metric) const {
  const auto found = std::find_if(values.begin(), values.end(), [&](const ComparedValue& value) {
    return value.metric == metric;
  });
  return found == values.end() ? nullptr : &*found;
}

Result<ComparedSide> ReadComparedSide(const std::string& folder) {
  const std::string path = folder + "/summary.json";
  const auto text = ReadFile(path);
  if (text.has_error()) {
    return MakeError(ErrorCode::kNotFound,
                     folder + " is not the folder of an experiment: " + text.error().message);
  }
  const auto document = ParseJson(text.value());
  if (document.has_error()) {
    return MakeError(ErrorCode::kInvalidArgument, path + ": " + document.error().message);
  }
  ComparedSide side;
  side.folder = folder;
  try {
    ReadResults(document.value(), &side);
  } catch (const json::exception& error) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path + " is not the summary of an experiment: " + error.what());
  }
  return side;
}

Result<void> SelectCases(const std::string& flag, const std::string& selector, ComparedSide* side) {
  std::vector<ComparedCase> kept;
  std::vector<std::string> names;
  for (const ComparedCase& own : side->cases) {
    names.push_back(own.name);
    if (!own.entry.empty()) names.push_back(own.entry);
    if (MeansCase(selector, own)) kept.push_back(own);
  }
  if (kept.empty()) {
    const auto near = NearestWord(selector, names);
    return MakeError(ErrorCode::kNotFound, flag + " " + selector + ": " + side->folder +
                                               " has no such case" +
                                               (near ? "; did you mean '" + *near + "'?"
                                                     : "; there are " + NamesOfCases(side->cases)));
  }
  side->cases = std::move(kept);
  return {};
}

Result<ComparisonPairs> PairCases(const ComparedSide& a, const ComparedSide& b, bool chosen) {
  ComparisonPairs made;
  std::set<std::string> properties;
  for (const ComparedSide* side : {&a, &b}) {
    for (const ComparedCase& own : side->cases) {
      for (const auto& [what, value] : own.is) properties.insert(what);
    }
  }
  if (chosen && a.cases.size() == 1 && b.cases.size() == 1) {
    for (const std::string& what : properties) AddDifference(what, a.cases[0], b.cases[0], &made);
    made.pairs.emplace_back(0, 0);
    return made;
  }
  const bool any_workload = ChangesWorkload(a) || ChangesWorkload(b);
  std::vector<std::string> common;
  std::string other_workload;
  for (const std::string& what : properties) {
    const auto of_a = PropertiesOf(a, what), of_b = PropertiesOf(b, what);
    const std::string why =
        ": " + what + " is " + ListOf(of_a) + " in A, " + ListOf(of_b) + " in B";
    if (Meet(of_a, of_b)) {
      common.push_back(what);
    } else if (what == kWorkload && !any_workload) {  // such as an edited scenario
      other_workload = why;
      made.differences.push_back({what, ListOf(of_a), ListOf(of_b)});
    } else if (of_a.size() == 1 && of_b.size() == 1) {
      AddDifference(what, a.cases[0], b.cases[0], &made);
    } else {
      return NoneInCommon(a, b, why);
    }
  }
  const auto key_of = [&](const ComparedCase& own) {
    std::vector<std::string> key;
    for (const std::string& what : common) key.push_back(PropertyOf(own, what));
    return key;
  };
  std::map<std::vector<std::string>, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>>
      kinds;
  for (std::size_t i = 0; i < a.cases.size(); ++i) kinds[key_of(a.cases[i])].first.push_back(i);
  for (std::size_t i = 0; i < b.cases.size(); ++i) kinds[key_of(b.cases[i])].second.push_back(i);
  for (const auto& [key, alike] : kinds) {
    PairAlike(a, b, alike.first, alike.second, !other_workload.empty(), &made);
  }
  if (made.pairs.empty()) return NoneInCommon(a, b, other_workload);
  std::sort(made.pairs.begin(), made.pairs.end());
  return made;
}

Result<std::pair<ComparedSide, ComparedSide>> SplitCases(const ComparedSide& whole) {
  std::pair<ComparedSide, ComparedSide> split;
  split.first.folder = split.second.folder = whole.folder;
  constexpr std::array<std::array<const char*, 3>, 2> kSplits = {
      {{"start", "cold", "warm"}, {"control_plane", "serverless", "classic"}}};
  for (const auto& [what, of_a, of_b] : kSplits) {
    split.first.cases.clear();
    split.second.cases.clear();
    for (const ComparedCase& own : whole.cases) {
      if (PropertyOf(own, what) == of_a) split.first.cases.push_back(own);
      if (PropertyOf(own, what) == of_b) split.second.cases.push_back(own);
    }
    if (!split.first.cases.empty() && !split.second.cases.empty()) return split;
  }
  if (whole.cases.size() == 2) {
    split.first.cases = {whole.cases[0]};
    split.second.cases = {whole.cases[1]};
    return split;
  }
  return MakeError(ErrorCode::kInvalidArgument,
                   whole.folder + " has " + std::to_string(whole.cases.size()) +
                       (whole.cases.size() == 1 ? " case (" : " cases (") +
                       NamesOfCases(whole.cases) +
                       "): give a second folder, or name two cases with --case-a and --case-b");
}

}  // namespace kless::experiment
