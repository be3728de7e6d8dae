// The kubeconfig of a daemon, with which kubectl and the client libraries reach it.
#pragma once

#include <string>

namespace kless::cli {

// YAML with one cluster, user and context named "kless".  `certificate` is the PEM text of an https
// endpoint's certificate, or "".
std::string KubeconfigText(const std::string& endpoint, const std::string& certificate);

}  // namespace kless::cli
