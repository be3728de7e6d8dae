// AwsVariables: the environment by which SDKs and tools of AWS use the daemon instead of AWS.
#pragma once

#include <map>
#include <string>

namespace kless::cli {

// AWS_ENDPOINT_URL, keys that reach nothing at AWS, and a region; `certificate` is the path of the
// PEM file of an https endpoint, or "".  Released before June 2023, boto3 and the aws CLI do not
// read AWS_ENDPOINT_URL: they need the endpoint as an argument.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
std::map<std::string, std::string> AwsVariables(const std::string& endpoint,
                                                const std::string& region,
                                                const std::string& certificate);

}  // namespace kless::cli
