#include "emulator/experiment/scenario/scenario_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "emulator/experiment/input/input_file.h"
#include "emulator/experiment/measures/metrics.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

class RowReader {
 public:
  RowReader(const std::vector<json>& trees, std::string folder, bool some_cases, Scenario* scenario,
            std::vector<std::string>* problems)
      : trees_(trees),
        folder_(std::move(folder)),
        some_cases_(some_cases),
        made_(scenario),
        problems_(problems) {}

  void Read(const json& tree) {
    ForEach(tree, "fitted", [&](const json& row, const std::string& at) { ReadFitted(row, at); });
    ForEach(tree, "published",
            [&](const json& row, const std::string& at) { ReadPublished(row, at); });
    ForEach(tree, "thresholds",
            [&](const json& row, const std::string& at) { ReadThreshold(row, at); });
    if (tree.contains("heat_map")) ReadHeatMap(tree["heat_map"]);
    if (tree.contains("hypotheses")) ReadHypotheses(tree["hypotheses"]);
  }

 private:
  void Report(const std::string& path, const std::string& sentence) {
    problems_->push_back(path + ": " + sentence);
  }

  template <typename Each>
  void ForEach(const json& tree, const char* key, Each each) {
    const auto found = tree.find(key);
    if (found == tree.end()) return;
    if (!found->is_array()) return Report(key, "must be a list");
    for (std::size_t i = 0; i < found->size(); ++i) {
      const std::string at = std::string(key) + "." + std::to_string(i);
      if (!(*found)[i].is_object()) {
        Report(at, "must be a map");
      } else {
        each((*found)[i], at);
      }
    }
  }

  bool KnownKeys(const json& row, const std::string& at, const std::vector<std::string>& known) {
    bool good = true;
    for (const auto& [key, value] : row.items()) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      Report(at + "." + key, UnknownKey(key, known));
      good = false;
    }
    return good;
  }

  std::string Text(const json& row, const char* key) {
    const auto found = row.find(key);
    return found == row.end() ? std::string() : ValueText(*found);
  }

  std::optional<double> Number(const json& row, const std::string& at, const char* key) {
    const auto found = row.find(key);
    if (found == row.end()) return std::nullopt;
    if (!found->is_number()) {
      Report(at + "." + key, "must be a number");
      return std::nullopt;
    }
    return found->get<double>();
  }

  Selector ReadSelector(const json& row, const std::string& at, const char* key) {
    Selector selector;
    const auto found = row.find(key);
    if (found == row.end()) return selector;
    if (!found->is_object()) {
      Report(at + "." + key, "must be a map such as {case: NAME, start: warm}");
      return selector;
    }
    const auto known = SelectorKeys();
    for (const auto& [name, value] : found->items()) {
      selector[name] = ValueText(value);
      if (some_cases_ || std::find(known.begin(), known.end(), name) != known.end()) continue;
      Report(at + "." + key + "." + name, UnknownKey(name, known));
    }
    return selector;
  }

  std::vector<std::string> SelectorKeys() const {
    std::vector<std::string> keys = {"case", "control_plane", "start"};
    for (const CaseSpec& each : made_->cases) {
      for (const auto& [path, value] : each.parameters) {
        if (std::find(keys.begin(), keys.end(), path) == keys.end()) keys.push_back(path);
      }
    }
    return keys;
  }

  // Why a selector selects no case: "; no start 'wram'; did you mean 'warm'?".
  std::string WhyNone(const Selector& selector) const {
    for (const auto& [key, value] : selector) {
      std::vector<std::string> values;
      for (const CaseSpec& each : made_->cases) {
        for (std::string own : ValuesOf(each, key)) {
          if (std::find(values.begin(), values.end(), own) == values.end()) {
            values.push_back(std::move(own));
          }
        }
      }
      if (std::find(values.begin(), values.end(), value) != values.end()) continue;
      return values.empty() ? "" : "; " + UnknownWord(key, value, values);
    }
    return "";
  }

  static std::vector<std::string> ValuesOf(const CaseSpec& spec, const std::string& key) {
    if (key == "case") return {spec.entry};
    if (key == "control_plane") return {ControlPlaneName(spec.run.config.control_plane)};
    if (key == "start") return {spec.start};
    std::vector<std::string> values;
    for (const auto& [path, value] : spec.parameters) {
      if (path == key) values.push_back(value);
    }
    return values;
  }

  // Refuses a metric that no run can have, before the runs.  `cases` are those that are asked for
  // it.
  void CheckMetric(const std::string& name, const std::string& at,
                   const std::vector<std::size_t>& cases) {
    for (const ControlPlane plane : {ControlPlane::kServerless, ControlPlane::kClassic}) {
      const auto& names = MetricNames(plane == ControlPlane::kClassic);
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      for (const std::size_t index : cases) {
        if (made_->cases[index].run.config.control_plane != plane) continue;
        return Report(at, NoSuchMetric(name, made_->cases[index].name, plane));
      }
    }
  }

  static std::string NoSuchMetric(const std::string& name, const std::string& case_name,
                                  ControlPlane plane) {
    const bool classic = plane == ControlPlane::kClassic;
    const auto& others = MetricNames(!classic);
    if (std::find(others.begin(), others.end(), name) != others.end()) {
      const std::string other = classic ? "serverless" : "classic";
      return "'" + name + "' is a metric of the " + other + " control plane, and case " +
             case_name + " is " + ControlPlaneName(plane) +
             ": select cases with control_plane: " + other;
    }
    return UnknownWord("metric", name, MetricNames(classic));
  }

  std::vector<std::size_t> Cases(const Selector& selector) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < made_->cases.size(); ++i) {
      const CaseSpec& each = made_->cases[i];
      if (Selects(selector, each.entry, ControlPlaneName(each.run.config.control_plane), each.start,
                  each.parameters)) {
        found.push_back(i);
      }
    }
    return found;
  }

  void ReadFitted(const json& row, const std::string& at) {
    if (!KnownKeys(row, at, {"name", "parameter", "low", "high", "unit", "evidence"})) return;
    FittedParameter fitted;
    fitted.path = Text(row, "parameter");
    fitted.name = row.contains("name") ? Text(row, "name") : fitted.path;
    fitted.low = Number(row, at, "low").value_or(0);
    fitted.high = Number(row, at, "high").value_or(0);
    fitted.unit = Text(row, "unit");
    fitted.evidence = Text(row, "evidence");
    if (fitted.path.empty() || fitted.evidence.empty() || !(fitted.low < fitted.high)) {
      return Report(at, "needs parameter, evidence, and low < high");
    }
    made_->fitted.push_back(std::move(fitted));
  }

  // The selected cases again, with the fitted parameter in the middle of its bounds: the model's
  // prediction without this figure.
  std::vector<CaseSpec> LeftOut(const Selector& selector, const FittedParameter& fitted,
                                const std::string& at) {
    std::vector<CaseSpec> cases;
    for (const std::size_t index : Cases(selector)) {
      json tree = trees_[index];
      SetPath(tree, fitted.path, (fitted.low + fitted.high) / 2);
      auto run = MakeRunSpec(tree, folder_);
      if (run.has_error()) {
        Report(at, run.error().message);
        continue;
      }
      CaseSpec made = made_->cases[index];
      made.run = std::move(run.value());
      cases.push_back(std::move(made));
    }
    return cases;
  }

  void ReadPublished(const json& row, const std::string& at) {
    if (!KnownKeys(row, at,
                   {"label", "figure", "metric", "statistic", "value", "at_least", "at_most", "of",
                    "minus", "evidence", "fitted_by", "tolerance", "source"})) {
      return;
    }
    PublishedSpec made;
    PublishedRow& out = made.row;
    const auto changed = [&](const Selector& selector) {
      for (const std::string& change : made_->cases[Cases(selector).front()].changes) {
        const bool is_new =
            std::find(out.what_if.begin(), out.what_if.end(), change) == out.what_if.end();
        if (is_new) out.what_if.push_back(change);
      }
    };
    out.label = Text(row, "label");
    out.figure = Text(row, "figure");
    out.metric = Text(row, "metric");
    out.statistic = row.contains("statistic") ? Text(row, "statistic") : "best";
    out.published = Number(row, at, "value");
    out.at_least = Number(row, at, "at_least");
    out.at_most = Number(row, at, "at_most");
    out.tolerance = Number(row, at, "tolerance").value_or(0.05);
    out.source = Text(row, "source");
    made.of = ReadSelector(row, at, "of");
    if (row.contains("minus")) {
      Selector minus = made.of;
      for (const auto& [key, value] : ReadSelector(row, at, "minus")) minus[key] = value;
      made.minus = std::move(minus);
    }
    if (out.label.empty() || out.metric.empty() || out.source.empty()) {
      return Report(at, "needs label, metric and source");
    }
    if (!out.published && !out.at_least && !out.at_most) {
      return Report(at, "needs a value, or at_least or at_most");
    }
    if (out.statistic != "best" && out.statistic != "median") {
      return Report(at + ".statistic", "must be best or median");
    }
    for (const auto& selector : {std::optional<Selector>(made.of), made.minus}) {
      if (selector && some_cases_ && Cases(*selector).empty()) return;
      if (selector && Cases(*selector).size() != 1) {
        return Report(at, "selects " + std::to_string(Cases(*selector).size()) +
                              " cases instead of one" + WhyNone(*selector));
      }
      if (selector) changed(*selector);
    }
    CheckMetric(out.metric, at + ".metric", Cases(made.of));
    const std::string evidence = Text(row, "evidence");
    if (evidence == "input") {
      out.evidence = Evidence::kInput;
    } else if (evidence == "fitted") {
      out.evidence = Evidence::kFitted;
      out.fitted_by = Text(row, "fitted_by");
      const auto fitted =
          std::find_if(made_->fitted.begin(), made_->fitted.end(),
                       [&](const FittedParameter& each) { return each.name == out.fitted_by; });
      if (fitted == made_->fitted.end()) {
        return Report(at + ".fitted_by", "must name a parameter of `fitted`");
      }
      fitted->fitted_to = out.label;
      // A what-if does not test the fit.
      if (out.judged()) made.left_out = LeftOut(made.of, *fitted, at);
      if (out.judged() && made.minus) made.left_out_minus = LeftOut(*made.minus, *fitted, at);
    } else if (evidence == "predicted") {
      out.evidence = Evidence::kPredicted;
    } else {
      return Report(at + ".evidence", "must be input, fitted or predicted");
    }
    made_->published.push_back(std::move(made));
  }

  void ReadThreshold(const json& row, const std::string& at) {
    if (!KnownKeys(row, at, {"metric", "statistic", "of", "at_most", "at_least"})) return;
    ThresholdSpec made;
    made.metric = Text(row, "metric");
    made.statistic = row.contains("statistic") ? Text(row, "statistic") : "median";
    made.at_most = Number(row, at, "at_most");
    made.at_least = Number(row, at, "at_least");
    made.of = ReadSelector(row, at, "of");
    if (made.metric.empty() || (!made.at_most && !made.at_least)) {
      return Report(at, "needs a metric, and at_most or at_least");
    }
    if (made.statistic != "best" && made.statistic != "median" && made.statistic != "worst") {
      return Report(at + ".statistic", "must be best, median or worst");
    }
    if (Cases(made.of).empty() && some_cases_) return;
    if (Cases(made.of).empty()) return Report(at + ".of", "selects no case" + WhyNone(made.of));
    CheckMetric(made.metric, at + ".metric", Cases(made.of));
    made_->thresholds.push_back(std::move(made));
  }

  bool IsSwept(const std::string& path) const {
    return std::any_of(made_->cases.begin(), made_->cases.end(), [&](const CaseSpec& each) {
      return std::any_of(each.parameters.begin(), each.parameters.end(),
                         [&](const auto& parameter) { return parameter.first == path; });
    });
  }

  // One path, or a list of them, separated by commas.
  static std::string Paths(const json& map, const char* key) {
    const auto found = map.find(key);
    if (found == map.end()) return {};
    if (!found->is_array()) return ValueText(*found);
    std::string text;
    for (const json& path : *found) text += (text.empty() ? "" : ",") + ValueText(path);
    return text;
  }

  void ReadHeatMap(const json& map) {
    if (!map.is_object() || !KnownKeys(map, "heat_map", {"x", "y", "metric"})) return;
    made_->heat_x = Paths(map, "x");
    made_->heat_y = Paths(map, "y");
    made_->heat_metric = Text(map, "metric");
    CheckMetric(*made_->heat_metric, "heat_map.metric", Cases({}));
    const std::string axes = *made_->heat_x + "," + *made_->heat_y;
    for (const std::string_view path : Split(axes, ',')) {
      if (!some_cases_ && !IsSwept(std::string(path)))
        Report("heat_map", "'" + std::string(path) + "' is not swept");
    }
  }

  void ReadHypotheses(const json& map) {
    if (!map.is_object() || !KnownKeys(map, "hypotheses", {"metric", "published", "list"})) return;
    made_->hypotheses_metric = Text(map, "metric");
    CheckMetric(made_->hypotheses_metric, "hypotheses.metric", Cases({}));
    made_->hypotheses_published = Number(map, "hypotheses", "published");
    const auto list = map.find("list");
    if (list == map.end() || !list->is_array()) return Report("hypotheses.list", "must be a list");
    for (std::size_t i = 0; i < list->size(); ++i) {
      const json& row = (*list)[i];
      const std::string at = "hypotheses.list." + std::to_string(i);
      if (!row.is_object() || !KnownKeys(row, at, {"name", "says", "factors", "where"})) continue;
      HypothesisSpec made;
      made.name = Text(row, "name");
      made.says = Text(row, "says");
      made.where = ReadSelector(row, at, "where");
      if (Cases(made.where).empty() && !some_cases_) Report(at + ".where", "selects no case");
      if (row.contains("factors") && row["factors"].is_array()) {
        for (const json& factor : row["factors"]) made.factors.push_back(ValueText(factor));
      }
      for (const std::string& factor : made.factors) {
        if (!some_cases_ && !IsSwept(factor))
          Report(at + ".factors", "'" + factor + "' is not swept");
      }
      if (made.name.empty() || made.factors.empty()) Report(at, "needs a name and factors");
      made_->hypotheses.push_back(std::move(made));
    }
  }

  const std::vector<json>& trees_;
  const std::string folder_;
  const bool some_cases_;
  Scenario* const made_;
  std::vector<std::string>* const problems_;
};

}  // namespace

void ReadScenarioRows(const nlohmann::json& tree, const std::vector<nlohmann::json>& trees,
                      const std::string& folder, bool some_cases, Scenario* scenario,
                      std::vector<std::string>* problems) {
  RowReader(trees, folder, some_cases, scenario, problems).Read(tree);
}

}  // namespace kless::experiment
