// `kless bench`: the budgets of the design as a table, budget against measured.
#pragma once

#include <string>
#include <vector>

namespace kless::cli {

// The names that `only` may hold.
std::vector<std::string> BenchNames();

// Prints one line a budget as it is measured; `only` empty means all.  as_json: one JSON object a
// line instead of the table.  Returns 0 if every budget was met, else 1.
int RunBench(const std::vector<std::string>& only, bool as_json);

// True if GET /kless/v1/health of the daemon at `endpoint` answers 200.
bool AnswersHealth(const std::string& endpoint);

}  // namespace kless::cli
