#include "emulator/recording.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "emulator/settings.h"

namespace kless {
namespace {

using std::chrono::milliseconds;

class RecordingTest : public testing::Test {
 protected:
  RecordingTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kless-test-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    path = folder + "/r.jsonl";
  }
  ~RecordingTest() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<Recorder> Record() {
    RecordingHeader header{1'764'000'000'000, UINT64_MAX, 2, {{"loops", "job"}}};
    auto made = Recorder::Create(path, event_loop, header);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return std::move(made.value());
  }
  void Sleep(Duration time) { event_loop.Run(event_loop.Now() + time); }
  std::string Text() const {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  // The error of reading `text`.
  Error Damage(const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    const auto read = ReadRecording(path);
    return read.has_error() ? read.error() : Error{ErrorCode::kInternal, "it was read"};
  }

  std::string folder;
  std::string path;
  asio::io_context context{1};
  VirtualEventLoop event_loop{context};
};

HttpRequest Request(std::string method, const std::string& target, std::string body = "",
                    std::map<std::string, std::string> headers = {}) {
  HttpRequest request;
  EXPECT_TRUE(ParseTarget(target, &request).has_value());
  request.method = std::move(method);
  request.body = std::move(body);
  request.headers = std::move(headers);
  return request;
}

TEST_F(RecordingTest, WhatWasRecordedIsReadInOrderOfArrival) {
  Sleep(milliseconds(5));
  auto recorder = Record();
  Sleep(milliseconds(3));
  const auto first = recorder->OnRequest(
      Request("POST", "/apis/batch/v1/namespaces/default/jobs?dryRun=All", "{\"a\":\"\xC3\xA4\"}",
              {{"content-type", "application/json"}, {"host", "x"}}));
  Sleep(milliseconds(1));
  const auto second =
      recorder->OnRequest(Request("POST", "/kless/v1/functions/f%20g/invocations", "\xff\x01",
                                  {{"x-kless-invocation-type", "async"}}));
  const auto third = recorder->OnRequest(Request("GET", "/kless/v1/idle"));
  EXPECT_NE(third, second);
  recorder->OnAnswer(second, 202);
  recorder->OnAnswer(first, 201);
  recorder.reset();  // The third was not answered.

  const auto read = ReadRecording(path);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  const RecordingHeader& header = read->header;
  EXPECT_EQ(header.started_unix_ms, 1'764'000'000'000);
  EXPECT_EQ(header.seed, UINT64_MAX);
  EXPECT_EQ(header.boot, 2u);
  EXPECT_EQ(header.settings, (std::map<std::string, std::string>{{"loops", "job"}}));
  EXPECT_FALSE(read->torn);
  ASSERT_EQ(read->requests.size(), 3u);
  const RecordedRequest& job = read->requests[0];
  EXPECT_EQ(job.at, milliseconds(3));
  EXPECT_EQ(job.status, 201);
  EXPECT_EQ(job.request.method, "POST");
  EXPECT_EQ(job.request.path, "/apis/batch/v1/namespaces/default/jobs");
  EXPECT_EQ(job.request.query.at("dryRun"), "All");
  EXPECT_EQ(job.request.body, "{\"a\":\"\xC3\xA4\"}");
  EXPECT_EQ(job.request.headers,
            (std::map<std::string, std::string>{{"content-type", "application/json"}}));
  const RecordedRequest& invocation = read->requests[1];
  EXPECT_EQ(invocation.at, milliseconds(4));
  EXPECT_EQ(invocation.status, 202);
  EXPECT_EQ(invocation.request.path, "/kless/v1/functions/f g/invocations");
  EXPECT_EQ(invocation.request.body, "\xff\x01");
  EXPECT_EQ(invocation.request.headers.at("x-kless-invocation-type"), "async");
  EXPECT_EQ(read->requests[2].status, std::nullopt);
}

TEST_F(RecordingTest, ARequestOfAwsKeepsTargetAndSignatureAndATokenIsNotKept) {
  auto recorder = Record();
  const std::map<std::string, std::string> kept = {{"authorization", "AWS4-HMAC-SHA256 x"},
                                                   {"x-amz-date", "20260101T000000Z"},
                                                   {"x-amz-target", "DynamoDB_20120810.GetItem"}};
  auto headers = kept;
  headers["x-amz-security-token"] = "secret";
  recorder->OnAnswer(recorder->OnRequest(Request("POST", "/", "{}", headers)), 200);
  recorder->OnAnswer(
      recorder->OnRequest(Request("GET", "/api", "", {{"authorization", "Bearer secret"}})), 200);
  recorder.reset();
  const auto read = ReadRecording(path);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->requests[0].request.headers, kept);
  EXPECT_TRUE(read->requests[1].request.headers.empty());
}

TEST_F(RecordingTest, ALineReadsAsWritten) {
  auto recorder = Record();
  recorder->OnAnswer(recorder->OnRequest(Request("GET", "/api/v1/pods?watch=1")), 200);
  EXPECT_EQ(Text().find("GET"), std::string::npos) << "written, but not flushed";
  recorder->Flush();
  EXPECT_EQ(Text(),
            "{\"boot\":2,\"kless-recording\":1,\"seed\":18446744073709551615,"
            "\"settings\":{\"loops\":\"job\"},\"started\":1764000000000}\n"
            "{\"id\":1,\"at_ns\":0,\"method\":\"GET\",\"target\":\"/api/v1/pods?watch=1\","
            "\"status\":200}\n");
}

TEST_F(RecordingTest, ATornLastLineIsLeftOutAndSaid) {
  { Record(); }
  const std::string line = R"({"id":1,"at_ns":0,"method":"GET","target":"/a","status":200})";
  const std::string whole = Text() + line + "\n";
  for (std::size_t kept = 0; kept < line.size(); ++kept) {
    std::ofstream(path, std::ios::binary) << whole + line.substr(0, kept);
    const auto read = ReadRecording(path);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->torn, kept > 0);
    EXPECT_EQ(read->requests.size(), 1u);
  }
}

TEST_F(RecordingTest, DamageIsNamedByFileAndLine) {
  { Record(); }
  const std::string header = Text();
  const std::string good = R"({"id":1,"at_ns":0,"method":"GET","target":"/a","status":200})";
  const auto wrong = [&](const std::string& line, int number, const std::string& words) {
    const std::string before = number == 1 ? "" : header + good + "\n";
    const Error error = Damage(before + line + "\n" + good + "\n");
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument) << line;
    EXPECT_TRUE(error.message.starts_with(path + ":" + std::to_string(number) + ": "))
        << error.message;
    EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
  };
  wrong("{", 3, "not JSON");
  wrong("[1]", 3, "not a JSON object");
  wrong(R"({"at_ns":0,"method":"GET","target":"/a","status":200})", 3, "'id' must be");
  wrong(R"({"id":2,"at_ns":-1,"method":"GET","target":"/a","status":200})", 3, "'at_ns' must be");
  wrong(R"({"id":2,"at_ns":0,"method":7,"target":"/a","status":200})", 3, "'method' must be");
  wrong(R"({"id":2,"at_ns":0,"method":"GET","target":"a","status":200})", 3, "'target' must be");
  wrong(R"({"id":2,"at_ns":0,"method":"GET","target":"/a"})", 3, "'status' must be");
  wrong(R"({"id":2,"at_ns":0,"method":"GET","target":"/a","status":20})", 3, "'status' must be");
  wrong(R"({"id":2,"at_ns":0,"method":"GET","target":"/a","body_base64":"*","status":200})", 3,
        "'body_base64' must be");
  wrong("hello", 1, "not JSON");
  wrong(good, 1, "not a kless recording");
  wrong(R"({"kless-recording":1,"seed":1,"boot":1,"settings":{}})", 1, "'started' must be");
  EXPECT_EQ(Damage("").message, path + ":1: the file is empty");
  EXPECT_EQ(Damage("{\"kless-rec").message, path + ":1: not a kless recording");
  EXPECT_EQ(Damage("{\"kless-recording\":2}\n").code, ErrorCode::kUnsupported);
  EXPECT_EQ(ReadRecording(folder + "/missing").error().code, ErrorCode::kNotFound);
}

TEST_F(RecordingTest, ARecordingIsNeverOverwritten) {
  { Record(); }
  const auto again = Recorder::Create(path, event_loop, {});
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(again.error().message.find("remove it or give another name"), std::string::npos);
  EXPECT_EQ(Recorder::Create(folder + "/no/r", event_loop, {}).error().code,
            ErrorCode::kInvalidArgument);
}

// Simulates a full disk by a limit on the size of files.
TEST_F(RecordingTest, AFullDiskEndsTheRecordingNotTheDaemon) {
  auto recorder = Record();
  ::rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const ::rlimit full{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  for (int i = 0; i < 100; ++i) {
    recorder->OnAnswer(recorder->OnRequest(Request("GET", "/kless/v1/health")), 200);
    recorder->Flush();
  }
  recorder.reset();
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  const auto read = ReadRecording(path);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_TRUE(read->torn);
  EXPECT_GT(read->requests.size(), 3u);
}

TEST_F(RecordingTest, SettingsForAReplayAreThoseThatWereGivenAndMatter) {
  Config config;
  const std::map<std::string, std::string> given = {{"server.port", "0"},
                                                    {"seed", "7"},
                                                    {"record", "r.jsonl"},
                                                    {"log.level", "info"},
                                                    {"store.durability", "full"},
                                                    {"store.key_layout", "name-type"},
                                                    {"functions.scheduler.init", "450"},
                                                    {"functions.default.mapping.batch_size", "7"}};
  for (const auto& [path, text] : given) {
    ApplySetting(*FindSetting(path), text, "a test", &config).value();
  }
  EXPECT_TRUE(ApplySetting(*FindSetting("clock.speed"), "x", "a test", &config).has_error());
  EXPECT_EQ(config.record, "r.jsonl");
  EXPECT_EQ(SettingsForReplay(config),
            (std::map<std::string, std::string>{{"functions.default.mapping.batch_size", "7"},
                                                {"functions.scheduler.init", "450"},
                                                {"store.key_layout", "name-type"}}));
}

}  // namespace
}  // namespace kless
