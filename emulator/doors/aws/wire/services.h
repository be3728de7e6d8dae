// Services: the services of a door, found by what a request names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/doors/aws/wire/service.h"
#include "emulator/doors/aws/wire/shape.h"

namespace kless::doors::aws {

struct OperationEntry {
  const Service* service = nullptr;
  const Operation* operation = nullptr;
  const Shape* input = nullptr;
  const Shape* output = nullptr;  // null: the reply is empty, or has no shape
};

class Services {
 public:
  // An operation that was added before is replaced.
  void Add(Service service);
  // By the header X-Amz-Target, "DynamoDB_20120810.PutItem"; null if there is none.
  const OperationEntry* FindTarget(std::string_view target) const;
  // The service that a target names, whether or not it has the operation.
  const Service* ServiceOfTarget(std::string_view target) const;
  // Finds the service of the Query protocol with that version, the first one for ""; null if there
  // is none.
  const Service* FindVersion(std::string_view version) const;
  const OperationEntry* FindAction(const Service& service, std::string_view action) const;

 private:
  struct Registered {
    explicit Registered(Service service)
        : service(std::move(service)), shapes(this->service.shapes) {}
    const Service service;
    const Shapes shapes;
  };
  std::vector<std::unique_ptr<Registered>> services_;
  std::map<std::string, OperationEntry, std::less<>> entries_;  // by target
};

}  // namespace kless::doors::aws
