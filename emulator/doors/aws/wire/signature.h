// The Signature Version 4 of a request: its shape, and what it says about the caller.
//
// Any access key and any signature is accepted; the shape must be right, with AWS's errors.  The
// dates are compared with each other, never with the clock: the emulated date may be any.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "emulator/doors/aws/wire/aws_error.h"

namespace kless::doors::aws {

struct Credential {
  std::string access_key;
  std::string date;  // "20261130"
  std::string region;
  std::string service;  // "dynamodb"
};

// What a request says: headers by their names in lowercase, and the parameters of the query.
struct SignedRequest {
  const std::map<std::string, std::string>& headers;
  const std::map<std::string, std::string>& query;
};

// Reads the header Authorization or the query's X-Amz-... parameters.  `service` is the signing
// name that the credential scope must have, or none.  Errors: MissingAuthenticationTokenException,
// IncompleteSignatureException, InvalidSignatureException, in AWS's order of checks.
AwsResult<Credential> ParseSignature(const SignedRequest& request, std::string_view service);

}  // namespace kless::doors::aws
