#include "emulator/experiment/report/compare.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/number_text.h"
#include "emulator/base/text_table.h"
#include "emulator/experiment/input/input_file.h"
#include "emulator/experiment/report/comparison.h"

namespace kless::experiment {
namespace {

using nlohmann::ordered_json;

// A metric of a pair; one side may lack it.
struct Compared {
  const ComparedValue* a = nullptr;
  const ComparedValue* b = nullptr;
  bool headline = false;

  const ComparedValue& Any() const { return a != nullptr ? *a : *b; }
  bool Both() const { return a != nullptr && b != nullptr; }
  bool Equal() const { return Both() && a->value == b->value; }
  bool HasBands() const { return Both() && (a->n > 1 || b->n > 1); }
  bool BandsApart() const { return Both() && (a->high < b->low || b->high < a->low); }
};

struct ComparedPair {
  const ComparedCase* a = nullptr;
  const ComparedCase* b = nullptr;
  std::vector<Compared> metrics;  // the headline first, then in the order of the files
};

class Comparer {
 public:
  explicit Comparer(const CompareOptions& options) : options_(options) {}

  Result<std::string> Run() {
    KLESS_TRY_VOID(ReadSides());
    KLESS_TRY(auto paired, PairCases(a_, b_, chosen_));
    differences_ = std::move(paired.differences);
    std::set<std::size_t> of_a, of_b;
    for (const auto& [a, b] : paired.pairs) {
      pairs_.push_back(MakePair(a_.cases[a], b_.cases[b]));
      of_a.insert(a);
      of_b.insert(b);
    }
    for (std::size_t i = 0; i < a_.cases.size(); ++i) {
      if (!of_a.contains(i)) only_a_.push_back(a_.cases[i].name);
    }
    for (std::size_t i = 0; i < b_.cases.size(); ++i) {
      if (!of_b.contains(i)) only_b_.push_back(b_.cases[i].name);
    }
    KLESS_TRY_VOID(CheckMetrics());
    return options_.json ? Json() : Text();
  }

 private:
  Result<void> ReadSides() {
    KLESS_TRY(auto first, ReadComparedSide(options_.a));
    a_ = std::move(first);
    if (!options_.b.empty()) {
      KLESS_TRY(auto second, ReadComparedSide(options_.b));
      b_ = std::move(second);
    } else if (options_.case_a.empty() || options_.case_b.empty()) {
      if (!options_.case_a.empty() || !options_.case_b.empty()) {
        return MakeError(ErrorCode::kInvalidArgument,
                         "within one folder both --case-a and --case-b are needed");
      }
      KLESS_TRY(auto split, SplitCases(a_));
      std::tie(a_, b_) = std::move(split);
      chosen_ = true;
    } else {
      b_ = a_;
    }
    if (!options_.case_a.empty()) {
      KLESS_TRY_VOID(SelectCases("--case-a", options_.case_a, &a_));
    }
    if (!options_.case_b.empty()) {
      KLESS_TRY_VOID(SelectCases("--case-b", options_.case_b, &b_));
    }
    chosen_ = chosen_ || (!options_.case_a.empty() && !options_.case_b.empty());
    return {};
  }

  // Returns metrics of invocations only if there are no pods.
  static std::vector<std::string> Headline(const ComparedCase& a) {
    const bool has_pods = a.Find("last_pod_s") != nullptr;
    const std::string latency = has_pods ? "pod_latency" : "invocation_latency";
    return {"last_pod_s", latency + "_p50_ms", latency + "_p99_ms", "cold_starts",
            "cost_total_usd"};
  }

  static ComparedPair MakePair(const ComparedCase& a, const ComparedCase& b) {
    ComparedPair made{&a, &b, {}};
    std::set<std::string> done;
    const auto add = [&](const std::string& metric, bool headline) {
      if (!done.insert(metric).second) return;
      const Compared compared{a.Find(metric), b.Find(metric), headline};
      if (compared.a != nullptr || compared.b != nullptr) made.metrics.push_back(compared);
    };
    for (const std::string& metric : Headline(a)) add(metric, true);
    for (const ComparedCase* side : {&a, &b}) {
      for (const ComparedValue& value : side->values) add(value.metric, false);
    }
    return made;
  }

  Result<void> CheckMetrics() const {
    std::vector<std::string> known;
    for (const ComparedPair& pair : pairs_) {
      for (const Compared& metric : pair.metrics) known.push_back(metric.Any().metric);
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (const std::string& wanted : options_.metrics) {
      if (std::binary_search(known.begin(), known.end(), wanted)) continue;
      return MakeError(ErrorCode::kNotFound, "--metric: " + UnknownWord("metric", wanted, known));
    }
    return {};
  }

  bool Wanted(const Compared& metric) const {
    const auto& wanted = options_.metrics;
    return wanted.empty() ||
           std::find(wanted.begin(), wanted.end(), metric.Any().metric) != wanted.end();
  }

  // --- text -------------------------------------------------------------------------------------

  static std::string Cell(const ComparedValue* value) {
    return value == nullptr ? "-" : FormatShort(value->value);  // four digits: near values differ
  }
  static std::string Band(const ComparedValue* value) {
    if (value == nullptr) return "-";
    return FormatShort(value->low, 3) + ".." + FormatShort(value->high, 3);
  }
  static std::string NameOf(const ComparedPair& pair) {
    return pair.a->name == pair.b->name ? pair.a->name : pair.a->name + " | " + pair.b->name;
  }

  // Returns the metrics for which `shown` holds; "" if there are none.
  template <typename Shown>
  std::string Table(Shown shown) const {
    const bool names = pairs_.size() > 1;
    const bool bands = HasBands();
    std::vector<std::string> header = {"metric", "unit", "A", "B", "B / A"};
    if (names) header.insert(header.begin(), "case");
    if (bands) header.insert(header.end(), {"band of A", "band of B", "bands"});
    TextTable table(header);
    table.AlignRightFrom(names ? 3 : 2);
    bool any = false;
    for (const ComparedPair& pair : pairs_) {
      for (const Compared& metric : pair.metrics) {
        if (!shown(metric)) continue;
        any = true;
        std::vector<std::string> row;
        if (names) row.push_back(NameOf(pair));
        const bool has_ratio = metric.Both() && metric.a->value != 0;
        row.insert(row.end(),
                   {metric.Any().metric, metric.Any().unit, Cell(metric.a), Cell(metric.b),
                    has_ratio ? FormatShort(metric.b->value / metric.a->value, 3) : ""});
        if (bands) {
          row.insert(row.end(), {Band(metric.a), Band(metric.b),
                                 !metric.HasBands()    ? ""
                                 : metric.Equal()      ? "equal"
                                 : metric.BandsApart() ? "apart"
                                                       : "overlap"});
        }
        table.Add(std::move(row));
      }
    }
    if (!any) return "";
    return table.Text();
  }

  bool HasBands() const {
    return std::any_of(pairs_.begin(), pairs_.end(), [](const ComparedPair& pair) {
      return std::any_of(pair.metrics.begin(), pair.metrics.end(),
                         [](const Compared& metric) { return metric.HasBands(); });
    });
  }

  static std::string OnlyText(const char* side, const std::vector<std::string>& names,
                              const char* kind) {
    if (names.empty()) return "";
    constexpr std::size_t kShown = 6;
    std::string text = std::to_string(names.size()) + " " + kind + (names.size() == 1 ? "" : "s") +
                       " only in " + side + ": ";
    for (std::size_t i = 0; i < names.size() && i < kShown; ++i) {
      text += (i == 0 ? "" : ", ") + names[i];
    }
    return text + (names.size() > kShown ? ", ...\n" : "\n");
  }

  std::string Head() const {
    std::string text;
    const bool one = pairs_.size() == 1;
    text += "A: " + a_.folder + (one ? ", " + pairs_[0].a->name : "") + "\n";
    text += "B: " + b_.folder + (one ? ", " + pairs_[0].b->name : "") + "\n";
    for (const auto& difference : differences_) {
      const auto value = [](const std::string& own) {
        return own.empty() ? std::string("not set") : own;
      };
      text += difference.what + ": " + value(difference.a) + " in A, " + value(difference.b) +
              " in B\n";
    }
    return text + "\n";
  }

  std::string Text() const {
    std::size_t equal = 0, differ = 0;
    std::vector<std::string> metrics_a, metrics_b;
    const auto note = [](std::vector<std::string>& list, const std::string& metric) {
      if (std::find(list.begin(), list.end(), metric) == list.end()) list.push_back(metric);
    };
    for (const ComparedPair& pair : pairs_) {
      for (const Compared& metric : pair.metrics) {
        if (!Wanted(metric)) continue;
        if (!metric.Both()) {
          note(metric.b == nullptr ? metrics_a : metrics_b, metric.Any().metric);
        } else {
          ++(metric.Equal() ? equal : differ);
        }
      }
    }
    std::string text = Head();
    const bool tables = differ > 0 || !metrics_a.empty() || !metrics_b.empty();
    if (!options_.metrics.empty()) {
      text += Table([this](const Compared& metric) { return Wanted(metric); }) + "\n";
    } else if (tables) {
      text += Table([](const Compared& metric) { return metric.headline; });
      const std::string rest = Table([](const Compared& metric) {
        return !metric.headline && metric.Both() && !metric.Equal();
      });
      if (!rest.empty()) text += "\nEverything else that differs:\n" + rest;
      text += "\n";
    }
    if (HasBands() && (tables || !options_.metrics.empty())) {
      text +=
          "bands: lowest to highest of the runs; apart: the difference exceeds them, overlap: "
          "it does not\n";
    }
    text += std::to_string(equal) + (equal == 1 ? " metric is" : " metrics are") + " equal, " +
            std::to_string(differ) + (differ == 1 ? " differs" : " differ") + "\n";
    text += OnlyText("A", metrics_a, "metric") + OnlyText("B", metrics_b, "metric");
    return text + OnlyText("A", only_a_, "case") + OnlyText("B", only_b_, "case");
  }

  // --- JSON -------------------------------------------------------------------------------------

  static ordered_json ValueToJson(const ComparedValue* value) {
    if (value == nullptr) return nullptr;
    return {{"value", RoundNumber(value->value)},
            {"low", RoundNumber(value->low)},
            {"high", RoundNumber(value->high)},
            {"n", value->n}};
  }

  std::string Json() const {
    ordered_json cases = ordered_json::array(), differences = ordered_json::array();
    for (const auto& difference : differences_) {
      differences.push_back({{"what", difference.what}, {"a", difference.a}, {"b", difference.b}});
    }
    for (const ComparedPair& pair : pairs_) {
      ordered_json metrics = ordered_json::array();
      for (const Compared& metric : pair.metrics) {
        if (!Wanted(metric)) continue;
        const bool has_ratio = metric.Both() && metric.a->value != 0;
        metrics.push_back(
            {{"metric", metric.Any().metric},
             {"unit", metric.Any().unit},
             {"headline", metric.headline},
             {"a", ValueToJson(metric.a)},
             {"b", ValueToJson(metric.b)},
             {"ratio", has_ratio ? ordered_json(RoundNumber(metric.b->value / metric.a->value))
                                 : ordered_json(nullptr)},
             {"bands_apart",
              metric.HasBands() ? ordered_json(metric.BandsApart()) : ordered_json(nullptr)}});
      }
      cases.push_back({{"a", pair.a->name}, {"b", pair.b->name}, {"metrics", std::move(metrics)}});
    }
    const ordered_json document = {{"a", a_.folder},
                                   {"b", b_.folder},
                                   {"differences", differences},
                                   {"cases", std::move(cases)},
                                   {"only_a", only_a_},
                                   {"only_b", only_b_}};
    return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
  }

  const CompareOptions& options_;
  ComparedSide a_, b_;
  bool chosen_ = false;
  std::vector<ComparisonPairs::Difference> differences_;
  std::vector<ComparedPair> pairs_;
  std::vector<std::string> only_a_, only_b_;
};

}  // namespace

Result<std::string> CompareSummaries(const CompareOptions& options) {
  return Comparer(options).Run();
}

}  // namespace kless::experiment
