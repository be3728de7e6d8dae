// The kubeconfig of a daemon: what kubectl and the client libraries read to reach it.
#pragma once

#include <string>

namespace kless::cli {

// YAML with one cluster, user and context of the name "kless".  `certificate`: PEM of what an https
// endpoint presents; "" for none.
std::string KubeconfigText(const std::string& endpoint, const std::string& certificate);

}  // namespace kless::cli
