#include "emulator/experiment/measures/run_result.h"

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cstddef>
#include <nlohmann/json.hpp>

namespace kless::experiment {

namespace describe = boost::describe;
namespace mp11 = boost::mp11;
using nlohmann::json;

namespace {
template <class Struct>
using Members = describe::describe_members<Struct, describe::mod_public>;
}  // namespace

// The order of the members is that of the columns of a row.
BOOST_DESCRIBE_STRUCT(JobTiming, (),
                      (name, due, begun, written, reconciled, answered, pods_wanted, pods))
BOOST_DESCRIBE_STRUCT(PodTiming, (), (job, name, created, start, causes))
BOOST_DESCRIBE_STRUCT(InvocationTiming, (),
                      (function, environment, start, outcome, requested, queued, init, run, store,
                       billed, memory_mb, throttles, ideal))
BOOST_DESCRIBE_STRUCT(EnvironmentSample, (), (at, initializing, busy, idle))
BOOST_DESCRIBE_STRUCT(FeedSample, (), (at, iterator_age, queued))
BOOST_DESCRIBE_STRUCT(StartupStage, (), (name, duration))
BOOST_DESCRIBE_STRUCT(Provisioned, (), (environments, memory_mb))
BOOST_DESCRIBE_STRUCT(RunResult, (),
                      (seed, jobs, pods, invocations, environments, throttles, feed, startup, end,
                       last_pod_end, concurrency_cap, environment_memory_mb, provisioned,
                       concurrency_peak, counts, problem))

const std::vector<std::string>& CauseNames() {
  static const std::vector<std::string> names = {"submit",        "commit",  "feed",  "lane",
                                                 "throttle",      "wait",    "init",  "batch",
                                                 "first_request", "compute", "store", "other"};
  return names;
}

const char* CauseName(Cause cause) { return CauseNames()[static_cast<std::size_t>(cause)].c_str(); }

// A row of a table: the members of a described struct in their order, without their names, because
// a run of 100,000 pods is sent through a pipe.
template <class Row>
requires describe::has_describe_members<Row>::value void to_json(json& row, const Row& value) {
  row = json::array();
  mp11::mp_for_each<Members<Row>>([&](auto member) { row.push_back(value.*member.pointer); });
}

template <class Row>
requires describe::has_describe_members<Row>::value void from_json(const json& row, Row& value) {
  std::size_t column = 0;
  mp11::mp_for_each<Members<Row>>(
      [&](auto member) { row.at(column++).get_to(value.*member.pointer); });
}

json RunResultToJson(const RunResult& result) {
  json document = json::object();
  mp11::mp_for_each<Members<RunResult>>(
      [&](auto member) { document[member.name] = result.*member.pointer; });
  return document;
}

Result<RunResult> RunResultFromJson(const json& document) {
  RunResult result;
  try {
    mp11::mp_for_each<Members<RunResult>>(
        [&](auto member) { document.at(member.name).get_to(result.*member.pointer); });
  } catch (const json::exception& error) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string("not the document of a run: ") + error.what());
  }
  return result;
}

}  // namespace kless::experiment
