// A LabelSelector object as the text that a query has: "app=web,tier in (a,b),!old".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kless::kubernetes {

// In the order of the keys; "" of an empty selector, or of what is none.
std::string LabelSelectorText(const nlohmann::json& selector);

}  // namespace kless::kubernetes
