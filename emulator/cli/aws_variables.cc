#include "emulator/cli/aws_variables.h"

namespace kless::cli {

std::map<std::string, std::string> AwsVariables(const std::string& endpoint,
                                                const std::string& region,
                                                const std::string& certificate) {
  std::map<std::string, std::string> variables = {
      {"AWS_ENDPOINT_URL", endpoint},
      {"AWS_ACCESS_KEY_ID", "test"},
      {"AWS_SECRET_ACCESS_KEY", "test"},
      {"AWS_REGION", region},
      {"AWS_DEFAULT_REGION", region},
      // Without it, SDKs ask the metadata service of the machine that they run on.
      {"AWS_EC2_METADATA_DISABLED", "true"}};
  if (!certificate.empty()) variables["AWS_CA_BUNDLE"] = certificate;
  return variables;
}

}  // namespace kless::cli
