// User functions in the admin door; tests/functions covers their behaviour.
#include "functions/pool/user/user_functions.h"

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

class EchoUrls final : public UrlCaller {
 public:
  Result<void> Check(const std::string&) const override { return {}; }
  Task<Result<std::string>> Post(std::string, std::string body, Headers, TimePoint) override {
    posted.push_back(json::parse(body));
    co_return body;
  }
  std::vector<json> posted;
};

class AdminUserFunctionsTest : public AdminTestWorld {
 protected:
  AdminUserFunctionsTest() {
    const UserFunctions::Context parts{event_loop, *store, *pool, faults, profile, mappings, urls};
    functions = std::make_unique<UserFunctions>(parts, 1, nullptr, std::set<std::string>{});
    door->SetUserFunctions(functions.get());
  }
  ~AdminUserFunctionsTest() override {
    event_loop.DropAll();
    mappings.clear();
  }

  EchoUrls urls;
  std::unique_ptr<UserFunctions> functions;
};

constexpr const char* kFunctions = "/kless/v1/functions";
constexpr const char* kNotesFunction = "/kless/v1/functions/notes";
constexpr const char* kNew =
    R"({"name":"notes","url":"http://127.0.0.1:1/","memory_mb":256,
        "mapping":{"table":"notes","batch_size":5}})";

TEST_F(AdminUserFunctionsTest, OneIsMadeShownChangedAndRemoved) {
  MakeNotes();
  const Answer made = Send("POST", kFunctions, kNew);
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.Json()["url"], "http://127.0.0.1:1/");
  EXPECT_EQ(made.Json()["memory_mb"], 256);
  EXPECT_EQ(made.Json()["mapping"]["batch_size"], 5);
  EXPECT_EQ(made.Json()["stats"]["invocations"], 0);
  EXPECT_EQ(Get(kNotesFunction), made.Json());
  EXPECT_EQ(Get(kFunctions)["functions"].size(), 2u);
  EXPECT_EQ(Get("/kless/v1/mappings/notes")["config"]["batch_size"], 5);

  PutNote("a", 1, "text");
  event_loop.Run(event_loop.Now());
  ASSERT_EQ(urls.posted.size(), 1u);
  EXPECT_EQ(urls.posted[0]["Records"][0]["dynamodb"]["NewImage"]["text"]["S"], "text");
  EXPECT_EQ(Get("/kless/v1/invocations?function=notes")["items"][0]["outcome"], "ok");
  EXPECT_NE(
      Send("GET", "/metrics").text.find(R"(kless_function_invocations_total{function="notes"} 1)"),
      std::string::npos);

  const Answer patched =
      Send("PATCH", kNotesFunction, R"({"timeout_ms":5000,"mapping":{"batch_size":6}})");
  EXPECT_EQ(patched.status, 200) << patched.text;
  EXPECT_EQ(patched.Json()["mapping"]["batch_size"], 6);
  EXPECT_EQ(Get(kNotesFunction)["timeout_ms"], 5000);
  EXPECT_EQ(Send("PATCH", kNotesFunction, R"({"mapping":{"batch_size":0}})").status, 400);

  const Answer removed = Send("DELETE", kNotesFunction);
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.Json(), json({{"name", "notes"}, {"deleted", true}}));
  EXPECT_EQ(Send("GET", kNotesFunction).status, 404);
  EXPECT_EQ(Send("GET", "/kless/v1/mappings/notes").status, 404);
  EXPECT_EQ(Send("DELETE", kNotesFunction).status, 404);
}

TEST_F(AdminUserFunctionsTest, WhatIsWrongIsAnsweredInTheDoorsForm) {
  EXPECT_EQ(Send("POST", kFunctions, "{").Code(), "InvalidArgument");
  EXPECT_EQ(Send("POST", kFunctions, "[]").status, 400);
  EXPECT_EQ(Send("POST", kFunctions, "{}").Message(), "function configuration: 'name' is required");
  EXPECT_EQ(Send("POST", kFunctions, R"({"name":7,"url":"http://127.0.0.1:1/"})").status, 400);
  MakeNotes();
  EXPECT_EQ(Send("POST", kFunctions, kNew).status, 201);
  EXPECT_EQ(Send("POST", kFunctions, kNew).status, 409);
  EXPECT_EQ(Send("POST", kFunctions, kNew).Code(), "AlreadyExists");
  const Answer kept = Send("DELETE", "/kless/v1/functions/worker");
  EXPECT_EQ(kept.status, 409);
  EXPECT_EQ(kept.Code(), "Unsupported");
}

TEST_F(AdminTestWorld, AVirtualRunRefusesFunctionsOfUsers) {
  const Answer refused = Send("POST", kFunctions, kNew);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.Code(), "Unsupported");
  EXPECT_EQ(refused.Message(),
            "user functions run in real time only: a virtual run has none; use kless serve or "
            "kless exec");
  EXPECT_EQ(Send("DELETE", kNotesFunction).status, 404);
}

}  // namespace
}  // namespace kless::doors
