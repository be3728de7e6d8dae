#include "emulator/doors/kubernetes/wire/patch_body.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/json_parser.h"
#include "emulator/doors/http/go_json.h"
#include "functions/kubernetes/objects/status_object.h"

namespace kless::doors {

using nlohmann::json;

Refusal DecodePatch(const HttpRequest& request, kubernetes::PatchType type, json* patch,
                    bool* repeats) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // Go does not accept it
  // Strategic patches are decoded by another part of the API server, which words this differently.
  const std::string prefix =
      type == kubernetes::PatchType::kStrategic ? "" : "error decoding patch: ";
  auto parsed = ParseJsonText(request.body, repeats);
  if (parsed.has_error() || request.body.starts_with(kByteOrderMark)) {
    if (const auto problem = GoJsonProblem(request.body)) return BadRequest(prefix + *problem);
  }
  if (parsed.has_error()) parsed = ParseJson(GoJsonText(request.body));
  if (parsed.has_error()) return BadRequest(prefix + parsed.error().message);
  *patch = std::move(parsed.value());
  return std::nullopt;
}

HttpResponse PatchRefused(const kubernetes::PatchProblem& problem) {
  if (problem.code == 400) return BadRequest(problem.message);
  const json details = problem.code == 422 ? json::object() : json();
  const char* const reason = problem.code == 413   ? "RequestEntityTooLarge"
                             : problem.code == 422 ? "Invalid"
                                                   : "";
  return StatusResponse(kubernetes::StatusFailure(problem.code, reason, problem.message, details));
}

}  // namespace kless::doors
