#include "functions/controllers/node/taints.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::StringAt;
using nlohmann::json;

namespace {

// Larger values would overflow when added to a time in nanoseconds.
constexpr std::int64_t kMaxSeconds = 1'000'000'000;

bool IsTaint(const json& taint, std::string_view key, std::string_view effect) {
  return StringAt(taint, "key") == key && StringAt(taint, "effect") == effect;
}

bool ToleratesTaint(const json& toleration, const json& taint) {
  const std::string effect = StringAt(toleration, "effect");
  if (!effect.empty() && effect != StringAt(taint, "effect")) return false;
  const std::string key = StringAt(toleration, "key");
  if (!key.empty() && key != StringAt(taint, "key")) return false;
  const std::string op = StringAt(toleration, "operator");
  if (op == "Exists") return true;
  return (op.empty() || op == "Equal") && StringAt(toleration, "value") == StringAt(taint, "value");
}

}  // namespace

bool HasTaint(const json& node, std::string_view key, std::string_view effect) {
  const json* taints = kubernetes::Find(node, {"spec", "taints"});
  return taints != nullptr && taints->is_array() &&
         std::any_of(taints->begin(), taints->end(),
                     [&](const json& taint) { return IsTaint(taint, key, effect); });
}

bool AddTaint(json& node, const std::string& key, const std::string& effect,
              std::int64_t unix_nanos) {
  if (HasTaint(node, key, effect)) return false;
  json* spec = kubernetes::ObjectAt(node, "spec");
  if (spec == nullptr) return false;
  json& taints = (*spec)["taints"];
  if (!taints.is_array()) taints = json::array();
  taints.push_back({{"effect", effect}, {"key", key}, {"timeAdded", FormatTime(unix_nanos)}});
  return true;
}

bool RemoveTaint(json& node, std::string_view key, std::string_view effect) {
  if (!HasTaint(node, key, effect)) return false;
  json& spec = node["spec"];
  json kept = json::array();
  for (json& taint : spec["taints"]) {
    if (!IsTaint(taint, key, effect)) kept.push_back(std::move(taint));
  }
  if (kept.empty()) {
    spec.erase("taints");
  } else {
    spec["taints"] = std::move(kept);
  }
  return true;
}

json NoExecuteTaints(const json& node) {
  json found = json::array();
  const json* taints = kubernetes::Find(node, {"spec", "taints"});
  if (taints == nullptr || !taints->is_array()) return found;
  for (const json& taint : *taints) {
    if (StringAt(taint, "effect") == "NoExecute") found.push_back(taint);
  }
  return found;
}

std::optional<std::int64_t> ToleratedSeconds(const json& pod, const json& taints) {
  static const json kNone = json::array();
  const json* found = kubernetes::Find(pod, {"spec", "tolerations"});
  const json& tolerations = found != nullptr && found->is_array() ? *found : kNone;
  std::optional<std::int64_t> least;
  for (const json& taint : taints) {
    const auto toleration = std::find_if(tolerations.begin(), tolerations.end(),
                                         [&](const json& t) { return ToleratesTaint(t, taint); });
    if (toleration == tolerations.end()) return 0;
    const auto seconds = kubernetes::IntegerAt(*toleration, "tolerationSeconds");
    if (!seconds) continue;
    const std::int64_t bounded = std::clamp<std::int64_t>(*seconds, 0, kMaxSeconds);
    least = std::min(least.value_or(bounded), bounded);
  }
  return least;
}

}  // namespace kless::controllers
