// The Accept header: in which media type, and as which kind, a client wants its answer.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "emulator/base/router.h"
#include "emulator/doors/kubernetes/status.h"

namespace kless::doors {

// What the client asked for, of what there is.
struct OutputForm {
  bool yaml = false;
  bool pretty = false;  // JSON with line breaks
  // The kind that the object is turned into, with its group and version; "": the object as it is.
  std::string as;       // "Table", "PartialObjectMetadata", ...
  std::string group;    // "meta.k8s.io"
  std::string version;  // "v1"

  bool plain() const { return !yaml && !pretty && as.empty(); }
};

// Whether an endpoint turns its objects into a kind.
using OffersKind = bool (*)(std::string_view as, std::string_view group, std::string_view version);
// Table, PartialObjectMetadata and its list.
bool OffersTables(std::string_view as, std::string_view group, std::string_view version);
// APIGroupDiscoveryList.
bool OffersAggregatedDiscovery(std::string_view as, std::string_view group,
                               std::string_view version);
bool OffersPlainOnly(std::string_view as, std::string_view group, std::string_view version);

// What an endpoint can answer with.
struct OutputOffer {
  OffersKind kinds = OffersPlainOnly;
  bool streams = false;   // it has watches, too
  bool watching = false;  // this request is one: JSON lines only
};

// The form, or 406 with the API server's sentences.  A range of the header counts by its q, then
// by its place; protobuf is passed over.  ?pretty, and curl, wget and browsers, ask for line
// breaks.
Refusal Negotiate(const HttpRequest& request, const OutputOffer& offer, OutputForm* form);

// Puts an object's JSON text into the form: YAML, or JSON with line breaks.  Leaves other bodies
// alone.
void Format(const OutputForm& form, HttpResponse* response);

}  // namespace kless::doors
