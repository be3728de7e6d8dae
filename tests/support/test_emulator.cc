#include "tests/support/test_emulator.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/json.h"

namespace kless::testing {

Config TestConfig() {
  Config config;
  config.seed = 1;
  config.store.durability = Durability::kMemory;
  config.function_default.config.timeout = std::chrono::seconds(300);
  return config;
}

TestEmulator::TestEmulator(Config config) : config_(std::move(config)) { Open(); }

TestEmulator::~TestEmulator() = default;

void TestEmulator::Open() {
  context_ = std::make_unique<asio::io_context>(1);
  event_loop_ = std::make_unique<VirtualEventLoop>(*context_);
  auto made = Emulator::Create(*event_loop_, config_);
  if (made.has_error()) throw std::runtime_error(made.error().message);
  emulator_ = std::move(made.value());
}

void TestEmulator::Restart() {
  emulator_.reset();
  event_loop_.reset();
  context_.reset();
  Open();
}

HttpResponse TestEmulator::Send(std::string method, std::string target, std::string body,
                                std::string content_type) {
  HttpRequest request;
  request.method = std::move(method);
  request.body = std::move(body);
  if (!request.body.empty()) request.headers["content-type"] = std::move(content_type);
  EXPECT_TRUE(ParseTarget(target, &request).has_value()) << target;
  std::optional<HttpResponse> response;
  asio::co_spawn(event_loop_->executor(), emulator_->router().Dispatch(std::move(request)),
                 [&](std::exception_ptr failure, HttpResponse answer) {
                   EXPECT_FALSE(failure) << target;
                   response = std::move(answer);
                 });
  event_loop_->RunUntil([&] { return response.has_value(); }, TimePoint::max());
  EXPECT_TRUE(response.has_value()) << method << " " << target << " was never answered";
  return response.value_or(HttpResponse{});
}

nlohmann::json TestEmulator::Call(std::string method, std::string target) {
  return Call(std::move(method), std::move(target), nlohmann::json());
}

nlohmann::json TestEmulator::Call(std::string method, std::string target,
                                  const nlohmann::json& body) {
  const HttpResponse response = Send(method, target, body.is_null() ? "" : DumpJson(body));
  EXPECT_TRUE(response.status >= 200 && response.status < 300)
      << method << " " << target << ": " << response.status << " " << response.body;
  if (response.body.empty()) return nullptr;
  return nlohmann::json::parse(response.body);
}

bool TestEmulator::RunUntilIdle(Duration limit) {
  return event_loop_->RunUntil([&] { return emulator_->Idle(); }, event_loop_->Now() + limit);
}

void TestEmulator::RunFor(Duration duration) { event_loop_->Run(event_loop_->Now() + duration); }

std::vector<RecordPtr> TestEmulator::Records() {
  store().EndTurn();
  std::vector<RecordPtr> records;
  std::uint64_t after = store().feed().LowWaterMark();
  for (;;) {
    auto read = store().feed().Read(after, 1000);
    if (read.has_error() || read->empty()) return records;
    after = read->back()->sequence;
    records.insert(records.end(), read->begin(), read->end());
  }
}

nlohmann::json JobManifest(const std::string& name, const nlohmann::json& spec) {
  nlohmann::json job = {
      {"apiVersion", "batch/v1"},
      {"kind", "Job"},
      {"metadata", {{"name", name}, {"namespace", "default"}}},
      {"spec",
       {{"template",
         {{"spec",
           {{"restartPolicy", "Never"},
            {"containers",
             nlohmann::json::array({{{"name", "main"}, {"image", "busybox:1.36"}}})}}}}}}}};
  if (spec.is_object()) job["spec"].update(spec);
  return job;
}

}  // namespace kless::testing
