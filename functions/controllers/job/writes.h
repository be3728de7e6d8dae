// The writes and events that Job plans consist of.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

EventNote NormalNote(std::string reason, std::string message);
EventNote WarningNote(std::string reason, std::string message);

// Edits the document of a pod: it returns the new one, or nullopt if there is nothing to do.
Write EditWrite(const std::string& pod_name,
                std::function<std::optional<std::string>(const std::string& document)> apply);
// Removes the tracking finalizer from a pod.
Write UntrackWrite(const std::string& pod_name);
// Deletes a pod, or withdraws the promise of one; settles it.
Write DeletionWrite(const std::string& pod_name);

}  // namespace kless::controllers
