#include "emulator/experiment/report/data/figure_cases.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "emulator/base/strings.h"

namespace kless::experiment {
namespace {

bool AllEqual(const std::vector<std::string>& texts) {
  return std::all_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text == texts.front(); });
}

// Whether all cases would be drawn differently.
bool LinesDiffer(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases) {
  std::set<std::vector<std::string>> seen;
  return std::all_of(cases.begin(), cases.end(), [&](std::size_t index) {
    const CaseResult& own = *experiment.cases[index].result;
    return seen.insert({own.control_plane, own.profile, own.start}).second;
  });
}

std::string SettingsText(const CaseResult& own, const std::vector<std::string>& paths,
                         bool values_only) {
  std::string text;
  for (const std::string& path : paths) {
    const std::string value = SettingOf(own, path);
    if (value.empty()) continue;
    text += (text.empty() ? "" : ", ") + (values_only ? value : ShortPath(path) + " " + value);
  }
  return text;
}

std::vector<CasePanel> SplitPanels(const MeasuredExperiment& experiment,
                                   const std::vector<std::size_t>& cases, bool by_entry) {
  const std::vector<std::string> paths = VaryingPaths(experiment, cases);
  std::vector<CasePanel> panels;
  for (const std::size_t index : cases) {
    const CaseResult& own = *experiment.cases[index].result;
    std::string title = SettingsText(own, paths, false);
    std::string short_title = SettingsText(own, paths, true);
    if (by_entry) {
      const std::string entry = own.entry.empty() ? own.name : own.entry;
      title = title.empty() ? entry : entry + ": " + title;
      short_title = short_title.empty() ? entry : entry + ": " + short_title;
    }
    auto panel = std::find_if(panels.begin(), panels.end(),
                              [&](const CasePanel& each) { return each.title == title; });
    if (panel == panels.end()) panel = panels.insert(panel, {title, short_title, {}});
    panel->cases.push_back(index);
  }
  return panels;
}

double Slowness(const MeasuredExperiment& experiment, const CasePanel& panel) {
  for (const char* metric : {"last_pod_s", "invocation_latency_p99_ms"}) {
    for (const std::size_t index : panel.cases) {
      const SummarisedMetric* const found = experiment.cases[index].Find(metric);
      if (found != nullptr) return found->statistic.median;
    }
  }
  return 0;
}

void Choose(const MeasuredExperiment& experiment, std::size_t limit, PanelChoice* choice) {
  const std::size_t count = choice->panels.size();
  if (count <= limit) return;
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return Slowness(experiment, choice->panels[a]) < Slowness(experiment, choice->panels[b]);
  });
  std::set<std::size_t> kept;
  for (std::size_t i = 0; i < limit; ++i) kept.insert(order[i * (count - 1) / (limit - 1)]);
  std::vector<CasePanel> panels;
  for (const std::size_t index : kept) panels.push_back(std::move(choice->panels[index]));
  choice->panels = std::move(panels);
  choice->chosen = "Shown are " + std::to_string(limit) + " of " + std::to_string(count) +
                   " settings, evenly spread from the fastest to the slowest; the CSV file has "
                   "all of them. ";
}

}  // namespace

std::vector<std::string> VaryingPaths(const MeasuredExperiment& experiment,
                                      const std::vector<std::size_t>& cases) {
  std::vector<std::string> paths;
  for (const std::size_t index : cases) {
    for (const auto& [path, value] : experiment.cases[index].result->parameters) {
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    }
  }
  std::erase_if(paths, [&](const std::string& path) {
    std::vector<std::string> values;
    for (const std::size_t index : cases) {
      values.push_back(SettingOf(*experiment.cases[index].result, path));
    }
    return AllEqual(values);
  });
  return paths;
}

std::string ShortPath(const std::string& path) { return path.substr(path.rfind('.') + 1); }

std::string SettingOf(const CaseResult& own, const std::string& path) {
  // The command line's values are appended and win.
  for (auto each = own.parameters.rbegin(); each != own.parameters.rend(); ++each) {
    if (each->first == path) return each->second;
  }
  return "";
}

std::string CaseTitle(const MeasuredExperiment& experiment, const SystemStyles& styles,
                      std::size_t index, const std::vector<std::size_t>& among, bool values_only) {
  const CaseResult& own = *experiment.cases[index].result;
  const auto varies = [&](auto part) {
    return std::any_of(among.begin(), among.end(), [&](std::size_t other) {
      return part(*experiment.cases[other].result) != part(own);
    });
  };
  const auto system = [&](const CaseResult& each) { return styles.Name(each); };
  const auto start = [](const CaseResult& each) { return each.start; };
  const bool other_system = varies(system), other_start = varies(start);
  std::vector<std::string> parts;
  if (other_system) parts.push_back(system(own));
  if (other_start && !own.start.empty()) parts.push_back(own.start);
  const std::string settings = SettingsText(own, VaryingPaths(experiment, among), values_only);
  if (!settings.empty()) parts.push_back(settings);
  // If the entry is needed to distinguish any two of them, all have it.
  std::set<std::pair<std::vector<std::string>, std::vector<std::pair<std::string, std::string>>>>
      seen;
  const bool needs_entry = std::any_of(among.begin(), among.end(), [&](std::size_t other) {
    const CaseResult& each = *experiment.cases[other].result;
    return !seen.insert({{system(each), each.start}, each.parameters}).second;
  });
  if (needs_entry) parts.insert(parts.begin(), own.entry.empty() ? own.name : own.entry);
  if (parts.empty()) {
    parts.push_back(system(own));
    if (!own.start.empty()) parts.push_back(own.start);
  }
  std::string title;
  for (const std::string& part : parts) title += (title.empty() ? "" : ", ") + part;
  return title;
}

std::string TitlesSentence(const MeasuredExperiment& experiment,
                           const std::vector<std::size_t>& cases) {
  const std::vector<std::string> paths = VaryingPaths(experiment, cases);
  std::string text;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    text += (i == 0                  ? "Titles give "
             : i + 1 == paths.size() ? " and "
                                     : ", ") +
            ShortPath(paths[i]);
  }
  return text.empty() ? "" : text + ". ";
}

PanelChoice PanelsBySetting(const MeasuredExperiment& experiment, const SystemStyles& styles,
                            const std::vector<std::size_t>& cases, std::size_t limit) {
  PanelChoice choice;
  if (cases.empty()) return choice;
  if (LinesDiffer(experiment, cases)) {
    choice.panels.push_back({"", "", cases});
    return choice;
  }
  choice.panels = SplitPanels(experiment, cases, false);
  const auto differ = [&](const CasePanel& panel) { return LinesDiffer(experiment, panel.cases); };
  if (!std::all_of(choice.panels.begin(), choice.panels.end(), differ)) {
    choice.panels = SplitPanels(experiment, cases, true);
  }
  if (!std::all_of(choice.panels.begin(), choice.panels.end(), differ)) {
    return PanelsByCase(experiment, styles, cases, limit);
  }
  choice.titles = TitlesSentence(experiment, cases);
  Choose(experiment, limit, &choice);
  return choice;
}

PanelChoice PanelsByCase(const MeasuredExperiment& experiment, const SystemStyles& styles,
                         const std::vector<std::size_t>& cases, std::size_t limit) {
  PanelChoice choice;
  for (const std::size_t index : cases) {
    choice.panels.push_back({CaseTitle(experiment, styles, index, cases),
                             CaseTitle(experiment, styles, index, cases, true),
                             {index}});
  }
  choice.titles = TitlesSentence(experiment, cases);
  Choose(experiment, limit, &choice);
  return choice;
}

std::string WorkloadPhrase(const std::string& rule) {
  const std::string head = rule.substr(0, rule.find_first_of(",;."));
  std::string phrase;
  for (const std::string_view word : Split(head, ' ')) {
    std::string text(word);
    if (text == "1") text = "one";
    if (text == "Job" || text == "Jobs") text[0] = 'j';
    phrase += (phrase.empty() ? "" : " ") + text;
  }
  return phrase;
}

std::string WorkloadOf(const MeasuredExperiment& experiment,
                       const std::vector<std::size_t>& cases) {
  std::optional<std::string> phrase;
  for (const std::size_t index : cases) {
    const std::string own = WorkloadPhrase(experiment.cases[index].result->workload_rule);
    if (phrase && *phrase != own) return "";
    phrase = own;
  }
  return phrase.value_or("");
}

}  // namespace kless::experiment
