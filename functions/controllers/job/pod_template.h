// PodTemplate: renders a Job's pods.  The template is dumped once; each pod is a splice of its
// name, uid and completion index, so that ten thousand pods cost ten thousand copies and no JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/controllers/job/index_failures.h"
#include "functions/controllers/job/job_view.h"

namespace kless::controllers {

class PodTemplate {
 public:
  PodTemplate(const JobView& job, std::int64_t unix_nanos);

  // `index` is the completion index, or -1 for a Job that is not Indexed.  `counts` are those of
  // the index, with backoffLimitPerIndex.
  std::string Render(const std::string& name, const std::string& uid, std::int64_t index,
                     const IndexFailureCounts& counts = {}) const;
  // Returns "pi-" or "pi-3-", at most 58 characters; in an Indexed Job the Job's name is shortened.
  std::string GenerateName(std::int64_t index) const;

 private:
  enum class Slot { kNone, kName, kUid, kIndex, kGenerateName, kFailureCounts };
  struct Segment {
    std::string text;  // before the slot
    Slot slot = Slot::kNone;
  };
  class Writer;

  void WriteAnnotations(const nlohmann::json* metadata, bool counts_failures, Writer& writer) const;

  std::string job_name_;
  bool indexed_;
  std::vector<Segment> segments_;
  std::size_t size_ = 0;  // total length of the texts
};

}  // namespace kless::controllers
