// Plays the refusals of a real API server that tests/recordings/job_probe.txt holds.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "functions/kubernetes/objects/status_object.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

// The JSON object that begins at `at`; npos if it does not end there.
std::size_t EndOfObject(const std::string& text, std::size_t at) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth == 0) return i + 1;
  }
  return std::string::npos;
}

// Parses "  spec <spec> <template> <metadata>" into the Job, or null if the recording is cut off.
json RecordedJob(const std::string& line) {
  std::vector<std::string> parts;
  std::size_t at = line.find("spec ") + 5;
  for (int i = 0; i < 3; ++i) {
    if (at < line.size() && line[at] == '{') {
      const std::size_t end = EndOfObject(line, at);
      if (end == std::string::npos) return json();
      parts.push_back(line.substr(at, end - at));
      at = end + 1;
    } else {
      parts.push_back("{}");
      ++at;
    }
  }
  for (char& c : parts[2]) c = c == '\'' ? '"' : c;  // It was written by Python.
  json body = JobBody("j", json::parse(parts[0]));
  body["spec"]["template"].merge_patch(json::parse(parts[1]));
  body["metadata"].merge_patch(json::parse(parts[2]));
  return body;
}

// The rules of the one Job whose line was cut off, after the answer to it.
json CutOffJob() {
  return JobBody("j", json::parse(R"({"completionMode":"Indexed","completions":5,
    "successPolicy":{"rules":[{},{"succeededIndexes":"3,1"},{"succeededIndexes":"0-9"},
      {"succeededIndexes":"1-2-3"},{"succeededIndexes":"0,1","succeededCount":3},
      {"succeededCount":9}]}})"));
}

// Removes differences between two runs: uids, and the templates of immutable fields, which the API
// server shows as Go has them in memory.
std::string Comparable(const std::string& message) {
  static const std::regex kUid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const std::regex kTemplate("spec\\.template: Invalid value: \\{.*\\}: field is immutable");
  return std::regex_replace(std::regex_replace(message, kUid, "UID"), kTemplate,
                            "spec.template: Invalid value: {}: field is immutable");
}

class JobRecordingTest : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(KLESS_SOURCE_DIR "/tests/recordings/job_probe.txt");
    bool invalid = false;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("=== ")) invalid = line == "=== invalid";
      if (invalid) lines_.push_back(line);
    }
    ASSERT_GT(lines_.size(), 50U);
  }

  std::vector<std::string> lines_;
};

TEST_F(JobRecordingTest, V1_V28_CreatesAreRefusedInTheRecordedWords) {
  json body;
  int played = 0;
  for (const std::string& line : lines_) {
    if (line.starts_with("  spec ")) {
      body = RecordedJob(line);
      if (body.is_null()) body = CutOffJob();
    }
    const std::string kPost = "  POST 422 ";
    if (!line.starts_with(kPost)) continue;
    const Written created = Create(KindOf("job"), body);
    EXPECT_EQ(Comparable(InvalidMessage(KindOf("job"), body["metadata"]["name"], created.errors)),
              Comparable(line.substr(kPost.size())));
    ++played;
  }
  EXPECT_GE(played, 20);
}

TEST_F(JobRecordingTest, V29_PatchesAreRefusedInTheRecordedWords) {
  const json old = Create(KindOf("job"), JobBody("up")).object;
  int played = 0;
  for (const std::string& line : lines_) {
    const std::string kPatch = "  patch ";
    const std::size_t answer = line.find(" 422 Invalid ");
    if (!line.starts_with(kPatch) || answer == std::string::npos) continue;
    json body = old;
    body.merge_patch(json::parse(line.substr(kPatch.size(), answer - kPatch.size())));
    const Written updated = Update(KindOf("job"), body, old);
    EXPECT_EQ(Comparable(InvalidMessage(KindOf("job"), "up", updated.errors)),
              Comparable(line.substr(answer + std::string(" 422 Invalid ").size())));
    ++played;
  }
  EXPECT_EQ(played, 6);
}

}  // namespace
}  // namespace kless::kubernetes
