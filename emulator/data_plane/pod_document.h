// PodDocument: views of the parts of a pod's JSON text that the kubelet reads, and edits of the
// text.  Raw objects may have any shape: a value of the wrong type counts as absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/data_plane/pod.h"

namespace kless::data_plane {

struct PodDocument {
  explicit PodDocument(std::string_view document);

  std::string_view metadata, spec, status, annotations;
  std::string uid;
  std::int64_t generation = 0;
  bool deleting = false;
  std::optional<std::int64_t> grace_seconds;   // metadata.deletionGracePeriodSeconds
  std::optional<std::int64_t> deletion_nanos;  // metadata.deletionTimestamp
};

// Returns the document with `value` under the top-level `key`, replacing any existing one.
std::string WithMember(const std::string& document, std::string_view key, std::string_view value);

// Restores the state that this kubelet has written to the status before: start, containers, failed
// image pulls.  Fills pod.containers according to its shape.  Returns false if there is no such
// status.
bool ReadStatus(std::string_view status, Pod* pod);

// The last number of status.podIP; 0 if there is none.
int IpSlotOf(std::string_view status);

}  // namespace kless::data_plane
