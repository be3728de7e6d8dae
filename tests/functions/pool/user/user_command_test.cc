// User functions that are commands: real processes with a real loop.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/system/files.h"
#include "emulator/base/system/scratch_folder.h"
#include "functions/pool/user/user_functions.h"
#include "store/store.h"

namespace kless {
namespace {

using nlohmann::json;

class NoUrls final : public UrlCaller {
 public:
  Result<void> Check(const std::string&) const override { return {}; }
  Task<Result<std::string>> Post(std::string, std::string, Headers, TimePoint) override {
    co_return MakeError(ErrorCode::kUnavailable, "there are no sockets here");
  }
};

class UserCommandTest : public testing::Test {
 protected:
  UserCommandTest() {
    StoreOptions options;
    options.durability = Durability::kMemory;
    store = std::move(Store::Open(event_loop, options).value());
    pool = std::make_unique<FunctionPool>(event_loop, *store, profile, faults, PoolOptions{});
    const UserFunctions::Context parts{event_loop, *store, *pool, faults, profile, mappings, urls};
    functions = std::make_unique<UserFunctions>(parts, 1, nullptr, std::set<std::string>{});
  }
  ~UserCommandTest() override {
    event_loop.DropAll();
    mappings.clear();
  }

  void Create(const std::string& script, json fields = json::object()) {
    fields["name"] = "f";
    fields["command"] = {"sh", "-c", script};
    fields["folder"] = folder->path();
    const auto created = functions->Create(fields);
    ASSERT_TRUE(created.has_value()) << created.error().message;
  }
  void PutPod(const std::string& name) {
    store->resources().Put({"pod", "default/" + name}, "{}", Condition::None()).value();
  }
  // Invokes the function directly.
  Result<std::string> Invoke(const std::string& payload) {
    std::optional<InvokeResult> result;
    auto event = std::make_shared<FunctionEvent>();
    event->payload = payload;
    Spawn(event_loop, "test", Await(&result, event));
    event_loop.Run();
    return result->payload;
  }
  // Runs until it holds at the end of an invocation.
  void RunUntil(std::function<bool()> holds) {
    Spawn(event_loop, "test", AwaitState(std::move(holds)));
    event_loop.Run();
  }
  std::string File(const std::string& name) {
    const auto text = ReadFile(folder->path() + "/" + name);
    return text.has_value() ? text.value() : "";
  }

  asio::io_context context{1};
  RealEventLoop event_loop{context};
  LatencyProfile profile;
  Faults faults{1};
  const std::unique_ptr<ScratchFolder> folder = ScratchFolder::Make().value();
  std::unique_ptr<Store> store;
  std::unique_ptr<FunctionPool> pool;
  EventSourceMappings mappings;
  NoUrls urls;
  std::unique_ptr<UserFunctions> functions;

  Task<> Await(std::optional<InvokeResult>* result, std::shared_ptr<FunctionEvent> event) {
    InvokeOptions options;
    InvokeResult got = co_await pool->Invoke("f", event, options);
    result->emplace(std::move(got));
    event_loop.Stop();
  }
  // It has no output to wait for: the clock is advanced beyond its deadline as soon as it runs.
  Task<> SkipOnceItRuns() {
    while (pool->Stats("f").value().busy == 0) {
      co_await event_loop.SleepFor(std::chrono::milliseconds(1));
    }
    event_loop.Advance(std::chrono::hours(1));
  }

 private:
  Task<> AwaitState(std::function<bool()> holds) {
    while (!holds()) co_await pool->changed().Wait();
    event_loop.Stop();
  }
};

TEST_F(UserCommandTest, TheEventGoesInAndTheAnswerComesBack) {
  Create("cat", {{"mapping", nullptr}});
  EXPECT_EQ(Invoke(R"({"a":1})").value(), R"({"a":1})");
  EXPECT_EQ(Invoke("").value(), "{}");
  EXPECT_EQ(functions->Patch("f", {{"command", {"true"}}}).has_value(), true);
  EXPECT_EQ(Invoke("").value(), "null");
}

TEST_F(UserCommandTest, WritesInvokeItInTheOrderOfTheirShard) {
  Create("cat >> events", {{"mapping", {{"batch_size", 1}}}});
  for (const char* name : {"a", "b", "c", "d"}) PutPod(name);
  RunUntil([&] { return mappings.at("f")->Status().latest == 4 && mappings.at("f")->Idle(); });
  std::string names;
  const std::string events = File("events");
  for (auto at = events.find("default/"); at != std::string::npos;
       at = events.find("default/", at + 1)) {
    const char name = events[at + 8];
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  EXPECT_EQ(names, "abcd");
}

TEST_F(UserCommandTest, AnExitCodeFailsTheInvocationWithTheLastLineOfStandardError) {
  Create("echo first >&2; echo 'no such widget' >&2; exit 3", {{"mapping", nullptr}});
  const auto failed = Invoke("{}");
  ASSERT_TRUE(failed.has_error());
  EXPECT_EQ(failed.error().message, "sh ended with exit code 3: no such widget");
  EXPECT_EQ(pool->Stats("f").value().errors, 1u);
}

TEST_F(UserCommandTest, AFailedBatchComesAgain) {
  Create("cat >> events; test -e second || { touch second; exit 1; }",
         {{"mapping", {{"retry_initial_ms", 1}}}});
  PutPod("a");
  RunUntil([&] { return pool->Stats("f").value().invocations == 2 && pool->Idle(); });
  EXPECT_EQ(pool->Stats("f").value().errors, 1u);
  const std::string events = File("events");
  EXPECT_EQ(events.substr(0, events.size() / 2), events.substr(events.size() / 2));
}

TEST_F(UserCommandTest, AtTheTimeOutItIsKilled) {
  Create("echo $$ >&2; exec sleep 1000", {{"mapping", nullptr}, {"timeout_ms", 900'000}});
  Spawn(event_loop, "test", SkipOnceItRuns());
  const auto failed = Invoke("{}");
  ASSERT_TRUE(failed.has_error());
  EXPECT_EQ(failed.error().code, ErrorCode::kTimedOut);
  EXPECT_EQ(pool->Stats("f").value().timeouts, 1u);
}

TEST_F(UserCommandTest, ItKnowsItsFunctionAndWhereTheDaemonIs) {
  functions->SetEndpoint({{"KLESS_ENDPOINT", "http://127.0.0.1:1"}});
  Create(R"(echo "[\"$AWS_LAMBDA_FUNCTION_NAME\",\"$AWS_LAMBDA_FUNCTION_MEMORY_SIZE\",)"
         R"(\"$AWS_REGION\",\"$KLESS_ENDPOINT\",\"$LEVEL\"]"; test -n "$KLESS_REQUEST_ID")",
         {{"mapping", nullptr}, {"environment", {{"LEVEL", "debug"}}}});
  EXPECT_EQ(Invoke("{}").value(), R"(["f","128","us-east-1","http://127.0.0.1:1","debug"])");
}

TEST_F(UserCommandTest, AProgramThatIsGoneFailsTheInvocationNotTheFunction) {
  ASSERT_TRUE(WriteFile(folder->path() + "/run.sh", "#!/bin/sh\necho 1\n").has_value());
  EXPECT_EQ(std::system(("chmod +x " + folder->path() + "/run.sh").c_str()), 0);
  Create("true", {{"mapping", nullptr}});
  const auto missing = functions->Patch("f", {{"command", {"./walk.sh"}}});
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().message,
            "function configuration: 'command': cannot find the program '" + folder->path() +
                "/walk.sh'");
  ASSERT_TRUE(functions->Patch("f", {{"command", {"./run.sh"}}}).has_value());
  EXPECT_EQ(Invoke("{}").value(), "1");
  EXPECT_EQ(std::remove((folder->path() + "/run.sh").c_str()), 0);
  EXPECT_EQ(Invoke("{}").error().message, "cannot run ./run.sh: No such file or directory");
}

}  // namespace
}  // namespace kless
