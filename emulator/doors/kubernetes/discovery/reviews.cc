#include "emulator/doors/kubernetes/discovery/reviews.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Find;
using kubernetes::Kind;
using nlohmann::json;

namespace {

constexpr const char* kReason = "kless: every request may do everything";

// The user, in the form in which an API server without authentication reports it.
json User() {
  return {{"username", "system:admin"},
          {"groups", json::array({"system:masters", "system:authenticated"})}};
}

kubernetes::FieldErrors AccessProblems(const json& review) {
  const json* resource = Find(review, {"spec", "resourceAttributes"});
  const json* other = Find(review, {"spec", "nonResourceAttributes"});
  if ((resource == nullptr) != (other == nullptr)) return {};
  constexpr const char* kOne =
      "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  if (resource != nullptr) {
    return {kubernetes::Invalid("spec.nonResourceAttributes",
                                "cannot be specified in combination with resourceAttributes",
                                kOne)};
  }
  return {kubernetes::Invalid("spec.resourceAttributes", nullptr, kOne)};
}

// The API server reports errors of reviews without the name of their kind.
HttpResponse InvalidReview(const Kind& kind, const kubernetes::FieldErrors& errors) {
  Kind nameless = kind;
  nameless.kind.clear();
  json status = kubernetes::InvalidStatus(nameless, "", errors);
  status["details"].erase("kind");
  return StatusResponse(status);
}

json AllRules() {
  const json all = json::array({"*"});
  return {
      {"resourceRules", json::array({{{"verbs", all}, {"apiGroups", all}, {"resources", all}}})},
      {"nonResourceRules", json::array({{{"verbs", all}, {"nonResourceURLs", all}}})},
      {"incomplete", false}};
}

}  // namespace

HttpResponse AnswerReview(const Kind& kind, const HttpRequest& request) {
  json review;
  if (auto refusal = DecodeObject(request, kind, &review)) return std::move(*refusal);
  kubernetes::SetDefault(review, "metadata", json::object());
  if (kind.kind == "TokenReview") {
    review["status"] = {{"authenticated", true}, {"user", User()}};
  } else if (kind.kind == "SelfSubjectReview") {
    review["status"] = {{"userInfo", User()}};
  } else if (kind.kind == "SelfSubjectRulesReview") {
    review["status"] = AllRules();
  } else {
    const auto errors = AccessProblems(review);
    if (!errors.empty()) return InvalidReview(kind, errors);
    review["status"] = {{"allowed", true}, {"reason", kReason}};
  }
  return JsonResponse(201, DumpJson(review));
}

}  // namespace kless::doors
