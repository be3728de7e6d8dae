#include "emulator/experiment/figures.h"

#include <algorithm>

#include "emulator/base/files.h"
#include "emulator/base/process.h"
#include "emulator/experiment/figure_bars.h"
#include "emulator/experiment/figure_script.h"
#include "emulator/experiment/number_text.h"
#include "emulator/experiment/summary.h"

namespace kless::experiment {
namespace {

constexpr std::size_t kLinesMax = 12;
constexpr std::size_t kPanelsMax = 4;

// 'FILE' skip ... every ...: the rows of one series.
std::string Rows(const CsvOutput& file, const CsvSeries& series) {
  return GnuplotString(file.path) + " skip " + std::to_string(series.first_row + 1) +
         " every ::::" + std::to_string(series.row_count - 1);
}

// A marker now and then, to tell lines apart without colour.
std::string Markers(const CsvSeries& series) {
  return " lw 2.2 ps 0.9*mark pi " + std::to_string(std::max<std::size_t>(1, series.row_count / 7));
}

// The series of a group's cases, as many as a figure can show.
std::vector<CsvSeries> SeriesOf(const CsvOutput& file, const CaseGroup& group, std::size_t limit,
                                const std::string& figure, FigureSet& set) {
  std::vector<CsvSeries> chosen;
  for (const CsvSeries& series : file.series) {
    if (std::find(group.cases.begin(), group.cases.end(), series.case_index) != group.cases.end()) {
      chosen.push_back(series);
    }
  }
  if (chosen.size() > limit) {
    set.remarks.push_back("figure " + figure + " shows " + std::to_string(limit) + " of " +
                          std::to_string(chosen.size()) + " lines");
    chosen.resize(limit);
  }
  return chosen;
}

std::int64_t LastPod(const RunResult& run) {
  std::int64_t last = 0;
  for (const PodTiming& pod : run.pods) last = std::max(last, pod.created);
  return last;
}

// When the last pod was written and the last invocation ended, over the cases of the series: idle
// environments live on for long.
double ActiveSeconds(const MeasuredExperiment& experiment, const std::vector<CsvSeries>& series) {
  std::int64_t end = 0;
  for (const CsvSeries& own : series) {
    const RunResult& run = *experiment.cases[own.case_index].Representative();
    end = std::max(end, LastPod(run));
    for (const InvocationTiming& row : run.invocations) {
      end = std::max(end, row.requested + row.queued + row.init + row.run);
    }
  }
  return static_cast<double>(end) / 1e9;
}

std::string TimeAxis(double longest) {
  return longest > 0 ? "set xrange [0:" + FormatNumber(longest * 1.03) + "]\n" : "";
}

// Labels at 1, 2 and 5 of each decade; no empty decades at the ends.
std::string LogAxis() {
  std::string tics;
  for (int exponent = -6; exponent <= 6; ++exponent) {
    for (const char* digit : {"1", "2", "5"}) {
      tics += (tics.empty() ? "" : ", ") + std::string(digit) + "e" + std::to_string(exponent);
    }
  }
  return "set logscale x\nset autoscale xfix\nset offsets graph 0.03, graph 0.03, 0, 0\n"
         "set xtics format '%g' (" +
         tics + ")\n";
}

// Whether a published end of all pods belongs into the figure of the group.
bool BelongsTo(const MeasuredExperiment& experiment, const CaseGroup& group,
               const PublishedRow& row) {
  if (row.metric != "last_pod_s") return false;
  if (row.case_name.empty()) return !row.figure.empty() && group.name.ends_with(row.figure);
  return std::any_of(group.cases.begin(), group.cases.end(), [&](std::size_t index) {
    return experiment.cases[index].result->name == row.case_name;
  });
}

// Published ends as crosses at the height of all pods, bounds as arrows.
void AddPublished(const MeasuredExperiment& experiment, const CaseGroup& group, double height,
                  double longest, FigureScript& script, std::vector<std::string>& elements) {
  int number = 0;
  for (const PublishedRow& row : experiment.result->published) {
    if (!BelongsTo(experiment, group, row)) continue;
    const std::string block = "published_" + std::to_string(number) + "_" +
                              std::to_string(&group - experiment.groups.data());
    const std::string title =
        " title " + GnuplotString("published " + PublishedText(row) + ": " + row.label);
    const std::string ink =
        " lc rgb 'black' lw 1.8 pt " + std::to_string(1 + number % 3) + " ps 1.7*mark";
    const std::string y = FormatNumber(height);
    if (row.published) {
      script.AddBlock(block, FormatNumber(*row.published) + "," + y + "\n");
      elements.push_back("$" + block + " using 1:2 with points" + ink + title);
    } else if (row.at_least || row.at_most) {
      const double begin = row.at_least ? *row.at_least : *row.at_most;
      const double step = (row.at_least ? 0.07 : -0.07) * longest;
      script.AddBlock(block, FormatNumber(begin) + "," + y + "," + FormatNumber(step) + ",0\n");
      elements.push_back("$" + block +
                         " using 1:2:3:4 with vectors head filled lc rgb 'black' lw 1.8" +
                         std::string(" notitle"));
      elements.push_back("$" + block + " using 1:2 with points" + ink + title);
    } else {
      continue;
    }
    ++number;
  }
}

void DrawPods(const MeasuredExperiment& experiment, const CaseGroup& group,
              const std::vector<CsvOutput>& files, FigureScript& script, FigureSet& set) {
  const CsvOutput* const file = FindCsv(files, "data/pods_over_time-" + group.file + ".csv");
  if (file == nullptr) return;
  const std::string name = "pods-" + group.file;
  const std::vector<CsvSeries> series = SeriesOf(*file, group, kLinesMax, name, set);
  std::vector<std::string> bands, lines;
  double height = 0, longest = 0;
  std::size_t runs = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const MeasuredCase& own = experiment.cases[series[i].case_index];
    const SummarisedMetric* const last = own.Find("last_pod_s");
    height = std::max(height, static_cast<double>(series[i].total));
    if (last != nullptr) longest = std::max(longest, last->statistic.worst);
    runs = std::max(runs, own.result->runs.size());
    if (own.result->runs.size() > 1) {
      bands.push_back(Rows(*file, series[i]) + " using 2:4:5 with filledcurves " + LineColour(i) +
                      " fs transparent solid 0.22 noborder notitle");
    }
    const std::string end =
        last == nullptr ? "" : ": " + FormatShort(last->statistic.median, 3) + " s";
    // The rows go on until the last pod of all runs; the line ends with its own.
    const std::string last_s = FormatSeconds(LastPod(*own.Representative()));
    lines.push_back(Rows(*file, series[i]) + " using ($2 <= " + last_s +
                    " ? $2 : NaN):3 with linespoints " + LineStyle(i) + Markers(series[i]) +
                    " title " + GnuplotString(own.Label() + end));
  }
  for (const PublishedRow& row : experiment.result->published) {
    if (!BelongsTo(experiment, group, row)) continue;
    longest = std::max(longest, row.published.value_or(row.at_least.value_or(0) * 1.08));
  }
  bands.insert(bands.end(), lines.begin(), lines.end());
  AddPublished(experiment, group, height, longest, script, bands);
  script.AddFigure(name, 900, 560,
                   "set grid\nset xlabel 'time since the first submission (s)'\n"
                   "set ylabel 'pods created'\n" +
                       TimeAxis(longest) + "set yrange [0:" + FormatNumber(height * 1.06) + "]\n" +
                       PlotCommand(bands));
  std::string caption = group.name + ": pods over time; the legend names the end of the last pod.";
  if (runs > 1) {
    caption += " Line: the median run; band: lowest and highest of " + std::to_string(runs) +
               " runs at each instant.";
  }
  set.figures.push_back({name, caption});
}

void DrawLatency(const MeasuredExperiment& experiment, const CaseGroup& group,
                 const std::vector<CsvOutput>& files, FigureScript& script, FigureSet& set) {
  const CsvOutput* const file = FindCsv(files, "data/latency_cdf.csv");
  if (file == nullptr) return;
  const std::string name = "latency-" + group.file;
  std::vector<CsvSeries> series = SeriesOf(*file, group, kLinesMax, name, set);
  // A logarithmic axis has no place for zero.
  std::erase_if(series, [](const CsvSeries& own) { return own.highest <= 0; });
  if (series.empty()) return;
  std::vector<std::string> elements;
  bool of_pods = false;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const MeasuredCase& own = experiment.cases[series[i].case_index];
    of_pods = of_pods || (own.Representative() != nullptr && !own.Representative()->pods.empty());
    std::string title = own.Label();
    if (!series[i].kind.empty()) title += ": " + series[i].kind;
    title += " (n = " + std::to_string(series[i].total) + ")";
    elements.push_back(Rows(*file, series[i]) +
                       " using ($3 > 0 ? $3 : NaN):($4*100) with linespoints " + LineStyle(i) +
                       Markers(series[i]) + " title " + GnuplotString(title));
  }
  const std::string what = of_pods ? "pods" : "invocations";
  script.AddFigure(name, 900, 560,
                   "set grid\n" + LogAxis() + "set xlabel 'latency (s)'\nset ylabel 'share of " +
                       what + " (%)'\nset yrange [0:102]\n" + PlotCommand(elements));
  set.figures.push_back({name, group.name + ": cumulative share of " + what +
                                   " by latency and kind of start, all runs together."});
}

std::string EnvironmentPanel(const MeasuredExperiment& experiment, const CsvOutput& file,
                             const CsvSeries& series, const CsvOutput* throttles, bool with_key) {
  const MeasuredCase& own = experiment.cases[series.case_index];
  const RunResult& run = *own.Representative();
  int peak = 1;
  for (const EnvironmentSample& sample : run.environments) {
    peak = std::max(peak, sample.initializing + sample.busy + sample.idle);
  }
  const int cap = run.concurrency_cap;
  const bool shows_cap = cap > 0 && cap <= 3 * peak;
  const int top = std::max(peak, shows_cap ? cap : 0);
  const auto title = [&](const char* text) {
    return with_key ? std::string(" title '") + text + "'" : std::string(" notitle");
  };
  const std::string rows = Rows(file, series);
  std::vector<std::string> elements = {
      rows + " using 2:($3+$4+$5) with filledcurves y=0 lc rgb '#D9D9D9'" + title("idle"),
      rows + " using 2:($3+$4) with filledcurves y=0 lc rgb '#56B4E9'" + title("busy"),
      rows + " using 2:3 with filledcurves y=0 lc rgb '#D55E00'" + title("initialising"),
      rows + " using 2:($3+$4+$5) with lines lc rgb '#555555' lw 0.8 notitle"};
  if (shows_cap) {
    elements.push_back(std::to_string(cap) + " with lines lc rgb 'black' dt (8,4) lw 1.6" +
                       title("concurrency cap"));
  }
  if (throttles != nullptr) {
    for (const CsvSeries& marks : throttles->series) {
      if (marks.case_index != series.case_index) continue;
      elements.push_back(Rows(*throttles, marks) + " using 2:(" + FormatNumber(top * 1.12) +
                         ") with points pt 2 ps 0.7*mark lw 1.2 lc rgb 'black'" +
                         title("throttles"));
    }
  }
  std::string label = own.Label();
  if (cap > 0 && !shows_cap) label += " (concurrency cap " + std::to_string(cap) + ")";
  return std::string(with_key ? "set key\n" : "unset key\n") + "set label 1 " +
         GnuplotString(label) +
         " at graph 0.005, graph 1.06 left\nset yrange [0:" + FormatNumber(top * 1.22) + "]\n" +
         PlotCommand(elements);
}

void DrawEnvironments(const MeasuredExperiment& experiment, const CaseGroup& group,
                      const std::vector<CsvOutput>& files, FigureScript& script, FigureSet& set) {
  const CsvOutput* const file = FindCsv(files, "data/environments.csv");
  if (file == nullptr) return;
  const std::string name = "environments-" + group.file;
  const std::vector<CsvSeries> series = SeriesOf(*file, group, kPanelsMax, name, set);
  if (series.empty()) return;
  const auto panels = static_cast<int>(series.size());
  const int height = 150 + 200 * panels;
  const auto share = [&](int pixels) { return FormatNumber(static_cast<double>(pixels) / height); };
  std::string body = "set multiplot layout " + std::to_string(panels) + ",1 margins 0.08,0.98," +
                     share(65) + "," + share(height - 85) + " spacing 0," + share(60) +
                     "\nset ylabel 'environments'\n" + TimeAxis(ActiveSeconds(experiment, series));
  for (int i = 0; i < panels; ++i) {
    if (i + 1 == panels) body += "set xlabel 'time since the first submission (s)'\n";
    body += EnvironmentPanel(experiment, *file, series[static_cast<std::size_t>(i)],
                             FindCsv(files, "data/throttles.csv"), i == 0);
  }
  script.AddFigure(name, 900, height, body + "unset multiplot\n");
  set.figures.push_back({name, group.name +
                                   ": execution environments by state, the concurrency cap, and "
                                   "when requests were refused; the median run of each case."});
}

void DrawFeed(const MeasuredExperiment& experiment, const CaseGroup& group,
              const std::vector<CsvOutput>& files, FigureScript& script, FigureSet& set) {
  const CsvOutput* const file = FindCsv(files, "data/feed.csv");
  if (file == nullptr) return;
  const std::string name = "feed-" + group.file;
  const std::vector<CsvSeries> series = SeriesOf(*file, group, kLinesMax, name, set);
  if (series.empty()) return;
  std::vector<std::string> ages, depths;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::string rows = Rows(*file, series[i]);
    const std::string style = " with linespoints " + LineStyle(i) + Markers(series[i]);
    const std::string& label = experiment.cases[series[i].case_index].Label();
    ages.push_back(rows + " using 2:3" + style + " title " + GnuplotString(label));
    depths.push_back(rows + " using 2:4" + style + " notitle");
  }
  script.AddFigure(name, 900, 640,
                   "set multiplot layout 2,1\nset grid\nset lmargin 10\nset rmargin 3\n" +
                       TimeAxis(ActiveSeconds(experiment, series)) +
                       "set yrange [0:*]\nset ylabel 'iterator age (s)'\n" + PlotCommand(ages) +
                       "unset key\nset xlabel 'time since the first submission (s)'\n"
                       "set ylabel 'records waiting'\n" +
                       PlotCommand(depths) + "unset multiplot\n");
  set.figures.push_back({name, group.name +
                                   ": age of the oldest record not yet settled, and how many wait "
                                   "(classic: keys in the work queue); the median run of each "
                                   "case."});
}

void DrawSlowdown(const MeasuredExperiment& experiment, const std::vector<CsvOutput>& files,
                  FigureScript& script, FigureSet& set) {
  const CsvOutput* const file = FindCsv(files, "data/slowdown.csv");
  if (file == nullptr) return;
  std::vector<std::string> elements;
  for (std::size_t i = 0; i < std::min(file->series.size(), kLinesMax); ++i) {
    const CsvSeries& series = file->series[i];
    elements.push_back(Rows(*file, series) + " using 2:($3*100) with linespoints " + LineStyle(i) +
                       Markers(series) + " title " +
                       GnuplotString(experiment.cases[series.case_index].Label()));
  }
  if (file->series.size() > kLinesMax) {
    set.remarks.push_back("figure slowdown shows " + std::to_string(kLinesMax) + " of " +
                          std::to_string(file->series.size()) + " lines");
  }
  script.AddFigure("slowdown", 900, 560,
                   "set grid\n" + LogAxis() +
                       "set xlabel 'slowdown (response time / duration)'\n"
                       "set ylabel 'share of invocations (%)'\nset yrange [0:102]\n" +
                       PlotCommand(elements));
  set.figures.push_back({"slowdown",
                         "Cumulative share of invocations by slowdown: response time over the "
                         "duration that the workload gave them; all runs together."});
}

std::string FirstLine(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

FigureSet MakeFigures(const MeasuredExperiment& experiment, const std::vector<CsvOutput>& files) {
  FigureSet set;
  FigureScript script;
  DrawStartup(experiment, script, set);
  for (const CaseGroup& group : experiment.groups) {
    DrawPods(experiment, group, files, script, set);
    DrawLatency(experiment, group, files, script, set);
    DrawEnvironments(experiment, group, files, script, set);
    DrawFeed(experiment, group, files, script, set);
  }
  DrawSlowdown(experiment, files, script, set);
  DrawCauses(experiment, script, set);
  DrawHeatMap(experiment, script, set);
  set.script = script.Take();
  return set;
}

Result<void> DrawFigures(FigureSet& set, const std::string& folder) {
  if (set.figures.empty()) return {};
  if (const auto made = MakeFolder(folder + "/figures"); made.has_error()) return made.error();
  const auto written = WriteFile(folder + "/figures/figures.gp", set.script);
  if (written.has_error()) return written.error();
  // -d: what the user's own .gnuplot says is not for these figures.
  const auto drawn = RunProcess({"gnuplot", "-d", "figures/figures.gp"}, folder);
  std::string remark;
  if (drawn.has_error()) {
    remark = drawn.error().code == ErrorCode::kNotFound
                 ? "gnuplot is not installed: no figures; install gnuplot-nox, then run `gnuplot "
                   "figures/figures.gp` in the folder"
                 : "no figures: " + drawn.error().message;
  } else if (drawn.value().exit_code != 0) {
    remark = "gnuplot failed: no figures: " + FirstLine(drawn.value().errors);
  } else {
    return {};
  }
  set.figures.clear();
  set.remarks = {remark};
  return {};
}

}  // namespace kless::experiment
