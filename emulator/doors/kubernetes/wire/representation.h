// Conversions of objects to Tables and PartialObjectMetadata, for one object, a list, or the events
// of a watch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/negotiation.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::doors {

// The part of its object that a row of a Table carries.
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

// Converts the reply, which is an object or list of the kind or a watch of them, to the requested
// form.  Statuses are kept; refusals (400, 406) replace the reply.  The event loop must outlive it.
void Represent(const Representation& representation, EventLoop& event_loop, HttpResponse* response);

}  // namespace kless::doors
