// The Kubernetes project's approval of definitions in its groups.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/apihelpers/helpers.go
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kless::kubernetes {

constexpr const char* kApprovalAnnotation = "api-approved.kubernetes.io";

struct Approval {
  enum class State {
    kNotNeeded,  // the group is not one of the project's
    kMissing,
    kInvalid,
    kBypassed,  // "unapproved, ..."
    kApproved,  // approved by a URL
  };
  State state = State::kNotNeeded;
  std::string sentence;  // the API server's message
};

Approval ApprovalOf(const nlohmann::json& definition);

}  // namespace kless::kubernetes
