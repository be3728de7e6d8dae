// Replays the recording of a real Kubernetes 1.36.2 (job_probe.txt) in virtual time in the classic
// control plane: the same pods end at the same times, the same patches are made, and every status,
// every event and the remaining pods must be the recorded ones.  The section "invalid" concerns the
// API server, not a controller.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "tests/support/test_emulator.h"

namespace kless::testing {
namespace {

using nlohmann::json;

// The recorded processes needed some time for steps that take none here.
constexpr double kTolerance = 0.15;  // s

struct Step {
  double at = 0;  // s after the Job's creation
  int generation = 0;
  std::string status;
};

struct Action {
  double at = 0;
  std::string pod;  // recorded name; "": a patch of the Job's spec
  int exit_code = 0;
  json patch;
};

struct Section {
  std::vector<Step> steps;
  std::vector<Action> actions;
  std::vector<std::string> events;  // "Normal SuccessfulCreate | Created pod: j-x"
  std::vector<std::string> pods;    // "j-x Succeeded"
  json job_labels;
  std::string namespace_name = "probe";
};

bool StartsWith(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

std::string Between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  if (begin == std::string::npos) return "";
  const std::size_t after = begin + from.size();
  return text.substr(after, to.empty() ? std::string::npos : text.find(to, after) - after);
}

void ReadTimed(const std::string& line, Section& section) {
  std::istringstream in(line.substr(3));
  double at = 0;
  std::string unit, what;
  in >> at >> unit >> what;
  if (what == "MODIFIED" || what == "DELETED") {
    Step step{at, std::stoi(Between(line, "gen=", " ")), ""};
    step.status = DumpJson(json::parse(Between(line, "fin= ", "")));
    section.steps.push_back(std::move(step));
  } else if (what == "[kubelet]") {
    Action action{at, "", 0, nullptr};
    in >> action.pod;
    action.exit_code = std::stoi(Between(line, "exit ", " "));
    section.actions.push_back(std::move(action));
  } else if (what == "[user]") {
    section.actions.push_back({at, "", 0, json::parse(Between(line, "patch ", " ->"))});
  }
}

void ReadLine(const std::string& line, Section& section) {
  if (StartsWith(line, "  +")) {
    ReadTimed(line, section);
  } else if (StartsWith(line, "   ev ")) {
    section.events.push_back(line.substr(6, line.rfind(" | ") - 6));
  } else if (StartsWith(line, "   pod ")) {
    section.pods.push_back(line.substr(7, line.find(" fin ") - 7));
  } else if (StartsWith(line, "job labels ")) {
    std::string labels = Between(line, "job labels ", "}") + "}";
    std::replace(labels.begin(), labels.end(), '\'', '"');
    section.job_labels = json::parse(labels);
  }
  if (const std::string named = Between(line, "for pod ", "/"); !named.empty()) {
    section.namespace_name = named;
  }
}

std::map<std::string, Section> ReadRecording() {
  std::ifstream file(KLESS_SOURCE_DIR "/tests/recordings/job_probe.txt");
  std::map<std::string, Section> sections;
  std::string line, name;
  while (std::getline(file, line)) {
    if (StartsWith(line, "=== ")) {
      name = line.substr(4);
    } else if (!name.empty() && name != "invalid") {
      ReadLine(line, sections[name]);
    }
  }
  return sections;
}

// A status as the recording prints it: times "set", uncounted pods by number, conditions on one
// line.
std::string Printed(json status) {
  for (const char* key : {"startTime", "completionTime"}) {
    if (status.contains(key)) status[key] = "set";
  }
  for (auto& [key, uids] : status["uncountedTerminatedPods"].items()) uids = uids.size();
  json conditions = json::array();
  for (const json& condition : status.value("conditions", json::array())) {
    conditions.push_back(condition["type"].get<std::string>() + "=" +
                         condition["status"].get<std::string>() + "(" +
                         condition["reason"].get<std::string>() + "|" +
                         condition["message"].get<std::string>() + ")");
  }
  status["conditions"] = std::move(conditions);
  return DumpJson(status);
}

class JobProbeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sections_ = ReadRecording();
    Config config = TestConfig();
    config.control_plane = ControlPlane::kClassic;
    config.latency.classic.client_qps = 0;
    emulator_ = std::make_unique<TestEmulator>(config);
  }

  // The Job is created `phase` seconds after a whole second: startTime and finishedAt have whole
  // seconds, so waits that count from them depend on it.
  void Play(const std::string& name, const json& spec, double phase = 0.1,
            const json& template_labels = nullptr) {
    ASSERT_TRUE(sections_.contains(name));
    section_ = sections_.at(name);
    emulator_->Call("POST", "/api/v1/namespaces",
                    json{{"apiVersion", "v1"},
                         {"kind", "Namespace"},
                         {"metadata", {{"name", section_.namespace_name}}}});
    ASSERT_TRUE(emulator_->RunUntilIdle());
    RunUntil(std::ceil(Seconds()) + phase);
    before_ = emulator_->Records().size();
    began_at_ = Seconds();
    json manifest = JobManifest("j", spec);
    manifest["metadata"]["namespace"] = section_.namespace_name;
    json& pod_template = manifest["spec"]["template"];
    pod_template["spec"]["containers"] = json::array({{{"name", "c"}, {"image", "b"}}});
    if (!template_labels.is_null()) pod_template["metadata"]["labels"] = template_labels;
    emulator_->Call("POST", Jobs(), manifest);
  }

  void PlayActions() {
    for (const Action& action : section_.actions) {
      RunUntil(began_at_ + action.at);
      if (action.pod.empty()) {
        PatchSpec(action.patch);
      } else {
        EndPod(OursOf(action.pod), action.exit_code);
      }
    }
    RunUntil(began_at_ + (section_.steps.empty() ? 0 : section_.steps.back().at) + 5);
  }

  double Seconds() const {
    return static_cast<double>(emulator_->event_loop().UnixNanos() -
                               VirtualEventLoop::kDefaultUnixEpochNanos) /
           1e9;
  }
  void RunUntil(double seconds) {
    const double wait = seconds - Seconds();
    if (wait > 0) emulator_->RunFor(Duration(static_cast<Duration::rep>(std::llround(wait * 1e9))));
  }

  std::string Jobs() const {
    return "/apis/batch/v1/namespaces/" + section_.namespace_name + "/jobs";
  }

  // Records since the Job's creation.
  std::vector<RecordPtr> RecordsOf(const std::string& type) {
    std::vector<RecordPtr> found;
    const auto records = emulator_->Records();
    for (std::size_t i = before_; i < records.size(); ++i) {
      if (emulator_->store().resources().IdOf(records[i]->key).type == type) {
        found.push_back(records[i]);
      }
    }
    return found;
  }

  // Names of the pods in the order of their creation.
  std::vector<std::string> Created() {
    std::vector<std::string> names;
    for (const RecordPtr& record : RecordsOf("pod")) {
      if (record->type != ChangeType::kInsert) continue;
      const std::string name = emulator_->store().resources().IdOf(record->key).name;
      names.push_back(name.substr(name.find('/') + 1));
    }
    return names;
  }

  // The nth recorded pod is our nth; if the recording does not number it, it is our first of the
  // same index.
  std::string OursOf(const std::string& recorded) {
    if (const auto known = ours_.find(recorded); known != ours_.end()) return known->second;
    const auto created = Created();
    std::size_t at = 0;
    for (const std::string& event : section_.events) {
      const std::string name = Between(event, "Created pod: ", "");
      if (name.empty()) continue;
      if (name == recorded && at < created.size()) return ours_[recorded] = created[at];
      ++at;
    }
    const std::string base = recorded.substr(0, recorded.rfind('-'));
    for (const std::string& name : created) {
      if (name.substr(0, name.rfind('-')) == base) return ours_[recorded] = name;
    }
    ADD_FAILURE() << "no pod for " << recorded;
    return recorded;
  }

  void Write(const std::string& pod, const std::function<void(json&)>& change) {
    const ResourceId id{"pod", section_.namespace_name + "/" + pod};
    const auto item = emulator_->store().resources().Get(id);
    ASSERT_TRUE(item.has_value()) << pod;
    json object = json::parse(item.value()->document);
    change(object);
    ASSERT_TRUE(emulator_->store()
                    .resources()
                    .Put(id, DumpJson(object), Condition::VersionIs(item.value()->version))
                    .has_value());
    emulator_->store().EndTurn();
  }

  void EndPod(const std::string& pod, int exit_code) {
    const std::string now = FormatTime(emulator_->event_loop().UnixNanos());
    Write(pod, [&](json& object) {
      json terminated = {{"exitCode", exit_code}, {"finishedAt", now}};
      json container = {{"name", "c"}, {"restartCount", 0}};
      container["state"]["terminated"] = std::move(terminated);
      object["status"]["phase"] = exit_code == 0 ? "Succeeded" : "Failed";
      object["status"]["containerStatuses"] = json::array({std::move(container)});
      object["status"].erase("conditions");
    });
  }

  void PatchSpec(const json& patch) {
    json job = emulator_->Call("GET", Jobs() + "/j");
    job.merge_patch(patch);
    emulator_->Call("PUT", Jobs() + "/j", job);
  }

  // Replaces recorded pod names by ours.
  std::string Translated(std::string text) {
    for (const auto& [recorded, ours] : ours_) {
      for (std::size_t at = text.find(recorded); at != std::string::npos;
           at = text.find(recorded, at + ours.size())) {
        text.replace(at, recorded.size(), ours);
      }
    }
    return text;
  }

  void ExpectRecorded() {
    for (const std::string& event : section_.events) {
      if (const auto name = Between(event, "Created pod: ", ""); !name.empty()) OursOf(name);
    }
    ExpectStatuses();
    if (!section_.events.empty()) ExpectEvents();
    if (!section_.pods.empty()) ExpectPods();
  }

  void ExpectStatuses() {
    std::vector<Step> steps;
    for (const RecordPtr& record : RecordsOf("job")) {
      if (record->type == ChangeType::kInsert) continue;
      const ItemPtr& image = record->new_image ? record->new_image : record->old_image;
      const json job = json::parse(image->document);
      const std::int64_t since_epoch =
          record->unix_nanos - VirtualEventLoop::kDefaultUnixEpochNanos;
      steps.push_back({static_cast<double>(since_epoch) / 1e9 - began_at_,
                       job["metadata"]["generation"].get<int>(), Printed(job["status"])});
    }
    ASSERT_EQ(steps.size(), section_.steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      EXPECT_EQ(steps[i].status, Translated(section_.steps[i].status)) << "step " << i;
      EXPECT_EQ(steps[i].generation, section_.steps[i].generation) << "step " << i;
      EXPECT_NEAR(steps[i].at, section_.steps[i].at, kTolerance) << "step " << i;
    }
  }

  // Events about several pods of one batch may come in any order.
  void ExpectEvents() {
    std::vector<std::string> said, recorded;
    for (const RecordPtr& record : RecordsOf("event")) {
      if (record->type != ChangeType::kInsert) continue;
      const json event = json::parse(record->new_image->document);
      if (event["involvedObject"]["kind"] != "Job") continue;
      said.push_back(event["type"].get<std::string>() + " " + event["reason"].get<std::string>() +
                     " | " + event["message"].get<std::string>());
      EXPECT_EQ(event["source"]["component"], "job-controller");
    }
    for (const std::string& event : section_.events) {
      recorded.push_back(Translated(event.substr(0, event.find(" | {"))));
    }
    const auto reasons = [](const std::vector<std::string>& events) {
      std::vector<std::string> texts;
      for (const std::string& event : events) texts.push_back(event.substr(0, event.find(" | ")));
      return texts;
    };
    EXPECT_EQ(reasons(said), reasons(recorded));
    std::sort(said.begin(), said.end());
    std::sort(recorded.begin(), recorded.end());
    EXPECT_EQ(said, recorded);
  }

  void ExpectPods() {
    std::vector<std::string> left, recorded;
    const json pods =
        emulator_->Call("GET", "/api/v1/namespaces/" + section_.namespace_name + "/pods")["items"];
    for (const json& pod : pods) {
      left.push_back(pod["metadata"]["name"].get<std::string>() + " " +
                     pod["status"]["phase"].get<std::string>());
      EXPECT_FALSE(pod["metadata"].contains("finalizers"));
      EXPECT_FALSE(pod["metadata"].contains("deletionTimestamp"));
    }
    for (const std::string& pod : section_.pods) {
      OursOf(pod.substr(0, pod.find(' ')));
      recorded.push_back(Translated(pod));
    }
    std::sort(left.begin(), left.end());
    std::sort(recorded.begin(), recorded.end());
    EXPECT_EQ(left, recorded);
  }

  // The recorded labels with this Job's uid.
  void ExpectLabels() {
    const json metadata = emulator_->Call("GET", Jobs() + "/j")["metadata"];
    json labels = section_.job_labels;
    for (auto& [key, value] : labels.items()) {
      if (key.ends_with("controller-uid")) value = metadata["uid"];
    }
    EXPECT_EQ(metadata["labels"], labels);
  }

  std::map<std::string, Section> sections_;
  Section section_;
  std::unique_ptr<TestEmulator> emulator_;
  std::map<std::string, std::string> ours_;  // recorded pod name, ours
  std::size_t before_ = 0;
  double began_at_ = 0;
};

TEST_F(JobProbeTest, D2_D4_I2_Basic) {
  Play("basic", {{"completions", 3}, {"parallelism", 2}});
  // The recording shows that one pod was ready for a time, not when it became so.
  RunUntil(began_at_ + 0.5);
  const auto pods = Created();
  ASSERT_EQ(pods.size(), 2u);
  Write(pods[0], [](json& pod) {
    pod["status"]["phase"] = "Running";
    pod["status"]["conditions"] = json::array({{{"type", "Ready"}, {"status", "True"}}});
  });
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, D3_Indexed) {
  Play("indexed", {{"completionMode", "Indexed"}, {"completions", 5}, {"parallelism", 5}});
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, E5_E6_Backoff0) {
  Play("backoff0", {{"completions", 3}, {"parallelism", 3}, {"backoffLimit", 0}});
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, E8_Deadline) {
  Play("deadline", {{"completions", 2}, {"parallelism", 2}, {"activeDeadlineSeconds", 3}}, 0.38);
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, E11_E12_E13_Suspend) {
  Play("suspend", {{"completions", 2}, {"parallelism", 2}, {"suspend", true}});
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, E3_G4_G6_Pfp) {
  const json policy = json::parse(R"({"rules":[
      {"action":"Ignore","onExitCodes":{"operator":"In","values":[1]}},
      {"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}]})");
  Play("pfp", {{"completions", 2}, {"parallelism", 2}, {"podFailurePolicy", policy}}, 0.08);
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, C13_ZeroCompletions) {
  Play("zero-completions", {{"completions", 0}});
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, C12_ZeroParallelism) {
  Play("zero-parallelism", {{"completions", 1}, {"parallelism", 0}});
  PlayActions();
  ExpectRecorded();
}

TEST_F(JobProbeTest, A7_Labels) {
  Play("labels", json::object(), 0.1, {{"a", "b"}});
  PlayActions();
  ExpectRecorded();
  ExpectLabels();
}

TEST_F(JobProbeTest, A7_NoLabels) {
  Play("nolabels", json::object());
  PlayActions();
  ExpectRecorded();
  ExpectLabels();
}

TEST_F(JobProbeTest, D19_BackgroundDeletion) {
  Play("bgdelete", {{"completions", 2}, {"parallelism", 2}});
  RunUntil(began_at_ + 0.05);
  const json answer =
      emulator_->Call("DELETE", Jobs() + "/j", json{{"propagationPolicy", "Background"}});
  EXPECT_EQ(answer["status"], "Success");
  EXPECT_EQ(answer["details"]["kind"], "jobs");
  PlayActions();
  ExpectRecorded();
}

}  // namespace
}  // namespace kless::testing
