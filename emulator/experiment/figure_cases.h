// Which cases share a panel, what panels and workloads are called, and which are drawn when there
// are more than a figure can show.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/experiment/figure_style.h"
#include "emulator/experiment/measured_experiment.h"

namespace kless::experiment {

struct CasePanel {
  std::string title;               // what tells it from the other panels; "" if it is the only one
  std::string short_title;         // the same with the values of settings alone
  std::vector<std::size_t> cases;  // of different systems or starts
};

struct PanelChoice {
  std::vector<CasePanel> panels;
  // For the caption, each a sentence or "": which were chosen of how many, and which settings the
  // short titles give the values of.
  std::string chosen, titles;
};

// The settings that differ between these cases, by path, in the order of the first case that has
// each.
std::vector<std::string> VaryingPaths(const MeasuredExperiment& experiment,
                                      const std::vector<std::size_t>& cases);
// "memory_mb": the last word of a path.
std::string ShortPath(const std::string& path);
// The value that the case has for the path; "" if it has none.
std::string SettingOf(const CaseResult& own, const std::string& path);

// What tells a case from the other ones of `among`: its entry, then system and start, then its
// settings; the parts that all have in common are left out unless nothing else is left.
std::string CaseTitle(const MeasuredExperiment& experiment, const SystemStyles& styles,
                      std::size_t index, const std::vector<std::size_t>& among,
                      bool values_only = false);
// "Titles give account_concurrency and resource_shards." of the settings that differ; "" for none.
std::string TitlesSentence(const MeasuredExperiment& experiment,
                           const std::vector<std::size_t>& cases);

// Cases of one setting share a panel: lines in it differ in colour (system) or dash (start).  Where
// there are more than `limit`, those are chosen that spread evenly from the fastest to the slowest.
PanelChoice PanelsBySetting(const MeasuredExperiment& experiment, const SystemStyles& styles,
                            const std::vector<std::size_t>& cases, std::size_t limit);
// The same with one case a panel.
PanelChoice PanelsByCase(const MeasuredExperiment& experiment, const SystemStyles& styles,
                         const std::vector<std::size_t>& cases, std::size_t limit);

// "100 jobs of one pod": what the workload's rule says first.
std::string WorkloadPhrase(const std::string& rule);
// The workload of these cases, or what else names them: "" if they have several and no group.
std::string WorkloadOf(const MeasuredExperiment& experiment, const std::vector<std::size_t>& cases);

}  // namespace kless::experiment
