#include "emulator/doors/kubernetes/read/table_objects.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/kubernetes/kinds/registry.h"

namespace kless::doors {

using nlohmann::json;

namespace {

constexpr int kHeldPage = 100;

std::shared_ptr<const json> ParsedObject(const Item& item) {
  auto parsed = ParseJson(item.document);
  if (parsed.has_error() || !parsed->is_object()) return nullptr;
  return std::make_shared<const json>(std::move(parsed.value()));
}

}  // namespace

std::shared_ptr<const json> TableObjects::Find(const std::string& type,
                                               const std::string& resource_name) {
  const auto found = resources_.Get({type, resource_name});
  return found.has_error() ? nullptr : ParsedObject(*found.value());
}

std::vector<std::string> TableObjects::Holders(const std::string& type, const std::string& value) {
  const kubernetes::Kind* const kind = kubernetes::FindKindByType(type);
  if (kind == nullptr || !kind->held_values) return {};
  std::vector<Held>& known = held_[type];
  std::vector<Held> current;
  current.reserve(known.size() + 1);
  std::vector<std::string> holders;
  // The table lists in the order of names, in which `known` is, too.
  auto old = known.begin();
  std::string after;
  for (bool more = true; more;) {
    const auto page = resources_.List(type, "", after, kHeldPage);
    if (page.has_error()) {
      known.clear();
      return {};
    }
    more = page.value().more;
    for (const ItemPtr& item : page.value().items) {
      after = resources_.IdOf(item->key).name;
      while (old != known.end() && old->resource_name < after) ++old;
      if (old != known.end() && old->resource_name == after && old->version == item->version) {
        current.push_back(std::move(*old++));
      } else {
        const auto object = ParsedObject(*item);
        current.push_back(
            {after, item->version,
             object == nullptr ? std::vector<std::string>() : kind->held_values(*object)});
      }
      const std::vector<std::string>& values = current.back().values;
      if (std::find(values.begin(), values.end(), value) != values.end()) holders.push_back(after);
    }
  }
  known = std::move(current);
  return holders;
}

}  // namespace kless::doors
