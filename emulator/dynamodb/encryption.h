// Encryption: the key that a table says it is encrypted with.
//
// Nothing is encrypted here; descriptions name the key that a request asks for.
#pragma once

#include <string>

#include "emulator/dynamodb/scope.h"

namespace kless::dynamodb {

// Server-side encryption of a table.
struct Encryption {
  std::string type;     // "": with a key that AWS owns; else "KMS"
  std::string key_arn;  // of the KMS key
  bool operator==(const Encryption&) const = default;
};

// SSESpecification.
struct SseRequest {
  bool enabled = false;
  bool names_type = false;  // whether SSEType was given
  std::string kms_key;      // an id, an alias or an ARN; "": the key that AWS manages for DynamoDB
  bool is_aes = false;      // whether SSEType is AES256
};

// What the request asks for in an account and region.  The key behind an alias, and so the one that
// AWS manages (alias/aws/dynamodb), is the same for all tables of the account and region:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html
Encryption EncryptionOf(const Scope& scope, const SseRequest& request);

}  // namespace kless::dynamodb
