// Selection: the selectors of a list or watch, which choose objects of a collection.
#pragma once

#include <string>
#include <string_view>

#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/wire/resource.h"
#include "functions/kubernetes/selectors/field_selector.h"
#include "functions/kubernetes/selectors/label_selector.h"
#include "store/item/item.h"

namespace kless::doors {

class Selection {
 public:
  // Selects everything in the collection until Parse is called.
  explicit Selection(const ResourcePath& path) : kind_(path.kind), prefix_(path.Prefix()) {}
  // Reads labelSelector and fieldSelector; 400 with the API server's messages.
  Refusal Parse(const HttpRequest& request);

  const kubernetes::Kind& kind() const { return *kind_; }
  const kubernetes::KindPtr& shared_kind() const { return kind_; }
  // The common prefix of the resource names of all selected objects.
  const std::string& prefix() const { return prefix_; }
  // Whether the selectors are empty, so that the whole collection is selected.
  bool everything() const { return labels_.empty() && fields_.empty(); }
  // Whether an item of the collection matches the selectors.
  bool Matches(const Item& item, std::string_view resource_name) const;

 private:
  kubernetes::KindPtr kind_;
  std::string prefix_;
  kubernetes::LabelSelector labels_;
  kubernetes::FieldSelector fields_;
};

}  // namespace kless::doors
