// PodDocument: the parts of a pod's JSON text that the kubelet reads, as views of it, and edits of
// the text.  Raw objects may be anything: what has the wrong type is as if it were absent.
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

// The document with `value` under the top-level `key`, instead of what is there.
std::string WithMember(const std::string& document, std::string_view key, std::string_view value);

// Takes over what the status says that this kubelet has written before: start, containers, image
// pulls that failed.  Fills pod.containers as its shape has them.  False: there is no such status.
bool ReadStatus(std::string_view status, Pod* pod);

// The last number of status.podIP; 0: none.
int IpSlotOf(std::string_view status);

}  // namespace kless::data_plane
