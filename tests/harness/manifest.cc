#include "tests/harness/manifest.h"

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"

namespace kless::harness {

namespace {

using nlohmann::json;

json ExitCodeRule(const std::string& action, std::int64_t code) {
  return {{"action", action},
          {"onExitCodes", {{"operator", "In"}, {"values", json::array({code})}}}};
}

json FailurePolicy(const std::string& text) {
  json rules = json::array();
  for (const std::string_view view : Split(text, '+')) {
    const std::string rule(view);
    const auto colon = rule.find(':');
    const std::string name = rule.substr(0, colon);
    const std::int64_t code =
        colon == std::string::npos ? 1 : ParseInteger(rule.substr(colon + 1)).value_or(1);
    if (name == "ignore-disruption") {
      rules.push_back(
          {{"action", "Ignore"},
           {"onPodConditions", json::array({{{"type", "DisruptionTarget"}, {"status", "True"}}})}});
    } else if (name == "fail-job") {
      rules.push_back(ExitCodeRule("FailJob", code));
    } else if (name == "fail-index") {
      rules.push_back(ExitCodeRule("FailIndex", code));
    } else if (name == "ignore") {
      rules.push_back(ExitCodeRule("Ignore", code));
    } else {
      rules.push_back(ExitCodeRule("Count", code));
    }
  }
  return {{"rules", std::move(rules)}};
}

json SuccessPolicy(const std::string& text) {
  json rule = json::object();
  const auto colon = text.find(':');
  const std::string value = colon == std::string::npos ? text : text.substr(colon + 1);
  if (text.starts_with("count:")) {
    rule["succeededCount"] = ParseInteger(value).value_or(1);
  } else {
    const auto slash = value.find('/');
    rule["succeededIndexes"] = value.substr(0, slash);
    if (slash != std::string::npos) {
      rule["succeededCount"] = ParseInteger(value.substr(slash + 1)).value_or(1);
    }
  }
  return {{"rules", json::array({rule})}};
}

json Requests(const Event& submit) {
  json requests = json::object();
  if (submit.Has("cpu")) requests["cpu"] = submit.Text("cpu") + "m";
  if (submit.Has("memory")) requests["memory"] = submit.Text("memory") + "Mi";
  return requests;
}

json Template(const Event& submit) {
  json container = {{"name", "main"}, {"image", "busybox:1.36"}};
  const json requests = Requests(submit);
  if (!requests.empty()) container["resources"] = {{"requests", requests}};
  json spec = {{"restartPolicy", submit.Has("restart") ? submit.Text("restart") : "Never"},
               {"containers", json::array({container})}};
  if (submit.Has("grace")) spec["terminationGracePeriodSeconds"] = submit.Number("grace", 30);
  json annotations = {{"kless.dev/run-time", submit.Has("run") ? submit.Text("run") : "1000"}};
  if (submit.Has("exit")) annotations["kless.dev/exit-code"] = submit.Text("exit");
  if (submit.Has("stubborn")) annotations["kless.dev/ignore-sigterm"] = submit.Text("stubborn");
  return {{"metadata", {{"annotations", annotations}}}, {"spec", spec}};
}

}  // namespace

json JobManifest(const Event& submit) {
  json spec = {{"template", Template(submit)}};
  const auto number = [&](const char* argument, const char* field) {
    if (submit.Has(argument)) spec[field] = submit.Number(argument, 0);
  };
  number("parallelism", "parallelism");
  number("completions", "completions");
  number("backoff", "backoffLimit");
  number("deadline", "activeDeadlineSeconds");
  number("ttl", "ttlSecondsAfterFinished");
  number("index-limit", "backoffLimitPerIndex");
  number("max-indexes", "maxFailedIndexes");
  if (submit.Has("mode")) spec["completionMode"] = submit.Text("mode");
  if (submit.Has("replacement")) spec["podReplacementPolicy"] = submit.Text("replacement");
  if (submit.Text("suspend") == "true") spec["suspend"] = true;
  if (submit.Has("policy")) spec["podFailurePolicy"] = FailurePolicy(submit.Text("policy"));
  if (submit.Has("success")) spec["successPolicy"] = SuccessPolicy(submit.Text("success"));
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", {{"name", submit.target}, {"namespace", "default"}}},
          {"spec", std::move(spec)}};
}

json StrayPod(const std::string& name, const json& labels, const std::string& run) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"labels", labels},
            {"annotations", {{"kless.dev/run-time", run.empty() ? "1000" : run}}}}},
          {"spec",
           {{"restartPolicy", "Never"},
            {"containers", json::array({{{"name", "main"}, {"image", "busybox:1.36"}}})}}}};
}

}  // namespace kless::harness
