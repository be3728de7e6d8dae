// The cells of Tables, and the form of ages.
#include "functions/kubernetes/columns/columns.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/values/human_duration.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr const char* kCreated = "2026-01-01T00:00:00Z";

Kind MakeKind(const std::string& group, const std::string& name) {
  Kind kind;
  kind.group = group;
  kind.version = "v1";
  kind.kind = name;
  return kind;
}

// The cells of an object ten seconds after its creation, including wide ones.
json Cells(const std::string& group, const std::string& name, json object) {
  object["metadata"]["creationTimestamp"] = kCreated;
  json cells = json::array();
  for (const Column& column : ColumnsOf(MakeKind(group, name))) {
    cells.push_back(column.cell(object, *ParseTime(kCreated) + 10 * kSecond));
  }
  return cells;
}

std::string PodStatus(json pod) {
  pod["metadata"]["name"] = "p";
  return Cells("", "Pod", std::move(pod))[2];
}

TEST(HumanDurationTest, ShowsTheTwoUnitsThatMatter) {
  const std::vector<std::pair<std::int64_t, const char*>> cases = {{0, "0s"},
                                                                   {119, "119s"},
                                                                   {120, "2m"},
                                                                   {135, "2m15s"},
                                                                   {599, "9m59s"},
                                                                   {600, "10m"},
                                                                   {3 * 3600 - 1, "179m"},
                                                                   {3 * 3600, "3h"},
                                                                   {8 * 3600 - 1, "7h59m"},
                                                                   {8 * 3600, "8h"},
                                                                   {47 * 3600, "47h"},
                                                                   {48 * 3600, "2d"},
                                                                   {8 * 86400 - 1, "7d23h"},
                                                                   {8 * 86400, "8d"},
                                                                   {2 * 365 * 86400, "2y"},
                                                                   {800 * 86400LL, "2y70d"},
                                                                   {10 * 365 * 86400LL, "10y"},
                                                                   {-1, "0s"},
                                                                   {-2, "<invalid>"}};
  for (const auto& [seconds, text] : cases) {
    EXPECT_EQ(HumanDuration(seconds * kSecond), text) << seconds;
  }
}

TEST(ColumnsTest, FreshPodHasNothingReadyAndNoNode) {
  EXPECT_EQ(Cells("", "Pod",
                  {{"metadata", {{"name", "p"}}},
                   {"spec", {{"containers", {{{"name", "c"}}, {{"name", "d"}}}}}},
                   {"status", {{"phase", "Pending"}}}}),
            json({"p", "0/2", "Pending", "0", "10s", "<none>", "<none>", "<none>", "<none>"}));
}

TEST(ColumnsTest, PodStatusIsWhatHoldsItUp) {
  const json waiting = {{"state", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}}};
  EXPECT_EQ(PodStatus({{"status", {{"phase", "Running"}, {"containerStatuses", {waiting}}}}}),
            "CrashLoopBackOff");
  const json killed = {{"state", {{"terminated", {{"exitCode", 137}, {"signal", 9}}}}}};
  EXPECT_EQ(PodStatus({{"status", {{"phase", "Failed"}, {"containerStatuses", {killed}}}}}),
            "Signal:9");
  const json init = {{"name", "i"}, {"state", {{"waiting", {{"reason", "PodInitializing"}}}}}};
  EXPECT_EQ(PodStatus({{"spec", {{"initContainers", {{{"name", "i"}}, {{"name", "j"}}}}}},
                       {"status", {{"phase", "Pending"}, {"initContainerStatuses", {init}}}}}),
            "Init:0/2");
  EXPECT_EQ(PodStatus({{"metadata", {{"deletionTimestamp", kCreated}}},
                       {"status", {{"phase", "Running"}}}}),
            "Terminating");
  EXPECT_EQ(PodStatus({{"metadata", {{"deletionTimestamp", kCreated}}},
                       {"status", {{"phase", "Succeeded"}}}}),
            "Succeeded");
  EXPECT_EQ(PodStatus({{"status", {{"phase", "Failed"}, {"reason", "Evicted"}}}}), "Evicted");
}

TEST(ColumnsTest, RestartsTellWhenTheLastOneWas) {
  const json status = {{"restartCount", 3},
                       {"ready", true},
                       {"state", {{"running", json::object()}}},
                       {"lastState", {{"terminated", {{"finishedAt", "2026-01-01T00:00:04Z"}}}}}};
  const json cells = Cells("", "Pod",
                           {{"spec", {{"containers", {{{"name", "c"}}}}}},
                            {"status", {{"phase", "Running"}, {"containerStatuses", {status}}}}});
  EXPECT_EQ(cells[1], "1/1");
  EXPECT_EQ(cells[3], "3 (6s ago)");
}

TEST(ColumnsTest, JobsShowStateCompletionsAndDuration) {
  json job = {{"metadata", {{"name", "j"}}},
              {"spec",
               {{"completions", 3},
                {"selector", {{"matchLabels", {{"b", "2"}, {"a", "1"}}}}},
                {"template", {{"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}}}}}}},
              {"status", {{"succeeded", 1}, {"startTime", "2026-01-01T00:00:02Z"}}}};
  EXPECT_EQ(Cells("batch", "Job", job),
            json({"j", "Running", "1/3", "8s", "10s", "c", "i", "a=1,b=2"}));
  job["spec"].erase("completions");
  job["spec"]["parallelism"] = 4;
  job["status"]["completionTime"] = "2026-01-01T00:00:05Z";
  job["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  const json done = Cells("batch", "Job", job);
  EXPECT_EQ(done[1], "Complete");
  EXPECT_EQ(done[2], "1/1 of 4");
  EXPECT_EQ(done[3], "3s");
}

TEST(ColumnsTest, NodesShowRolesAndWhetherTheyTakePods) {
  const json cells = Cells(
      "", "Node",
      {{"metadata",
        {{"labels", {{"node-role.kubernetes.io/worker", ""}, {"kubernetes.io/role", "edge"}}}}},
       {"spec", {{"unschedulable", true}}},
       {"status", {{"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}});
  EXPECT_EQ(cells[1], "Ready,SchedulingDisabled");
  EXPECT_EQ(cells[2], "edge,worker");
}

TEST(ColumnsTest, EventsAreAsOldAsTheirLastOccurrence) {
  const json event = {{"firstTimestamp", kCreated},
                      {"lastTimestamp", "2026-01-01T00:00:07Z"},
                      {"type", "Normal"},
                      {"reason", "Started"},
                      {"message", " it runs\n"},
                      {"involvedObject", {{"kind", "Pod"}, {"name", "p"}}},
                      {"source", {{"component", "kubelet"}, {"host", "n"}}}};
  EXPECT_EQ(Cells("", "Event", event),
            json({"3s", "Normal", "Started", "pod/p", "", "kubelet, n", "it runs", "10s", 1, ""}));
}

TEST(ColumnsTest, ServicesShowPortsAndAddresses) {
  const json service = {{"metadata", {{"name", "s"}}},
                        {"spec",
                         {{"type", "LoadBalancer"},
                          {"clusterIPs", {"10.0.0.1"}},
                          {"ports",
                           {{{"port", 80}, {"nodePort", 30080}, {"protocol", "TCP"}},
                            {{"port", 53}, {"protocol", "UDP"}}}}}}};
  EXPECT_EQ(Cells("", "Service", service), json({"s", "LoadBalancer", "10.0.0.1", "<pending>",
                                                 "80:30080/TCP,53/UDP", "10s", "<none>"}));
}

TEST(ColumnsTest, KindsWithoutColumnsShowNameAndAge) {
  EXPECT_EQ(Cells("example.com", "Pod", {{"metadata", {{"name", "x"}}}}), json({"x", "10s"}));
}

TEST(ColumnsTest, NothingThrowsWhateverTheObjectIs) {
  const std::vector<json> values = {
      nullptr, 3, "x", json::array(), json::array({1, "a", nullptr}), {{"a", 1}}, true};
  for (const Kind& kind : Kinds()) {
    for (const json& value : values) {
      json object = {{"metadata", value}, {"spec", value}, {"status", value}, {"data", value}};
      for (const char* member : {"conditions", "containerStatuses", "addresses", "ports"}) {
        json deep = object;
        deep["status"] = {{member, value}};
        deep["spec"] = {{member, value}, {"containers", value}, {"template", value}};
        for (const Column& column : ColumnsOf(kind)) {
          EXPECT_NO_THROW(column.cell(object, 0)) << kind.kind << column.name << value;
          EXPECT_NO_THROW(column.cell(deep, 0)) << kind.kind << column.name << value;
        }
      }
      EXPECT_NO_THROW(RowConditions(kind, value));
    }
  }
}

}  // namespace
}  // namespace kless::kubernetes
