#include "emulator/doors/aws/wire/services.h"

#include "emulator/base/check.h"

namespace kless::doors::aws {

void Services::Add(Service service) {
  services_.push_back(std::make_unique<Registered>(std::move(service)));
  const Registered& added = *services_.back();
  for (const Operation& operation : added.service.operations) {
    const Shape* const input = added.shapes.Find(operation.input);
    KLESS_CHECK(input != nullptr && input->type == ShapeType::kStructure, operation.input);
    const Shape* const output = added.shapes.Find(operation.output);
    KLESS_CHECK(output != nullptr || operation.output.empty(), operation.output);
    entries_[added.service.target_prefix + "." + operation.name] =
        OperationEntry{&added.service, &operation, input, output};
  }
}

const OperationEntry* Services::FindTarget(std::string_view target) const {
  const auto found = entries_.find(target);
  return found == entries_.end() ? nullptr : &found->second;
}

const Service* Services::ServiceOfTarget(std::string_view target) const {
  const std::string_view prefix = target.substr(0, target.find('.'));
  for (const auto& registered : services_) {
    if (registered->service.target_prefix == prefix) return &registered->service;
  }
  return nullptr;
}

const Service* Services::FindVersion(std::string_view version) const {
  for (const auto& registered : services_) {
    const std::string& spoken = registered->service.query.version;
    if (!spoken.empty() && (version.empty() || version == spoken)) return &registered->service;
  }
  return nullptr;
}

const OperationEntry* Services::FindAction(const Service& service, std::string_view action) const {
  return FindTarget(service.target_prefix + "." + std::string(action));
}

}  // namespace kless::doors::aws
