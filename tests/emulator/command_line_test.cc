#include "emulator/cli/command_line.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "emulator/cli/api_client.h"
#include "emulator/cli/settings_flags.h"
#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

struct Outcome {
  int exit_code = 0;
  std::string output;
  std::string errors;
};

Outcome Kless(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "kless");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.exit_code = RunCommandLine(static_cast<int>(arguments.size()), arguments.data());
  outcome.errors = testing::internal::GetCapturedStderr();
  outcome.output = testing::internal::GetCapturedStdout();
  return outcome;
}

TEST(CommandLineTest, UnknownWordsAreErrorsThatNameTheNearestKnownOne) {
  const Outcome command = Kless({"sreve"});
  EXPECT_EQ(command.exit_code, 2);
  EXPECT_EQ(command.errors,
            "kless: unknown command 'sreve'; did you mean 'serve'?\nTry 'kless --help'.\n");
  EXPECT_EQ(Kless({"function", "rest", "x"}).errors,
            "kless: unknown command 'rest'; did you mean 'reset'?\nTry 'kless function --help'.\n");
  EXPECT_EQ(Kless({"submit", "-f", "x", "--cuont", "3"}).errors,
            "kless: unknown flag '--cuont' of 'kless submit'; did you mean '--count'?\n"
            "Try 'kless submit --help'.\n");
  EXPECT_EQ(Kless({"serve", "--prot=1"}).errors,
            "kless: unknown flag '--prot' of 'kless serve'; did you mean '--port'?\n"
            "Try 'kless serve --help'.\n");
  EXPECT_EQ(Kless({"version", "now"}).errors,
            "kless: unexpected argument 'now' of 'kless version'\nTry 'kless version --help'.\n");
  EXPECT_EQ(Kless({"submit", "-f", "x", "--count", "0"}).exit_code, 2);
  EXPECT_EQ(Kless({"submit"}).exit_code, 2);
}

TEST(CommandLineTest, EveryCommandHasHelpWithAnExample) {
  EXPECT_NE(Kless({"--help"}).output.find("submit"), std::string::npos);
  const std::vector<std::vector<const char*>> commands = {{"serve"},
                                                          {"submit"},
                                                          {"item", "get"},
                                                          {"item", "put"},
                                                          {"item", "delete"},
                                                          {"feed"},
                                                          {"function", "list"},
                                                          {"function", "create"},
                                                          {"function", "delete"},
                                                          {"function", "set"},
                                                          {"function", "warm"},
                                                          {"function", "reset"},
                                                          {"function", "invocations"},
                                                          {"exec"},
                                                          {"version"}};
  for (std::vector<const char*> command : commands) {
    std::string name = "kless";
    for (const char* word : command) name += std::string(" ") + word;
    command.push_back("--help");
    const Outcome help = Kless(command);
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_NE(help.output.find("Usage: " + name), std::string::npos) << help.output;
    EXPECT_NE(help.output.find("Example"), std::string::npos) << name;
  }
}

TEST(CommandLineTest, SettingsAreCheckedAllAtOnce) {
  // The environment of the test run may contain other KLESS_ variables, which would be errors.
  for (const auto& [name, value] : EnvironmentVariables()) {
    if (name.starts_with("KLESS_")) unsetenv(name.c_str());
  }
  SettingsFlags flags;
  flags.values = {{"--port", "x"}, {"--durability", "none"}, {"--speed", "2"}};
  const auto config = LoadConfig(flags);
  ASSERT_TRUE(config.has_error());
  EXPECT_EQ(config.error().message,
            "--port: must be a whole number from 0 to 65535, not 'x'\n"
            "--durability: must be one of full, normal, scratch, memory, not 'none'");
}

TEST(HttpClientTest, AnEndpointIsASchemeAHostAndAPort) {
  for (const char* good : {"http://127.0.0.1:8080", "http://localhost:1/", "http://[::1]:80",
                           "https://x:1", "https://[::1]:8443"}) {
    EXPECT_TRUE(HttpClient::Create(good).has_value()) << good;
  }
  for (const char* bad : {"", "127.0.0.1:8080", "ftp://x:1", "http://", "https://", "http://x:0",
                          "http://x:99999", "http://x:y", "http://a/b:1"}) {
    EXPECT_TRUE(HttpClient::Create(bad).has_error()) << bad;
  }
  EXPECT_EQ(PercentEncode("default/a b+ü"), "default%2Fa%20b%2B%C3%BC");
}

TEST(ApiClientTest, ErrorsAreWordedAsKubectlWordsThem) {
  const auto message = [](int status, const char* body) {
    HttpReply reply;
    reply.status = status;
    reply.body = body;
    return ErrorOfReply(reply).message;
  };
  EXPECT_EQ(message(409, R"({"kind":"Status","reason":"AlreadyExists",)"
                         R"("message":"jobs.batch \"x\" already exists"})"),
            R"(Error from server (AlreadyExists): jobs.batch "x" already exists)");
  EXPECT_EQ(
      message(422, R"({"kind":"Status","reason":"Invalid","message":"long","details":)"
                   R"({"kind":"Job","name":"x","causes":[{"field":"spec.a","message":"bad"}]}})"),
      R"(The Job "x" is invalid: spec.a: bad)");
  EXPECT_EQ(message(404, R"({"error":{"code":"NotFound","message":"no table"}})"),
            "Error from server (NotFound): no table");
  EXPECT_EQ(message(500, "oops"), "Error from server (500): oops");
}

}  // namespace
}  // namespace kless::cli
