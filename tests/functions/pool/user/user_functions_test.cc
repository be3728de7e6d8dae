// User functions in virtual time: the test responds to their URLs.  Commands are real processes and
// have a test file of their own.
#include "functions/pool/user/user_functions.h"

#include <nlohmann/json.hpp>

#include "emulator/base/system/scratch_folder.h"
#include "tests/functions/pool/function_world.h"

namespace kless {
namespace {

using nlohmann::json;

constexpr const char* kUrl = "http://127.0.0.1:9000/";

struct Posted {
  TimePoint at{};
  json event;
  UrlCaller::Headers headers;
  std::vector<std::string> names() const {  // resource names, in order
    std::vector<std::string> found;
    for (const json& record : event["Records"]) {
      found.push_back(record["dynamodb"]["Keys"]["resource-name"]["S"].get<std::string>());
    }
    return found;
  }
};

struct Reply {
  Duration run{};
  Result<std::string> answer = std::string("{}");
};

// Accepts every URL except "bad" as one of this machine.
class FakeUrls final : public UrlCaller {
 public:
  explicit FakeUrls(EventLoop& event_loop) : event_loop_(event_loop) {}
  Result<void> Check(const std::string& url) const override {
    if (url != "bad") return {};
    return MakeError(ErrorCode::kInvalidArgument, "'bad' is not on this machine");
  }
  Task<Result<std::string>> Post(std::string, std::string body, Headers headers,
                                 TimePoint) override {
    posted.push_back({event_loop_.Now(), json::parse(body), std::move(headers)});
    const Reply reply = respond ? respond(posted.back()) : Reply{};
    if (reply.run > Duration::zero()) co_await event_loop_.SleepFor(reply.run);
    co_return reply.answer;
  }

  std::vector<Posted> posted;
  std::function<Reply(const Posted&)> respond;

 private:
  EventLoop& event_loop_;
};

class UserFunctionsWorld : public FunctionWorld {
 public:
  explicit UserFunctionsWorld(StoreOptions options = InMemory())
      : FunctionWorld(1000, {}, 1, std::move(options)), urls(event_loop) {
    const UserFunctions::Context parts{event_loop, *store, *pool, faults, profile, mappings, urls};
    functions = std::make_unique<UserFunctions>(parts, seed, nullptr,
                                                std::set<std::string>{"job-controller"});
    functions->Load();
    for (auto& [name, mapping] : mappings) mapping->Start();
  }
  ~UserFunctionsWorld() {
    event_loop.DropAll();
    mappings.clear();
  }

  // The message of the error, or "".
  std::string Create(json function) {
    if (!function.contains("command") && !function.contains("url")) function["url"] = kUrl;
    if (!function.contains("name")) function["name"] = "f";
    const auto created = functions->Create(function);
    return created.has_error() ? created.error().message : "";
  }
  std::string Patch(const json& patch) {
    const auto patched = functions->Patch("f", patch);
    return patched.has_error() ? patched.error().message : "";
  }
  void Put(const std::vector<std::string>& names) {
    for (const std::string& name : names) PutPod(name);
    store->EndTurn();
  }
  std::vector<std::vector<std::string>> Batches() const {
    std::vector<std::vector<std::string>> batches;
    for (const Posted& posted : urls.posted) batches.push_back(posted.names());
    return batches;
  }
  void RunAll() { event_loop.Run(event_loop.Now() + minutes(1)); }

  FakeUrls urls;
  EventSourceMappings mappings;
  std::unique_ptr<UserFunctions> functions;
};

using Names = std::vector<std::string>;
using Batches = std::vector<Names>;

Error Boom() { return MakeError(ErrorCode::kInternal, "boom"); }

TEST(UserFunctionsTest, AWriteInvokesItWithTheEventOfTheStream) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"mapping", {{"resource_types", {"pod"}}}}}), "");
  world.store->resources().Put({"job", "default/j"}, "{}", Condition::None()).value();
  world.Put({"a"});
  world.RunAll();
  ASSERT_EQ(world.Batches(), (Batches{{"default/a"}}));
  const json& record = world.urls.posted[0].event["Records"][0];
  EXPECT_EQ(record["eventName"], "INSERT");
  EXPECT_EQ(record["dynamodb"]["Keys"]["resource-type"]["S"], "pod");
  EXPECT_EQ(world.urls.posted[0].headers[0].first, "Lambda-Runtime-Aws-Request-Id");
  const auto rows = world.Rows("f");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].outcome, "ok");
  EXPECT_EQ(rows[0].trigger, "mapping");
  EXPECT_EQ(rows[0].request_id, world.urls.posted[0].headers[0].second);
  EXPECT_EQ(world.mappings.at("f")->Status().filtered, 1u);
}

TEST(UserFunctionsTest, OfFiltersOneMustMatch) {
  UserFunctionsWorld world;
  const json removed = {{"eventName", {"REMOVE"}}};
  const json of_b = json::parse(
      R"({"Pattern":"{\"dynamodb\":{\"Keys\":{\"resource-name\":{\"S\":[{\"suffix\":\"b\"}]}}}}"})");
  ASSERT_EQ(world.Create({{"mapping", {{"filters", {removed, of_b}}}}}), "");
  world.Put({"a", "b"});
  world.store->resources().Remove({"pod", "default/a"}, Condition::None()).value();
  world.store->EndTurn();
  world.RunAll();
  EXPECT_EQ(world.mappings.at("f")->Status().delivered, 2u);
  EXPECT_EQ(world.mappings.at("f")->Status().filtered, 1u);
  for (const Posted& posted : world.urls.posted) {
    for (const json& record : posted.event["Records"]) {
      const bool is_b = record["dynamodb"]["Keys"]["resource-name"]["S"] == "default/b";
      EXPECT_TRUE(is_b || record["eventName"] == "REMOVE") << record;
    }
  }
}

TEST(UserFunctionsTest, AFailedBatchComesAgainBeforeTheNextOfItsShard) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"mapping", {{"batch_size", 2}}}}), "");
  int failures = 2;
  world.urls.respond = [&](const Posted& posted) {
    if (posted.names()[0] == "default/a" && failures-- > 0) return Reply{{}, Boom()};
    return Reply{};
  };
  world.Put({"a", "b", "c", "d", "e"});  // one type: one shard
  world.RunAll();
  const Names first = {"default/a", "default/b"};
  EXPECT_EQ(world.Batches(),
            (Batches{first, first, first, {"default/c", "default/d"}, {"default/e"}}));
  EXPECT_EQ(world.Stats("f").errors, 2u);
  EXPECT_EQ(world.Rows("f")[0].error, "boom");
}

TEST(UserFunctionsTest, RetriesEndWhereTheMappingSays) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"mapping", {{"maximum_retry_attempts", 1}}}}), "");
  world.urls.respond = [](const Posted&) { return Reply{{}, Boom()}; };
  world.Put({"a"});
  world.RunAll();
  EXPECT_EQ(world.urls.posted.size(), 2u);
  EXPECT_EQ(world.mappings.at("f")->Status().discarded, 1u);
  EXPECT_EQ(world.mappings.at("f")->Status().last_error, "boom");
}

TEST(UserFunctionsTest, OnlyReportedRecordsComeAgain) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"mapping", {{"report_batch_item_failures", true}}}}), "");
  world.urls.respond = [&](const Posted& posted) {
    const json& records = posted.event["Records"];
    if (records.size() == 1) return Reply{};
    const json failures = {{"batchItemFailures",
                            {{{"itemIdentifier", records.back()["dynamodb"]["SequenceNumber"]}}}}};
    return Reply{{}, failures.dump()};
  };
  world.Put({"a", "b"});
  world.RunAll();
  EXPECT_EQ(world.Batches(), (Batches{{"default/a", "default/b"}, {"default/b"}}));
}

TEST(UserFunctionsTest, AnAnswerThatIsNotJsonFailsWhereFailuresAreReported) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"mapping",
                           {{"report_batch_item_failures", true}, {"maximum_retry_attempts", 0}}}}),
            "");
  world.urls.respond = [](const Posted&) { return Reply{{}, std::string("all is well\n")}; };
  world.Put({"a"});
  world.RunAll();
  EXPECT_NE(world.Rows("f")[0].error.find("the answer is not JSON"), std::string::npos);
  ASSERT_EQ(world.Patch({{"mapping", {{"report_batch_item_failures", false}}}}), "");
  world.RunAll();
  world.Put({"b"});
  world.RunAll();
  EXPECT_EQ(world.Rows("f").back().outcome, "ok");
}

TEST(UserFunctionsTest, OneThatTakesTooLongTimesOutAndItsBatchComesAgain) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"timeout_ms", 2000}}), "");
  world.urls.respond = [&](const Posted&) {
    return Reply{world.urls.posted.size() == 1 ? seconds(10) : seconds(0)};
  };
  world.Put({"a"});
  world.RunAll();
  EXPECT_EQ(world.Batches(), (Batches{{"default/a"}, {"default/a"}}));
  EXPECT_EQ(world.Stats("f").timeouts, 1u);
  EXPECT_EQ(world.Rows("f")[0].outcome, "timeout");
  EXPECT_EQ(world.Rows("f")[0].run, Duration(seconds(2)).count());
}

TEST(UserFunctionsTest, ThePoolsColdStartsAndCapsHoldForIt) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"init", 450}, {"reserved_concurrency", 0}}), "");
  world.Put({"a"});
  world.RunAll();
  EXPECT_TRUE(world.urls.posted.empty());
  EXPECT_GT(world.mappings.at("f")->Status().throttles, 0u);
  ASSERT_EQ(world.Patch({{"reserved_concurrency", nullptr}}), "");
  world.RunAll();
  ASSERT_EQ(world.urls.posted.size(), 1u);
  EXPECT_EQ(world.Rows("f").back().start, StartKind::kCold);
  EXPECT_EQ(world.Rows("f").back().init, Duration(milliseconds(450)).count());
}

TEST(UserFunctionsTest, LatestBeginsBehindWhatIsThere) {
  UserFunctionsWorld world;
  world.Put({"old"});
  ASSERT_EQ(world.Create({{"mapping", {{"starting_position", "LATEST"}}}}), "");
  world.Put({"new"});
  world.RunAll();
  EXPECT_EQ(world.Batches(), (Batches{{"default/new"}}));
}

TEST(UserFunctionsTest, WithoutAMappingItIsInvokedByHandOnly) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"mapping", nullptr}}), "");
  world.Put({"a"});
  world.RunAll();
  EXPECT_TRUE(world.urls.posted.empty());
  EXPECT_TRUE(world.mappings.empty());
  world.urls.respond = [](const Posted&) { return Reply{{}, std::string("{\"ok\":1}\n")}; };
  const auto outcome = world.InvokeAt(world.event_loop.Now(), "f");
  world.RunAll();
  ASSERT_TRUE(outcome->done);
  EXPECT_EQ(outcome->result.payload.value(), R"({"ok":1})");
  EXPECT_EQ(world.urls.posted[0].event, json::object());
}

TEST(UserFunctionsTest, ARegistrationThatIsWrongLeavesNothingBehind) {
  UserFunctionsWorld world;
  const std::string prefix = "function configuration: ";
  EXPECT_EQ(world.Create({{"name", "a b"}}),
            prefix + "'name' must be 1 to 64 characters of [a-zA-Z0-9-_], not 'a b'");
  EXPECT_EQ(world.Create({{"url", "bad"}}), "'bad' is not on this machine");
  EXPECT_EQ(world.Create({{"comand", {"x"}}}),
            prefix + "unknown field 'comand'; did you mean 'command'?");
  EXPECT_EQ(world.Create({{"url", kUrl}, {"command", {"sh"}}}),
            prefix +
                R"(set only one of 'command', such as ["python3", "reconcile.py"], 'handler', )"
                "such as app.handler, or 'url', " +
                "such as http://127.0.0.1:9000/");
  EXPECT_EQ(world.Create({{"command", "sh"}}),
            prefix + R"('command' must be a list of texts such as ["python3", "reconcile.py"])");
  EXPECT_EQ(world.Create({{"command", {"sh"}}, {"folder", "here"}}),
            prefix + "'folder' must be an absolute path");
  EXPECT_EQ(world.Create({{"command", {"sh"}}, {"environment", {{"1A", "x"}}}}),
            prefix + "'environment': '1A' is not the name of a variable");
  EXPECT_EQ(
      world.Create({{"environment", {{"A", "x"}}}}),
      prefix + "'environment' and 'folder' belong to a command or handler; a URL has neither");
  EXPECT_EQ(world.Create({{"timeout_ms", 1}}),
            prefix +
                "'timeout_ms' must be a duration from 1s to 15m such as 1500 (milliseconds), 30s "
                "or 2h, not 1");
  EXPECT_EQ(world.Create({{"reserved_concurrency", 5000}}),
            "function 'f': reserved and provisioned concurrency exceed the account's 1000");
  EXPECT_EQ(world.Create({{"name", "job-controller"}}),
            "'job-controller' is the name of a control loop or of a setting of functions; choose "
            "another one");
  const std::string mapping = "event source mapping: ";
  EXPECT_EQ(world.Create({{"mapping", {{"batchSize", 5}}}}),
            mapping + "unknown field 'batchSize'; did you mean 'batch_size'?");
  EXPECT_EQ(world.Create({{"mapping", {{"batch_size", 0}}}}),
            mapping + "'batch_size' must be a whole number from 1 to 10000, not 0");
  EXPECT_EQ(world.Create({{"mapping", {{"table", "resorces"}}}}),
            mapping + "there is no table 'resorces'; did you mean 'resources'?");
  EXPECT_NE(world.Create({{"mapping", {{"filters", {json::object()}}}}})
                .find("'filters': Invalid filter pattern definition"),
            std::string::npos);
  EXPECT_TRUE(world.pool->Names().empty());
  EXPECT_TRUE(world.mappings.empty());
  EXPECT_TRUE(UserFunctions::StoredNames(*world.store).empty());
  EXPECT_EQ(world.store->LoadValue("mapping/f"), std::nullopt);

  EXPECT_EQ(world.Create({}), "");
  EXPECT_EQ(world.Create({}), "function 'f' already exists; PATCH changes it, DELETE removes it");
  EXPECT_EQ(UserFunctions::StoredNames(*world.store), Names{"f"});
}

TEST(UserFunctionsTest, APatchOfTheMappingWaitsForRunningInvocationsAndContinuesAfterThem) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"mapping", {{"batch_size", 1}}}}), "");
  world.urls.respond = [](const Posted&) { return Reply{seconds(1)}; };
  world.Put({"a", "b", "c"});
  world.event_loop.Run(world.event_loop.Now() + milliseconds(500));
  ASSERT_EQ(world.Batches(), (Batches{{"default/a"}}));
  ASSERT_EQ(world.Patch({{"mapping", {{"batch_size", 10}}}}), "");
  EXPECT_EQ(world.mappings.at("f")->Status().state, "Updating");
  world.RunAll();
  EXPECT_EQ(world.mappings.at("f")->Status().state, "Enabled");
  EXPECT_EQ(world.mappings.at("f")->config().batch_size, 10);
  EXPECT_EQ(world.Batches(), (Batches{{"default/a"}, {"default/b", "default/c"}}));
}

TEST(UserFunctionsTest, AMappingIsPausedAndContinuesWhereItStopped) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({}), "");
  ASSERT_EQ(world.Patch({{"mapping", {{"enabled", false}}}}), "");
  world.RunAll();
  world.Put({"a"});
  world.RunAll();
  EXPECT_TRUE(world.urls.posted.empty());
  ASSERT_EQ(world.Patch({{"mapping", {{"enabled", true}}}}), "");
  world.RunAll();
  EXPECT_EQ(world.Batches(), (Batches{{"default/a"}}));
}

TEST(UserFunctionsTest, ARemovedMappingStartsFromTheBeginning) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({}), "");
  world.Put({"a"});
  world.RunAll();
  EXPECT_EQ(world.Patch({{"mapping", {{"starting_position", "LATEST"}}}}),
            "event source mapping: 'starting_position' cannot change: the mapping has begun to "
            "read; set the mapping to null first, then to the new one");
  ASSERT_EQ(world.Patch({{"mapping", nullptr}}), "");
  world.RunAll();
  EXPECT_TRUE(world.mappings.empty());
  EXPECT_EQ(world.store->LoadValue("mapping/f"), std::nullopt);
  ASSERT_EQ(world.Patch({{"mapping", json::object()}}), "");
  world.RunAll();
  EXPECT_EQ(world.Batches(), (Batches{{"default/a"}, {"default/a"}}));
}

TEST(UserFunctionsTest, DeletionTakesFunctionMappingAndPosition) {
  UserFunctionsWorld world;
  ASSERT_EQ(world.Create({{"provisioned_concurrency", 2}, {"mapping", {{"batch_size", 1}}}}), "");
  world.urls.respond = [](const Posted&) { return Reply{seconds(1)}; };
  world.Put({"a", "b"});
  world.event_loop.Run(world.event_loop.Now() + milliseconds(500));
  ASSERT_TRUE(world.functions->Remove("f").has_value());
  EXPECT_TRUE(world.pool->Names().empty());
  EXPECT_FALSE(world.pool->Idle());  // the running invocation finishes
  world.RunAll();
  EXPECT_TRUE(world.pool->Idle());
  EXPECT_EQ(world.pool->concurrency(), 0);
  EXPECT_EQ(world.pool->memory_mb(), 0);
  EXPECT_EQ(world.Batches(), (Batches{{"default/a"}}));
  EXPECT_EQ(world.Rows("f").size(), 1u);
  EXPECT_EQ(world.store->LoadValue("mapping/f"), std::nullopt);
  EXPECT_EQ(world.functions->Remove("f").error().code, ErrorCode::kNotFound);
  // The next function of that name starts from the beginning.
  ASSERT_EQ(world.Create({}), "");
  world.RunAll();
  EXPECT_EQ(world.Batches().size(), 2u);
  EXPECT_EQ(world.Batches()[1], (Names{"default/a", "default/b"}));
}

class UserFunctionsRestartTest : public testing::Test {
 protected:
  UserFunctionsRestartTest() { Open(); }
  void Open() {
    StoreOptions options;
    options.path = folder_->path() + "/kless.db";
    world.reset();
    world = std::make_unique<UserFunctionsWorld>(options);
  }
  const std::unique_ptr<ScratchFolder> folder_ = ScratchFolder::Make().value();
  std::unique_ptr<UserFunctionsWorld> world;
};

TEST_F(UserFunctionsRestartTest, RegistrationsAndPositionsSurvive) {
  ASSERT_EQ(
      world->Create({{"init", 450}, {"mapping", {{"batch_size", 7}, {"resource_types", {"pod"}}}}}),
      "");
  const json before = UserFunctionToJson(*world->functions->Find("f"));
  world->Put({"a"});
  world->RunAll();
  ASSERT_EQ(world->Batches(), (Batches{{"default/a"}}));
  ASSERT_EQ(world->Patch({{"timeout_ms", 5000}}), "");
  world->Put({"b"});
  world->store->EndTurn();
  Open();
  json after = before;
  after["timeout_ms"] = 5000.0;
  ASSERT_NE(world->functions->Find("f"), nullptr);
  EXPECT_EQ(UserFunctionToJson(*world->functions->Find("f")), after);
  world->RunAll();
  EXPECT_EQ(world->Batches(), (Batches{{"default/b"}}));
  ASSERT_TRUE(world->functions->Remove("f").has_value());
  world->store->EndTurn();
  Open();
  EXPECT_EQ(world->functions->Find("f"), nullptr);
}

TEST_F(UserFunctionsRestartTest, WhatWasNotCommittedIsNotThere) {
  ASSERT_EQ(world->Create({}), "");
  Open();
  EXPECT_EQ(world->functions->Find("f"), nullptr);
  EXPECT_TRUE(world->mappings.empty());
}

TEST_F(UserFunctionsRestartTest, OneThatDoesNotFitAnyMoreIsKeptAndCanBeDeleted) {
  world->profile.init.emplace("go", Distribution());
  ASSERT_EQ(world->Create({{"runtime", "go"}}), "");
  world->store->EndTurn();
  Open();  // a profile without the runtime
  EXPECT_EQ(world->functions->Find("f"), nullptr);
  EXPECT_TRUE(world->pool->Names().empty());
  EXPECT_EQ(world->Create({}), "function 'f' is stored but does not run here; delete it first");
  ASSERT_EQ(world->Create({{"name", "g"}}), "");
  EXPECT_EQ(UserFunctions::StoredNames(*world->store), (Names{"f", "g"}));
  ASSERT_TRUE(world->functions->Remove("f").has_value());
  EXPECT_EQ(world->Create({}), "");
}

}  // namespace
}  // namespace kless
