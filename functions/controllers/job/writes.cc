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

Write EditWrite(const std::string& pod_name,
                std::function<std::optional<std::string>(const std::string& document)> apply) {
  return {.id = {"pod", pod_name}, .change = Edit{std::move(apply)}};
}

Write UntrackWrite(const std::string& pod_name) {
  return EditWrite(pod_name, [](const std::string& document) {
    return WithoutFinalizer(document, kJobTrackingFinalizer);
  });
}

Write DeletionWrite(const std::string& pod_name) {
  return {.id = {"pod", pod_name}, .change = Deletion{}, .settles = {pod_name}};
}

}  // namespace kless::controllers
