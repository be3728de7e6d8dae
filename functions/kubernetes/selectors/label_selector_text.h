// Formats a LabelSelector object as the text of a query: "app=web,tier in (a,b),!old".
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kless::kubernetes {

// Requirements are in order of key; "" for an empty or invalid selector.
std::string LabelSelectorText(const nlohmann::json& selector);

}  // namespace kless::kubernetes
