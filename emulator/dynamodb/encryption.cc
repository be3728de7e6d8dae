#include "emulator/dynamodb/encryption.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <string_view>

namespace kless::dynamodb {
namespace {

constexpr std::string_view kAlias = "alias/";
constexpr const char* kManagedKey = "alias/aws/dynamodb";

}  // namespace

Encryption EncryptionOf(const Scope& scope, const SseRequest& request) {
  if (!request.enabled) return {};
  std::string prefix = "arn:aws:kms:" + scope.region + ":" + scope.account + ":";
  std::string key = request.kms_key.empty() ? kManagedKey : request.kms_key;
  if (key.starts_with("arn:")) {
    const std::size_t alias = key.find(":" + std::string(kAlias));
    if (alias == std::string::npos) return {"KMS", key};
    prefix = key.substr(0, alias + 1);
    key = key.substr(alias + 1);
  }
  if (key.starts_with(kAlias)) {
    // There is no KMS that knows aliases: the id of the key is made from the alias.
    const boost::uuids::name_generator_sha1 id_of(boost::uuids::ns::url());
    key = to_string(id_of(prefix + key));
  }
  return {"KMS", prefix + "key/" + key};
}

}  // namespace kless::dynamodb
