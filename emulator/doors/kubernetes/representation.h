// Objects as something else: Tables, and PartialObjectMetadata, of one object, a list, or the
// events of a watch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "emulator/base/router.h"
#include "emulator/base/scheduler.h"
#include "emulator/doors/kubernetes/negotiation.h"
#include "functions/kubernetes/kind.h"

namespace kless::doors {

// Which part of its object a row of a Table carries.
enum class RowObject { kNone, kMetadata, kFull };

struct Representation {
  kubernetes::KindPtr kind;
  OutputForm form;
  RowObject row_object = RowObject::kMetadata;
  std::string problem;  // of includeObject; "": none
};

// Reads includeObject.
Representation RepresentationOf(kubernetes::KindPtr kind, const OutputForm& form,
                                const HttpRequest& request);

// Turns the answer, an object or list of the kind or a watch of them, into what was asked for.
// Statuses stay; refusals (400, 406) take the place of the answer.  The scheduler outlives it.
void Represent(const Representation& representation, Scheduler& scheduler, HttpResponse* response);

}  // namespace kless::doors
