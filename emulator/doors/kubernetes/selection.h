// The selectors of a list or watch: which objects of a collection it wants.
#pragma once

#include <string>
#include <string_view>

#include "emulator/doors/kubernetes/resource.h"
#include "emulator/doors/kubernetes/status.h"
#include "functions/kubernetes/selector.h"
#include "store/item.h"

namespace kless::doors {

class Selection {
 public:
  // Everything in the collection, until Parse has run.
  explicit Selection(const ResourcePath& path) : kind_(path.kind), prefix_(path.Prefix()) {}
  // Reads labelSelector and fieldSelector; 400 with the API server's sentences.
  Refusal Parse(const HttpRequest& request);

  const kubernetes::Kind& kind() const { return *kind_; }
  const kubernetes::KindPtr& shared_kind() const { return kind_; }
  // Resource names of all that is selected begin with it.
  const std::string& prefix() const { return prefix_; }
  // True if the selectors ask nothing: the collection as it is.
  bool everything() const { return labels_.empty() && fields_.empty(); }
  // Whether the selectors hold for an item of the collection.
  bool Matches(const Item& item, std::string_view resource_name) const;

 private:
  kubernetes::KindPtr kind_;
  std::string prefix_;
  kubernetes::LabelSelector labels_;
  kubernetes::FieldSelector fields_;
};

}  // namespace kless::doors
