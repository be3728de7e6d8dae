#include "emulator/doors/aws/wire/signature.h"

#include <gtest/gtest.h>

namespace kless::doors::aws {
namespace {

constexpr const char* kComplete =
    "AWS4-HMAC-SHA256 Credential=k/20130609/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host, Signature=ab";

struct Request {
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> query;
};

Request WithHeader(const std::string& authorization, const std::string& date = "20130609T094515Z") {
  Request request;
  request.headers["authorization"] = authorization;
  if (!date.empty()) request.headers["x-amz-date"] = date;
  return request;
}

std::string ProblemOf(const Request& request) {
  const auto parsed = ParseSignature({request.headers, request.query}, "dynamodb");
  return parsed.has_value() ? "" : parsed.error().type + ": " + parsed.error().message;
}

std::string Complete(const std::string& from, const std::string& to) {
  std::string header = kComplete;
  return header.replace(header.find(from), from.size(), to);
}

TEST(SignatureTest, TheCredentialScopeTellsKeyAndRegion) {
  for (const char* const header :
       {kComplete,
        "AWS4-HMAC-SHA256 Credential=k/20130609/us-east-1//aws4_request, SignedHeaders=host, "
        "Signature=ab",
        "AWS4-HMAC-SHA256 Signature=ab,SignedHeaders=Host,"
        "Credential=k/20130609/us-east-1/dynamodb/aws4_request/"}) {
    const Request request = WithHeader(header);
    const auto parsed = ParseSignature({request.headers, request.query}, "dynamodb");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed.value().access_key, "k");
    EXPECT_EQ(parsed.value().region, "us-east-1");
  }
}

TEST(SignatureTest, i1_WithoutASignatureTheTokenIsMissing) {
  const std::string missing =
      "MissingAuthenticationTokenException: Request is missing Authentication Token";
  EXPECT_EQ(ProblemOf(Request()), missing);
  EXPECT_EQ(ProblemOf(WithHeader("AWS4")), missing);
  EXPECT_EQ(ProblemOf(WithHeader("Bearer x")), missing);
  Request query;
  query.query = {{"X-Amz-Credential", "a"}};
  EXPECT_EQ(ProblemOf(query), missing);
}

TEST(SignatureTest, i2_BothFormsContradictEachOther) {
  Request request = WithHeader("X");
  request.query["X-Amz-Algorithm"];
  EXPECT_EQ(ProblemOf(request),
            "InvalidSignatureException: Found both 'X-Amz-Algorithm' as a query-string param and "
            "'Authorization' as HTTP header.");
}

TEST(SignatureTest, i3_EveryMissingPartIsNamed) {
  EXPECT_EQ(ProblemOf(WithHeader("AWS4-", "")),
            "IncompleteSignatureException: Authorization header requires 'Credential' parameter. "
            "Authorization header requires 'Signature' parameter. Authorization header requires "
            "'SignedHeaders' parameter. Authorization header requires existence of either a "
            "'X-Amz-Date' or a 'Date' header. Authorization=AWS4-");
  Request request = WithHeader("AWS4- Signature=b, Credential=a", "");
  request.headers["date"] = "a";
  EXPECT_EQ(ProblemOf(request),
            "IncompleteSignatureException: Authorization header requires 'SignedHeaders' "
            "parameter. Authorization=AWS4- Signature=b, Credential=a");
  Request query;
  query.query = {{"X-Amz-Algorithm", "a"},
                 {"X-Amz-Credential", "b"},
                 {"X-Amz-Signature", "c"},
                 {"X-Amz-Date", "d"}};
  EXPECT_EQ(ProblemOf(query),
            "IncompleteSignatureException: AWS query-string parameters must include "
            "'X-Amz-SignedHeaders'. Re-examine the query-string parameters.");
}

TEST(SignatureTest, i4_TheDateHasTheBasicFormat) {
  EXPECT_EQ(ProblemOf(WithHeader(kComplete, "201")),
            "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '201'. See "
            "http://en.wikipedia.org/wiki/ISO_8601");
  Request request = WithHeader(kComplete, "");
  request.headers["date"] = "Sun, 09 Jun 2013 09:45:15 GMT";
  EXPECT_EQ(ProblemOf(request), "");
}

TEST(SignatureTest, i6_TheHostIsSigned) {
  EXPECT_EQ(ProblemOf(WithHeader(Complete("content-type;host", "content-type"))),
            "InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST(SignatureTest, i7_OnlyOneAlgorithmIsSupported) {
  EXPECT_EQ(ProblemOf(WithHeader(Complete("SHA256", "SHA25"))),
            "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only "
            "AWS4-HMAC-SHA256 for now). ");
}

TEST(SignatureTest, i8_ACredentialHasFiveParts) {
  EXPECT_EQ(
      ProblemOf(WithHeader(Complete("k/20130609/us-east-1/dynamodb/aws4_request", "a/b/c/d"))),
      "IncompleteSignatureException: Credential must have exactly 5 slash-delimited "
      "elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'");
}

TEST(SignatureTest, i9_EveryWrongPartOfTheScopeIsNamed) {
  EXPECT_EQ(
      ProblemOf(WithHeader(Complete("k/20130609/us-east-1/dynamodb/aws4_request", "a/b/./d/e"))),
      "InvalidSignatureException: Credential should be scoped to a valid region, not '.'. "
      "Credential should be scoped to correct service: 'dynamodb'. Credential should be "
      "scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope "
      "does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20130609', "
      "from '20130609T094515Z'.");
}

TEST(SignatureTest, APartWithoutAnEqualSignIsNamed) {
  EXPECT_EQ(ProblemOf(WithHeader("AWS4-HMAC-SHA256 Signature=b, Credential")),
            "IncompleteSignatureException: 'Credential' not a valid key=value pair (missing "
            "equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Signature=b, Credential'.");
}

}  // namespace
}  // namespace kless::doors::aws
