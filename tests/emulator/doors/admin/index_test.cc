// The index of the admin API and its OpenAPI document are made from the registrations: their
// parameters and bodies are those that the handlers accept.
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/strings.h"
#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

// A world with a function with a mapping, so that most paths exist.
class AdminIndexTest : public AdminTestWorld {
 protected:
  // Returns the target of a pattern, with the names of existing objects for its parameters.
  static std::string TargetOf(std::string pattern) {
    const bool table = pattern.find("{table}") != std::string::npos;
    std::string target;
    for (const std::string_view segment : Split(pattern, '/')) {
      if (segment.empty()) continue;
      const bool parameter = segment.starts_with('{');
      target += "/" + (!parameter ? std::string(segment) : table ? "resources" : "worker");
    }
    return target;
  }
};

TEST_F(AdminIndexTest, EveryRouteOfTheApiIsDescribed) {
  const json routes = Get("/kless/v1")["routes"];
  std::set<std::string> listed;
  for (const json& route : routes) {
    listed.insert(route["method"].get<std::string>() + " " + route["path"].get<std::string>());
    const std::string summary = route["summary"];
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(summary[0]))) << summary;
    EXPECT_FALSE(summary.ends_with('.')) << summary;
  }
  for (const Route& route : router.Routes("/kless/v1")) {
    EXPECT_TRUE(listed.contains(route.method + " " + route.pattern))
        << route.method << " " << route.pattern << " has no description";
  }
  EXPECT_TRUE(listed.contains("GET /metrics"));
  EXPECT_TRUE(listed.contains("GET /kless/v1"));
  EXPECT_TRUE(listed.contains("POST /kless/v1/functions/{name}/warm"));
  EXPECT_GT(listed.size(), 35u);
}

TEST_F(AdminIndexTest, ParametersThatARouteDoesNotNameAreRefusedAndTheOthersAreNot) {
  const json routes = Get("/kless/v1")["routes"];
  for (const json& route : routes) {
    const std::string path = route["path"];
    if (path == "/metrics") continue;
    const std::string target = TargetOf(path);
    const Answer unknown = Send(route["method"], target + "?zzz=1");
    EXPECT_EQ(unknown.status, 400) << target;
    EXPECT_EQ(unknown.Message(), "unknown query parameter 'zzz'") << target;
    const json query = route.value("query", json::object());
    for (const auto& [name, help] : query.items()) {
      const Answer typo = Send(route["method"], target + "?" + name + "x=1");
      EXPECT_NE(typo.Message().find("did you mean '" + name + "'?"), std::string::npos)
          << target << ": " << typo.text;
    }
  }
}

// The handler suggests each listed field for a misspelt one.
TEST_F(AdminIndexTest, FieldsOfBodiesAreThoseThatTheHandlersKnow) {
  const json routes = Get("/kless/v1")["routes"];
  int fields = 0;
  for (const json& route : routes) {
    const std::string path = route["path"];
    const bool needs_nodes = path.find("/pods/") != std::string::npos;
    const bool needs_reality = path == "/kless/v1/functions" && route["method"] == "POST";
    if (needs_nodes || needs_reality) continue;
    const json body = route.value("body", json::object());
    for (const auto& [name, help] : body.items()) {
      // The help of a control loop's function, which does not have the fields of a user function.
      const bool of_user = help != "as GET /kless/v1/functions/{name} shows it";
      if (path == "/kless/v1/functions/{name}" && of_user) continue;
      json typos = {{name + "x", 1}};
      if (path == "/kless/v1/faults") typos["kind"] = "throttle";
      if (path == "/kless/v1/faults" && name == "kind") continue;
      const Answer typo = Send(route["method"], TargetOf(path), typos.dump());
      EXPECT_EQ(typo.status, 400) << path << ": " << typo.text;
      EXPECT_NE(typo.Message().find("did you mean '" + name + "'"), std::string::npos)
          << path << ": " << typo.text;
      ++fields;
    }
  }
  EXPECT_GT(fields, 20);
}

TEST_F(AdminIndexTest, TheOpenApiDocumentHasTheSameRoutes) {
  const json routes = Get("/kless/v1")["routes"];
  const json document = Get(Get("/kless/v1")["openapi"].get<std::string>());
  EXPECT_EQ(document["openapi"], "3.0.3");
  EXPECT_EQ(document["info"]["version"], KLESS_VERSION);
  std::size_t operations = 0;
  std::set<std::string> ids;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      ++operations;
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << operation["operationId"];
      std::set<std::string> in_path;
      for (const json& parameter : operation["parameters"]) {
        if (parameter["in"] != "path") continue;
        EXPECT_EQ(parameter["required"], true);
        in_path.insert("{" + parameter["name"].get<std::string>() + "}");
      }
      for (const std::string_view segment : Split(path, '/')) {
        if (!segment.starts_with('{')) continue;
        EXPECT_EQ(in_path.erase(std::string(segment)), 1u) << path;
      }
      EXPECT_TRUE(in_path.empty()) << path;
      EXPECT_TRUE(operation["responses"].contains("2XX")) << path;
    }
  }
  EXPECT_EQ(operations, routes.size());
  for (const json& route : routes) {
    std::string method = route["method"];
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const json operation = document["paths"].at(route["path"].get<std::string>()).at(method);
    EXPECT_EQ(operation["summary"], route["summary"]);
    std::set<std::string> described;
    for (const json& parameter : operation["parameters"]) {
      if (parameter["in"] == "query") described.insert(parameter["name"]);
    }
    const json query = route.value("query", json::object());
    for (const auto& [name, help] : query.items()) {
      EXPECT_EQ(described.erase(name), 1u) << route["path"] << " " << name;
    }
    EXPECT_TRUE(described.empty()) << route["path"];
  }
  const json clock = document["paths"]["/kless/v1/clock"]["post"]["requestBody"];
  const json schema = clock["content"]["application/json"]["schema"];
  EXPECT_EQ(schema["properties"]["paused"]["type"], "boolean");
  EXPECT_EQ(schema["additionalProperties"], false);
}

TEST_F(AdminIndexTest, TheRootListsThePathsToBeginWith) {
  const json paths = Get("/")["paths"];
  const std::set<std::string> listed(paths.begin(), paths.end());
  EXPECT_TRUE(listed.contains("/kless/v1"));
  EXPECT_TRUE(listed.contains("/metrics"));
  EXPECT_FALSE(listed.contains("/kless/v1/clock"));
  EXPECT_FALSE(listed.contains("/"));
  EXPECT_EQ(Send("POST", "/").status, 405);
}

}  // namespace
}  // namespace kless::doors
