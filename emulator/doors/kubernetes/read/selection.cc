#include "emulator/doors/kubernetes/read/selection.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/json.h"

namespace kless::doors {

using kubernetes::FieldSelector;

Refusal Selection::Parse(const HttpRequest& request) {
  if (const auto text = request.query.find("labelSelector"); text != request.query.end()) {
    auto parsed = kubernetes::LabelSelector::Parse(text->second);
    if (parsed.has_error()) return BadRequest(parsed.error().message);
    labels_ = std::move(parsed.value());
  }
  if (const auto text = request.query.find("fieldSelector"); text != request.query.end()) {
    auto parsed = FieldSelector::Parse(text->second);
    if (parsed.has_error()) return BadRequest(parsed.error().message);
    fields_ = std::move(parsed.value());
  }
  for (const FieldSelector::Term& term : fields_.terms()) {
    if (auto problem = kubernetes::FieldLabelProblem(*kind_, term.field)) {
      return BadRequest(std::move(*problem));
    }
    // For one object by name, only its neighbours in order of name are examined.
    const bool rooted = !kind_->namespaced || !prefix_.empty();
    if (term.field == "metadata.name" && term.equal && rooted &&
        prefix_.find('/') + 1 == prefix_.size()) {
      prefix_ += term.value;
    }
  }
  return std::nullopt;
}

bool Selection::Matches(const Item& item, std::string_view resource_name) const {
  if (!labels_.empty()) {
    static const kubernetes::Labels kNone;
    if (!labels_.Matches(item.fields ? item.fields->labels : kNone)) return false;
  }
  if (fields_.empty()) return true;
  std::optional<nlohmann::json> object;  // Parsed only for fields that are not extracted.
  return fields_.Matches([&](const std::string& field) -> std::string {
    const auto slash = resource_name.find('/');
    const bool split = kind_->namespaced && slash != std::string_view::npos;
    if (field == "metadata.name") {
      return std::string(split ? resource_name.substr(slash + 1) : resource_name);
    }
    if (field == "metadata.namespace") {
      return std::string(split ? resource_name.substr(0, slash) : std::string_view());
    }
    if (kind_->type == "pod" && item.fields) {
      if (field == "spec.nodeName") return item.fields->node_name;
      if (field == "status.phase") return PodPhaseName(item.fields->phase);
    }
    if (!object) {
      auto parsed = ParseJson(item.document);
      object = parsed.has_value() ? std::move(parsed.value()) : nlohmann::json();
      if (kind_->from_stored && object->is_object()) kind_->from_stored(*object);
    }
    return kind_->field_value ? kind_->field_value(*object, field) : std::string();
  });
}

}  // namespace kless::doors
