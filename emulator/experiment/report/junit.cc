#include "emulator/experiment/report/junit.h"

#include <vector>

#include "emulator/base/number_text.h"
#include "emulator/experiment/report/markup.h"
#include "emulator/experiment/report/summary.h"

namespace kless::experiment {
namespace {

struct TestCase {
  std::string suite, name;
  std::string failure;       // "": passed
  std::string skipped = "";  // why it was not judged
};

std::string WhatIfReason(const PublishedRow& row) {
  std::string reason = "a what-if is not judged:";
  for (const std::string& change : row.what_if) reason += " " + change;
  return reason + "; off by " + FormatPercent(row.relative_error);
}

std::vector<TestCase> TestCases(const ExperimentResult& result) {
  std::vector<TestCase> tests;
  for (const CaseResult& own : result.cases) {
    std::string problems;
    for (const RunResult& run : own.runs) {
      if (run.problem.empty()) continue;
      if (!problems.empty()) problems += "; ";
      problems += "seed " + std::to_string(run.seed) + ": " + run.problem;
    }
    tests.push_back({"runs", own.name + " ends as it should", problems});
  }
  for (const ThresholdOutcome& threshold : result.thresholds) {
    const std::string detail = threshold.detail.empty() ? "broken" : threshold.detail;
    tests.push_back({"thresholds", threshold.label, threshold.ok ? "" : detail});
  }
  for (const PublishedRow& row : result.published) {
    std::string failure;
    if (!row.judged()) {
      tests.push_back({"published", row.label, "", WhatIfReason(row)});
      continue;
    }
    if (!row.ok()) {
      failure = "published " + row.PublishedText() + ", emulated " + FormatShort(row.emulated) +
                " " + row.unit + " (" + row.statistic + "): off by " +
                FormatPercent(row.relative_error) + ", allowed are " +
                FormatPercent(row.tolerance).substr(1);
    }
    tests.push_back({"published", row.label, failure});
  }
  return tests;
}

}  // namespace

std::optional<std::string> MakeJunit(const ExperimentResult& result) {
  if (result.thresholds.empty() && result.published.empty()) return std::nullopt;
  std::string cases;
  std::size_t failures = 0, skipped = 0, count = 0;
  for (const TestCase& test : TestCases(result)) {
    cases += "    <testcase classname=\"" + EscapeMarkup(result.scenario + "." + test.suite) +
             "\" name=\"" + EscapeMarkup(test.name) + "\"";
    ++count;
    if (!test.skipped.empty()) {
      ++skipped;
      cases +=
          ">\n      <skipped message=\"" + EscapeMarkup(test.skipped) + "\"/>\n    </testcase>\n";
      continue;
    }
    if (test.failure.empty()) {
      cases += "/>\n";
      continue;
    }
    ++failures;
    cases +=
        ">\n      <failure message=\"" + EscapeMarkup(test.failure) + "\"/>\n    </testcase>\n";
  }
  std::string totals =
      "tests=\"" + std::to_string(count) + "\" failures=\"" + std::to_string(failures) + "\"";
  if (skipped > 0) totals += " skipped=\"" + std::to_string(skipped) + "\"";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " + totals +
         ">\n  <testsuite name=\"" + EscapeMarkup(result.scenario) + "\" " + totals +
         " errors=\"0\">\n" + cases + "  </testsuite>\n</testsuites>\n";
}

}  // namespace kless::experiment
