#include "functions/controllers/job/writes.h"

#include "functions/controllers/job/finalizers.h"
#include "functions/controllers/job/job_controller.h"

namespace kless::controllers {

Write UntrackWrite(const std::string& pod_name) {
  Write write;
  write.kind = Write::Kind::kEdit;
  write.id = {"pod", pod_name};
  write.edit = [](const std::string& document) {
    return WithoutFinalizer(document, kJobTrackingFinalizer);
  };
  return write;
}

Write DeletionWrite(const std::string& pod_name) {
  Write write;
  write.kind = Write::Kind::kDelete;
  write.id = {"pod", pod_name};
  write.settles = {pod_name};
  return write;
}

}  // namespace kless::controllers
