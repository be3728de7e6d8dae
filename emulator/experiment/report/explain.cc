#include "emulator/experiment/report/explain.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "emulator/base/number_text.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"
#include "emulator/base/text_table.h"
#include "emulator/experiment/input/csv_file.h"
#include "emulator/experiment/measures/metric_definitions.h"
#include "emulator/experiment/measures/run_result.h"

namespace kless::experiment {
namespace {

// A row of pods.csv.
struct ExplainedPod {
  std::string case_name, job, name, start;
  double due_s = 0, created_s = 0, latency_s = 0;
  std::array<double, kCauses> causes{};  // in seconds
};

constexpr std::size_t kFirstCause = 7;

double Number(std::string_view cell) {
  double value = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

Result<std::vector<ExplainedPod>> ReadPods(const std::string& folder) {
  const std::string path = folder + "/pods.csv";
  auto text = ReadFile(path);
  if (text.has_error()) {
    return MakeError(
        ErrorCode::kNotFound,
        folder + " is not the folder of an experiment with pods: " + text.error().message);
  }
  KLESS_TRY(const auto file, CsvFile::Parse(path, std::move(text.value())));
  if (file->header().size() != kFirstCause + kCauses) {
    return MakeError(ErrorCode::kInvalidArgument, path + " has other columns than kless writes");
  }
  std::vector<ExplainedPod> pods;
  while (true) {
    KLESS_TRY(const bool any, file->Next());
    if (!any) break;
    const auto text_at = [&](std::size_t column) { return std::string(file->Cell(column)); };
    const auto number_at = [&](std::size_t column) { return Number(file->Cell(column)); };
    ExplainedPod pod{text_at(0),   text_at(1),   text_at(2),   text_at(6),
                     number_at(3), number_at(4), number_at(5), {}};
    for (std::size_t k = 0; k < kCauses; ++k) pod.causes[k] = number_at(kFirstCause + k);
    pods.push_back(std::move(pod));
  }
  return pods;
}

std::string Milliseconds(double seconds) { return FormatShort(seconds * 1e3, 3); }

// What the words mean, for the causes that are there, and how to read their times.
std::string CauseLegend(const std::array<bool, kCauses>& present) {
  TextTable table({"", ""});
  for (std::size_t k = 0; k < kCauses; ++k) {
    if (present[k]) table.Add({CauseNames()[k], std::string(CauseDefinitions()[k].text)});
  }
  const std::string text = table.Text();
  // Without the empty header, with a blank line.
  return text.substr(text.find('\n')) + "\n" + Wrapped(kReadingOfCauses, kTextWidth) + "\n";
}

// One pod, cause by cause, with a bar of its share; notes the causes in `present`.
std::string ExplainPod(const ExplainedPod& pod, std::array<bool, kCauses>* present) {
  std::string text = "pod " + pod.name + " of job " + pod.job + ", case " + pod.case_name + ": " +
                     Milliseconds(pod.latency_s) + " ms from its job being due at " +
                     FormatShort(pod.due_s) + " s until it was written";
  if (!pod.start.empty()) text += ", " + pod.start + " start";
  text += "\n\n";
  TextTable table({"cause", "ms", "share", ""});
  for (std::size_t k = 0; k < kCauses; ++k) {
    if (pod.causes[k] == 0) continue;
    (*present)[k] = true;
    const double share = pod.latency_s > 0 ? pod.causes[k] / pod.latency_s : 0;
    constexpr double kBarLength = 40;
    table.Add({CauseNames()[k], Milliseconds(pod.causes[k]), FormatPercent(share).substr(1),
               std::string(static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kBarLength + 0.5),
                           '#')});
  }
  text += table.Text();
  std::string trimmed;  // bars may be empty: removes spaces at the end of a line
  for (const std::string_view line : Split(text, '\n')) {
    const auto end = line.find_last_not_of(' ');
    trimmed += line.substr(0, end == std::string_view::npos ? 0 : end + 1);
    trimmed += '\n';
  }
  trimmed.pop_back();
  return trimmed;
}

std::string ExplainCases(const std::vector<ExplainedPod>& pods) {
  std::vector<std::string> order;
  struct Sum {
    double pods = 0, latency_s = 0;
    std::array<double, kCauses> causes{};
  };
  std::map<std::string, Sum> sums;
  std::array<bool, kCauses> present{};
  for (const ExplainedPod& pod : pods) {
    const auto [sum, is_new] = sums.try_emplace(pod.case_name);
    if (is_new) order.push_back(pod.case_name);
    ++sum->second.pods;
    sum->second.latency_s += pod.latency_s;
    for (std::size_t k = 0; k < kCauses; ++k) {
      sum->second.causes[k] += pod.causes[k];
      present[k] = present[k] || pod.causes[k] != 0;
    }
  }
  std::vector<std::string> header = {"case", "pods", "mean"};
  for (std::size_t k = 0; k < kCauses; ++k) {
    if (present[k]) header.push_back(CauseNames()[k]);
  }
  TextTable table(header);
  table.AlignRightFrom(1);
  for (const std::string& name : order) {
    const Sum& sum = sums.at(name);
    std::vector<std::string> row = {name, FormatShort(sum.pods),
                                    Milliseconds(sum.latency_s / sum.pods)};
    for (std::size_t k = 0; k < kCauses; ++k) {
      if (present[k]) row.push_back(Milliseconds(sum.causes[k] / sum.pods));
    }
    table.Add(std::move(row));
  }
  return "How the time of a pod was spent, in ms: mean over the pods of each case's median "
         "run.\n\n" +
         table.Text() + CauseLegend(present);
}

Error NoSuchPod(const std::vector<ExplainedPod>& pods, const std::string& wanted) {
  std::vector<std::string> names;
  for (const ExplainedPod& pod : pods) {
    names.push_back(pod.name);
    if (names.empty() || names.back() != pod.job) names.push_back(pod.job);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string message = "no pod or job \"" + wanted + "\"";
  if (const auto nearest = NearestWord(wanted, names)) {
    message += "; did you mean \"" + *nearest + "\"?";
  } else if (!names.empty()) {
    // The nearest names in order.
    auto at = std::lower_bound(names.begin(), names.end(), wanted);
    if (names.end() - at < 3) at = names.end() - std::min<std::ptrdiff_t>(3, std::ssize(names));
    message += "; there are, among others,";
    for (int i = 0; i < 3 && at != names.end(); ++i, ++at) message += (i ? ", " : " ") + *at;
  }
  return MakeError(ErrorCode::kNotFound, message);
}

}  // namespace

Result<std::string> Explain(const std::string& folder, const std::string& pod) {
  KLESS_TRY(const auto pods, ReadPods(folder));
  if (pod.empty()) return ExplainCases(pods);
  // Cases with one seed have pods of the same name: all are shown.
  std::string text;
  std::array<bool, kCauses> present{};
  for (const bool by_job : {false, true}) {
    for (const ExplainedPod& own : pods) {
      if ((by_job ? own.job : own.name) != pod) continue;
      if (!text.empty()) text += '\n';
      text += ExplainPod(own, &present);
    }
    if (!text.empty()) return text + CauseLegend(present);
  }
  return NoSuchPod(pods, pod);
}

}  // namespace kless::experiment
