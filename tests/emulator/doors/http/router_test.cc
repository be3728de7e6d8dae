#include "emulator/doors/http/router.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "emulator/base/loop/event_loop.h"

namespace kless {
namespace {

HttpResponse Send(const Router& router, std::string method, std::string path) {
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  HttpResponse response;
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  asio::co_spawn(event_loop.executor(), router.Dispatch(std::move(request)),
                 [&](std::exception_ptr, HttpResponse answer) { response = std::move(answer); });
  event_loop.Run();
  return response;
}

HttpHandler Echo(std::string name) {
  return [name](HttpRequest request) -> Task<HttpResponse> {
    HttpResponse response;
    response.body = name;
    for (const auto& [key, value] : request.params) response.body += " " + key + "=" + value;
    co_return response;
  };
}

Task<HttpResponse> Fail(HttpRequest) {
  co_await boost::asio::this_coro::executor;
  throw std::runtime_error("boom");
}

TEST(RouterTest, RoutesAreListedBelowAPrefixWithTheirDescriptions) {
  Router router;
  static constexpr RouteField kQuery[] = {{"limit", "integer", "rows"}};
  router.Add("GET", "/a/v1/things/{name}/{rest...}", Echo("rest"), {"The rest", kQuery});
  router.Add("POST", "/a/v1/things", Echo("make"));
  router.Add("GET", "/a/v1/things", Echo("list"), {"All things"});
  router.Add("GET", "/", Echo("root"));
  router.Add("GET", "/b", Echo("b"));
  std::string listed;
  for (const Route& route : router.Routes("/a/v1")) {
    listed += route.method + " " + route.pattern + " " + route.description.summary + "; ";
  }
  EXPECT_EQ(listed,
            "GET /a/v1/things All things; POST /a/v1/things ; "
            "GET /a/v1/things/{name}/{rest...} The rest; ");
  EXPECT_EQ(router.Routes("/a/v1/things").back().description.query[0].name,
            std::string_view("limit"));
  EXPECT_EQ(router.Routes("/").size(), 5u);
  EXPECT_EQ(router.Routes("/")[0].pattern, "/");
  EXPECT_TRUE(router.Routes("/nowhere").empty());
}

TEST(RouterTest, LiteralSegmentsWinOverParametersAndTheRestTakesAll) {
  Router router;
  router.Add("GET", "/api/v1/namespaces/{name}", Echo("one"));
  router.Add("GET", "/api/v1/{plural}", Echo("list"));
  router.Add("GET", "/api/v1/namespaces", Echo("namespaces"));
  router.Add("GET", "/files/{rest...}", Echo("files"));
  EXPECT_EQ(Send(router, "GET", "/api/v1/namespaces").body, "namespaces");
  EXPECT_EQ(Send(router, "GET", "/api/v1/nodes").body, "list plural=nodes");
  EXPECT_EQ(Send(router, "GET", "/api/v1/namespaces/a").body, "one name=a");
  EXPECT_EQ(Send(router, "GET", "/files/a/b/c").body, "files rest=a/b/c");
}

TEST(RouterTest, UnknownPathsMethodsAndThrownExceptionsAreRenderedByTheOwnerOfThePath) {
  Router router;
  router.Add("GET", "/a", Echo("a"));
  router.Add("GET", "/a/fail", Fail);
  router.SetErrorRenderer("/a", [](const HttpRequest&, int status, std::string message) {
    HttpResponse response;
    response.status = status;
    response.body = "rendered " + message;
    return response;
  });
  EXPECT_EQ(Send(router, "GET", "/b").status, 404);
  const HttpResponse method = Send(router, "POST", "/a");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.at(0).second, "GET");
  const HttpResponse thrown = Send(router, "GET", "/a/fail");
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body, "rendered internal error: boom");
}

TEST(RouterTest, APathMayHaveARendererAndALimitOfItsOwn) {
  Router router;
  router.Add("GET", "/", Echo("root"));
  router.SetBodyLimit("/", 10);
  router.SetBodyLimit("/", 20, PathScope::kOnly);
  router.SetErrorRenderer(
      "/",
      [](const HttpRequest&, int, const std::string&) {
        HttpResponse response;
        response.body = "of the root";
        return response;
      },
      PathScope::kOnly);
  EXPECT_EQ(router.BodyLimit("/"), 20u);
  EXPECT_EQ(router.BodyLimit("/a"), 10u);
  EXPECT_EQ(Send(router, "POST", "/").body, "of the root");
  EXPECT_NE(Send(router, "POST", "/a").body, "of the root");
  EXPECT_TRUE(router.HandlerOf("GET", "/"));
  EXPECT_FALSE(router.HandlerOf("POST", "/"));
  EXPECT_FALSE(router.HandlerOf("GET", "/a/b"));
}

TEST(ParseTargetTest, DecodesPathAndQueryAndRefusesMalformedEscapes) {
  HttpRequest request;
  ASSERT_TRUE(ParseTarget("/a%2Fb/c?x=1+2&y=%3D&z", &request).has_value());
  EXPECT_EQ(request.path, "/a/b/c");
  EXPECT_EQ(request.query["x"], "1 2");
  EXPECT_EQ(request.query["y"], "=");
  EXPECT_EQ(request.query.count("z"), 1u);
  EXPECT_TRUE(ParseTarget("/%zz", &request).has_error());
  EXPECT_TRUE(ParseTarget("a", &request).has_error());
}

TEST(ParseTargetTest, KeepsTheTargetAsItWasReceived) {
  for (const std::string target : {"/", "/api/v1/pods?watch=1&labelSelector=a%3Db%2Cc%21%3Dd",
                                   "/a+b/%c3%a4?q=1+2&r=%26&&x", "/a?filters=[\"{1}\"]"}) {
    HttpRequest request;
    ASSERT_TRUE(ParseTarget(target, &request).has_value());
    EXPECT_EQ(request.target, target);
  }
  HttpRequest request;
  ASSERT_TRUE(ParseTarget("/\xc3\xa4 b?\xff=1", &request).has_value());
  EXPECT_EQ(request.target, "/%C3%A4%20b?%FF=1");
  EXPECT_EQ(request.path, "/\xc3\xa4 b");
  EXPECT_EQ(request.query["\xff"], "1");
}

}  // namespace
}  // namespace kless
