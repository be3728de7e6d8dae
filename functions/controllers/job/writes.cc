#include "functions/controllers/job/writes.h"

#include <utility>

#include "functions/controllers/job/finalizers.h"
#include "functions/controllers/job/job_controller.h"

namespace kless::controllers {

EventNote NormalNote(std::string reason, std::string message) {
  return {"Normal", std::move(reason), std::move(message), false};
}

EventNote WarningNote(std::string reason, std::string message) {
  return {"Warning", std::move(reason), std::move(message), false};
}

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
