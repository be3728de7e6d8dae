#include "functions/kubernetes/kinds/virtual_kinds.h"

#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

namespace {

Kind VirtualKind(const char* group, const char* name, const char* plural, const char* singular,
                 bool namespaced) {
  Kind kind;
  kind.group = group;
  kind.version = "v1";
  kind.kind = name;
  kind.plural = plural;
  kind.singular = singular;
  kind.verbs = {"create"};
  kind.namespaced = namespaced;
  kind.schema = FindSchema(kind.ApiVersion(), name);
  return kind;
}

}  // namespace

const std::vector<Kind>& VirtualKinds() {
  constexpr const char* kAuthorization = "authorization.k8s.io";
  constexpr const char* kAuthentication = "authentication.k8s.io";
  static const std::vector<Kind> kinds = {
      VirtualKind("", "Binding", "bindings", "binding", true),
      VirtualKind(kAuthorization, "LocalSubjectAccessReview", "localsubjectaccessreviews",
                  "localsubjectaccessreview", true),
      VirtualKind(kAuthorization, "SelfSubjectAccessReview", "selfsubjectaccessreviews",
                  "selfsubjectaccessreview", false),
      VirtualKind(kAuthorization, "SelfSubjectRulesReview", "selfsubjectrulesreviews",
                  "selfsubjectrulesreview", false),
      VirtualKind(kAuthorization, "SubjectAccessReview", "subjectaccessreviews",
                  "subjectaccessreview", false),
      VirtualKind(kAuthentication, "SelfSubjectReview", "selfsubjectreviews", "selfsubjectreview",
                  false),
      VirtualKind(kAuthentication, "TokenReview", "tokenreviews", "tokenreview", false)};
  return kinds;
}

}  // namespace kless::kubernetes
