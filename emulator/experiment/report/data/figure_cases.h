// The cases that share a panel, the titles of panels and workloads, and the choice of cases if
// there are more than a figure can show.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/report/data/figure_style.h"
#include "emulator/experiment/report/data/measured_experiment.h"

namespace kless::experiment {

struct CasePanel {
  std::string title;               // what tells it from the other panels; "" if it is the only one
  std::string short_title;         // the same with the values of settings alone
  std::vector<std::size_t> cases;  // of different systems or starts
};

struct PanelChoice {
  std::vector<CasePanel> panels;
  // For the caption, each a sentence or "": how many were chosen, and the settings whose values the
  // short titles give.
  std::string chosen, titles;
};

// Returns the settings that differ between these cases, by path, in the order of the first case
// that has each.
std::vector<std::string> VaryingPaths(const MeasuredExperiment& experiment,
                                      const std::vector<std::size_t>& cases);
// Returns "memory_mb": the last word of a path.
std::string ShortPath(const std::string& path);
// Returns the case's value for the path; "" if it has none.
std::string SettingOf(const CaseResult& own, const std::string& path);

// Returns what distinguishes a case from the others of `among`: its entry, then system and start,
// then its settings; common parts are left out unless nothing else remains.
std::string CaseTitle(const MeasuredExperiment& experiment, const SystemStyles& styles,
                      std::size_t index, const std::vector<std::size_t>& among,
                      bool values_only = false);
// Returns "Titles give account_concurrency and resource_shards." for the settings that differ; ""
// for none.
std::string TitlesSentence(const MeasuredExperiment& experiment,
                           const std::vector<std::size_t>& cases);

// Cases of one setting share a panel: its lines differ in colour (system) or dash (start).  If
// there are more than `limit`, a choice is made, evenly spread from the fastest to the slowest.
PanelChoice PanelsBySetting(const MeasuredExperiment& experiment, const SystemStyles& styles,
                            const std::vector<std::size_t>& cases, std::size_t limit);
// The same with one case per panel.
PanelChoice PanelsByCase(const MeasuredExperiment& experiment, const SystemStyles& styles,
                         const std::vector<std::size_t>& cases, std::size_t limit);

// Returns "100 jobs of one pod": the beginning of the workload's rule.
std::string WorkloadPhrase(const std::string& rule);
// Returns the workload of these cases, or their other name: "" if they have several and no group.
std::string WorkloadOf(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases);

}  // namespace kless::experiment
