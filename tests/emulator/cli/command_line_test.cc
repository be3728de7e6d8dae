#include "emulator/cli/command_line.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/exec/exec_artifacts.h"
#include "emulator/cli/help.h"
#include "emulator/cli/output.h"
#include "emulator/cli/settings_flags.h"
#include "emulator/cli/system.h"
#include "emulator/settings.h"

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

TEST(CommandLineTest, ACommandAtAnotherPlaceIsFound) {
  EXPECT_EQ(Kless({"invocations"}).errors,
            "kless: unknown command 'invocations'; did you mean 'kless function invocations'?\n"
            "Try 'kless --help'.\n");
  EXPECT_EQ(Kless({"function", "status"}).errors,
            "kless: unknown command 'status'; did you mean 'kless status'?\n"
            "Try 'kless function --help'.\n");
  EXPECT_NE(Kless({"logs", "x"}).errors.find("'kless function invocations' or 'kubectl logs'?"),
            std::string::npos);
  EXPECT_NE(Kless({"list"}).errors.find("'kless latency list' or 'kless example list'?"),
            std::string::npos);
  EXPECT_EQ(Kless({"wait", "-l", "a=b", "pod"}).errors,
            "kless: unknown flag '-l' of 'kless wait' ('kubectl wait' selects by label, field and "
            "all)\nTry 'kless wait --help'.\n");
}

TEST(CommandLineTest, OfAFlagThatIsGivenTwiceTheLastOneCounts) {
  EXPECT_NE(Kless({"serve", "--explain-config", "--port", "1", "--port=2"})
                .output.find("\n  port: 2  # from --port\n"),
            std::string::npos);
  EXPECT_NE(Kless({"serve", "--explain-config", "--tls", "--tls=false"})
                .output.find("\n  tls: false  # from --tls\n"),
            std::string::npos);
  EXPECT_NE(Kless({"status", "--server", "http://127.0.0.1:9", "--server", "nowhere"})
                .errors.find("nowhere"),
            std::string::npos);
  const std::string both =
      Kless({"serve", "--explain-config", "--function", "job-controller.init=3", "--function",
             "job-controller.memory_mb=256"})
          .output;
  EXPECT_NE(both.find("    init: 3  # from --function"), std::string::npos);
  EXPECT_NE(both.find("    memory_mb: 256  # from --function"), std::string::npos);
}

TEST(CommandLineTest, AValueMayBeEmpty) {
  for (const auto& words : {std::vector<const char*>{"--loops", ""}, {"--loops="}}) {
    std::vector<const char*> line = {"serve", "--explain-config"};
    line.insert(line.end(), words.begin(), words.end());
    EXPECT_NE(Kless(line).output.find("\nloops: none  # from --loops\n"), std::string::npos);
  }
}

TEST(CommandLineTest, ExecWithoutACommandSaysSo) {
  for (const auto& line :
       {std::vector<const char*>{"exec"}, {"exec", "--"}, {"exec", "--seed", "1", "--"}}) {
    EXPECT_EQ(Kless(line).errors, "kless: COMMAND is missing\nTry 'kless exec --help'.\n");
  }
}

TEST(CommandLineTest, AServerOnAllAddressesIsReachedByLoopback) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"http://0.0.0.0:80", "http://127.0.0.1:80"},
      {"https://[::]:80", "https://[::1]:80"},
      {"http://[0:0::0]:80", "http://[::1]:80"},
      {"http://10.0.0.1:80", "http://10.0.0.1:80"},
      {"http://host:80", "http://host:80"}};
  for (const auto& [url, reachable] : cases) EXPECT_EQ(ReachableUrl(url), reachable);
}

// Visits every command and subcommand with the words of its name.
void ForEachCommand(const CLI::App& app, std::vector<std::string> words,
                    const std::function<void(const CLI::App&, std::vector<std::string>)>& visit) {
  visit(app, words);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> deeper = words;
    deeper.push_back(command->get_name());
    ForEachCommand(*command, deeper, visit);
  }
}

Outcome Help(std::vector<std::string> words) {
  words.emplace_back("--help");
  std::vector<const char*> arguments;
  arguments.reserve(words.size());
  for (const std::string& word : words) arguments.push_back(word.c_str());
  return Kless(arguments);
}

TEST(CommandLineTest, EveryCommandHasHelpWithExamplesOfItsOwn) {
  CLI::App app;
  Action action;
  AddCommands(app, action);
  int commands = 0;
  ForEachCommand(app, {}, [&](const CLI::App& command, const std::vector<std::string>& words) {
    const std::string name = FullName(command);
    const Outcome help = Help(words);
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_NE(help.output.find("Usage: " + name), std::string::npos) << help.output;
    const auto examples = help.output.find("\nExample");
    ASSERT_NE(examples, std::string::npos) << help.output;
    EXPECT_NE(help.output.find("kless " + (words.empty() ? "" : words[0]), examples),
              std::string::npos)
        << help.output;
    EXPECT_FALSE(command.get_description().empty()) << name;
    ++commands;
  });
  EXPECT_GT(commands, 30);
}

TEST(CommandLineTest, PlaceholdersAreOfOneKindAndLinesFitAScreen) {
  CLI::App app;
  Action action;
  AddCommands(app, action);
  ForEachCommand(app, {}, [&](const CLI::App& command, const std::vector<std::string>& words) {
    for (const CLI::Option* option : command.get_options()) {
      const std::string placeholder = Placeholder(*option);
      const bool takes_value =
          option->nonpositional() && option->get_expected_min() > 0 && option->get_type_size() > 0;
      if (takes_value) {
        EXPECT_FALSE(placeholder.empty()) << FullName(command) << " " << option->get_name();
      }
      for (const char* foreign : {"TEXT", "INT", "UINT", "FLOAT", "BOOLEAN", "ENUM"}) {
        EXPECT_NE(placeholder, foreign) << FullName(command) << " " << option->get_name();
      }
      if (option->get_positional()) {
        EXPECT_EQ(option->get_name().find_first_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos)
            << FullName(command) << " " << option->get_name();
      }
    }
    const std::string text = Help(words).output;
    std::size_t lines = 0;
    for (const std::string_view line : Split(text, '\n')) {
      ++lines;
      EXPECT_LE(line.size(), 101u) << FullName(command) << ": " << line;
    }
    EXPECT_LT(lines, 90u) << FullName(command);
  });
}

TEST(CommandLineTest, HelpOfACommandIsAlsoACommand) {
  EXPECT_EQ(Kless({"help", "function", "set"}).output, Kless({"function", "set", "--help"}).output);
  EXPECT_EQ(Kless({"help", "function", "get"}).output, Kless({"help", "function", "show"}).output);
  EXPECT_EQ(Kless({"help", "exec"}).output, Kless({"exec", "--help"}).output);
  EXPECT_EQ(Kless({"help"}).output, Kless({"--help"}).output);
  const Outcome unknown = Kless({"help", "funktion"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.errors,
            "kless: 'kless' has no command 'funktion', and there is no such topic; did you mean "
            "'function'?\nTry 'kless --help'.\n");
  EXPECT_EQ(Kless({"help", "function", "sett"}).errors,
            "kless: 'kless function' has no command 'sett'; did you mean 'set'?\n"
            "Try 'kless --help'.\n");
}

TEST(CommandLineTest, TopicsListEverySettingVariableAndExitCode) {
  const Outcome settings = Kless({"help", "settings"});
  EXPECT_EQ(settings.exit_code, 0);
  for (const Setting& setting : Settings()) {
    EXPECT_NE(settings.output.find(setting.path), std::string::npos) << setting.path;
    EXPECT_NE(settings.output.find(setting.environment), std::string::npos) << setting.path;
    EXPECT_NE(settings.output.find("  " + setting.flag), std::string::npos) << setting.flag;
  }
  EXPECT_NE(Kless({"help", "exit-codes"}).output.find("125"), std::string::npos);
  EXPECT_NE(Kless({"help", "environment"}).output.find("KLESS_ENDPOINT"), std::string::npos);
}

TEST(CommandLineTest, TheVersionIsAFlagAndACommand) {
  const Outcome command = Kless({"version"});
  EXPECT_EQ(command.exit_code, 0);
  EXPECT_TRUE(command.output.starts_with("kless ")) << command.output;
  EXPECT_EQ(Kless({"--version"}).output, command.output);
  EXPECT_EQ(Kless({"-v"}).output, command.output);
  EXPECT_NE(Kless({"version", "-o", "json"}).output.find("\"schema\""), std::string::npos);
}

TEST(CommandLineTest, TheHelpOfExecStatesItsOwnDefaults) {
  const std::string help = Kless({"exec", "--help"}).output;
  EXPECT_EQ(help.find("(8080)"), std::string::npos) << help;
  EXPECT_EQ(help.find("./kless-data"), std::string::npos) << help;
  EXPECT_EQ(help.find("(normal)"), std::string::npos) << help;
  EXPECT_NE(Kless({"serve", "--help"}).output.find("(8080)"), std::string::npos);
}

TEST(CommandLineTest, WhatTheUserGotWrongIsExitCodeTwo) {
  for (const std::vector<const char*>& wrong : std::vector<std::vector<const char*>>{
           {"serve", "--port", "x"},
           {"serve", "--config", "/nonexistent/kless.yaml"},
           {"submit", "-f", "x", "--timeout", "soon"},
           {"feed", "--server", "nowhere"},
           {"function", "list", "--server", "nowhere"},
           {"function", "set", "memory"},
           {"item", "get", "job", "--server", "http://127.0.0.1:9"},
           {"snapshot", "save", "x", "--server", "nowhere"},
           {"wait", "pod/x", "--for", "ready"},
           {"wait", "pod/x", "--for", "idle"},
           {"wait", "pod/x", "--for", "delete", "--timeout", "soon"},
           {"function", "invocations", "--follow", "--before", "3"},
           {"experiment", "run", "/nonexistent/x.yaml"},
           {"bench", "--only", "nothing"}}) {
    const Outcome outcome = Kless(wrong);
    EXPECT_EQ(outcome.exit_code, 2) << wrong[0] << " " << wrong[1] << ": " << outcome.errors;
    EXPECT_NE(outcome.errors, "");
  }
  // A command under exec has its own exit codes: those of kless must differ.
  EXPECT_EQ(Kless({"exec", "--prot", "1", "--", "true"}).exit_code, 125);
  EXPECT_EQ(Kless({"exec", "--port", "x", "--", "true"}).exit_code, 125);
  EXPECT_EQ(Kless({"exec"}).exit_code, 125);
}

TEST(OutputTest, NumbersHaveThreeSignificantDigits) {
  const std::vector<std::pair<double, const char*>> cases = {
      {0, "0"},           {0.0048091, "0.00481"}, {0.1, "0.1"},
      {1, "1"},           {1.0049, "1"},          {9.999, "10"},
      {12.345, "12.3"},   {99.96, "100"},         {450.089172, "450"},
      {12345.6, "12346"}, {-0.5, "-0.5"},         {0.0099996, "0.01"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(ThreeDigits(value), text) << value;
  EXPECT_EQ(BytesText(512), "512 B");
  EXPECT_EQ(BytesText(18 * 1024 * 1024), "18 MiB");
}

TEST(OutputTest, ARunUnderExecIsOneJunitTestAndAConfigFile) {
  ExecRun run;
  run.command = {"sh", "-c", "exit 3 <&>"};
  run.seed = 42;
  run.exit_code = 3;
  run.took = std::chrono::milliseconds(1234);
  run.settings = {{"seed", "42"}, {"functions.job-controller.init", "450"}, {"loops", "job"}};
  const std::string junit = ExecJunit(run);
  EXPECT_NE(junit.find("failures=\"1\""), std::string::npos) << junit;
  EXPECT_NE(junit.find("time=\"1.234\""), std::string::npos) << junit;
  EXPECT_NE(junit.find("sh -c &#39;exit 3 &lt;&amp;&gt;&#39;"), std::string::npos) << junit;
  EXPECT_NE(junit.find("value=\"42\""), std::string::npos) << junit;
  run.exit_code = 0;
  EXPECT_NE(ExecJunit(run).find("failures=\"0\""), std::string::npos);

  const std::string path =
      testing::TempDir() + "/exec-settings." + std::to_string(getpid()) + ".yaml";
  ASSERT_TRUE(WriteFile(path, ExecSettingsYaml(run)).has_value());
  Config config;
  const auto read = ReadConfigFile(path, &config);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(config.given, run.settings);
}

TEST(CommandLineTest, SettingsAreCheckedAllAtOnce) {
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
