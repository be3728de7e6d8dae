// The rows of a scenario that repeat published values, and the parameters that were fitted to them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kless::experiment {

// The origin of a value of the published table in the model.
enum class Evidence {
  kInput,      // a parameter of the model, set to the published value
  kFitted,     // a parameter was chosen to reproduce it
  kPredicted,  // it follows from parameters that have other sources
};
const char* EvidenceName(Evidence evidence);  // "input", "fitted", "predicted"

// A row of the table published | emulated | error | source.
struct PublishedRow {
  std::string label;                        // "100 jobs of 1 pod, serverless, warm"
  std::string figure;                       // "5.2a"
  std::string metric;                       // name in MeasureRun
  std::string statistic;                    // "best", "median"
  std::optional<double> published;          // the published value, or
  std::optional<double> at_least, at_most;  // the published bounds
  double emulated = 0;
  std::optional<double> median, worst, best;
  double relative_error = 0;  // signed; 0 within bounds
  double tolerance = 0.05;    // of |relative_error|
  Evidence evidence = Evidence::kPredicted;
  std::string fitted_by;  // kFitted: the parameter, "submitter.rtt", and its evidence
  std::optional<double> left_out_error;  // without this figure in the fit
  std::string unit;
  std::string source;
  std::string case_name;  // CaseResult::name that it is about; "": it compares cases
  // What the command line changed of the cases that the row is about ("--without init"): the row
  // then shows a what-if, which is not judged against what was published.
  std::vector<std::string> what_if;
  bool judged() const { return what_if.empty(); }
  bool ok() const;  // within the tolerance
  bool off() const { return judged() && !ok(); }
  // The published value as a cell: "3.29 s", "> 12.9 s" for a lower bound, "" if there is none.
  std::string PublishedText() const;
};

struct FittedParameter {
  std::string path;                     // "profile.store_request_cpu"
  double value = 0, low = 0, high = 0;  // bounds from independent evidence
  std::string unit;
  std::string evidence;   // a sentence with its source
  std::string fitted_to;  // label of the row
  std::string name;       // its name in rows; its path unless two profiles have one each
};

}  // namespace kless::experiment
