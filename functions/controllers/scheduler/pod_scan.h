// The pass over a pod's text that finds the members of its shape without parsing the whole.
#pragma once

#include <string>
#include <string_view>

namespace kless::controllers::scheduler {

// The findings of one pass over a pod's document.
struct PodScan {
  std::string shape_text;           // a JSON object of the members of its shape
  std::string nominated_node_name;  // status.nominatedNodeName
  std::string start_time;           // status.startTime
};
// Fills `scan`, reusing its memory.  `document` must be valid JSON.
void ScanPod(std::string_view document, PodScan& scan);

}  // namespace kless::controllers::scheduler
