// The Accept header: the media type and the kind in which a client wants the reply.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"

namespace kless::doors {

// The requested form, among those on offer.
struct OutputForm {
  bool yaml = false;
  bool pretty = false;  // JSON with line breaks
  // The kind to which the object is converted, with its group and version; "": the object itself.
  std::string as;       // "Table", "PartialObjectMetadata", ...
  std::string group;    // "meta.k8s.io"
  std::string version;  // "v1"

  bool plain() const { return !yaml && !pretty && as.empty(); }
};

// Whether an endpoint can convert its objects to a kind.
using OffersKind = bool (*)(std::string_view as, std::string_view group, std::string_view version);
// Table, PartialObjectMetadata and its list.
bool OffersTables(std::string_view as, std::string_view group, std::string_view version);
// APIGroupDiscoveryList.
bool OffersAggregatedDiscovery(std::string_view as, std::string_view group,
                               std::string_view version);
bool OffersPlainOnly(std::string_view as, std::string_view group, std::string_view version);

// The forms in which an endpoint can reply.
struct OutputOffer {
  OffersKind kinds = OffersPlainOnly;
  bool streams = false;   // whether it has watches, too
  bool watching = false;  // whether this request is one: JSON lines only
};

// Returns the form, or 406 with the API server's messages.  Ranges of the header are ordered by q,
// then by place; protobuf is skipped. ?pretty, and curl, wget and browsers, request line breaks.
Refusal Negotiate(const HttpRequest& request, const OutputOffer& offer, OutputForm* form);

// Converts an object's JSON text to the form: YAML, or JSON with line breaks.  Other bodies are
// left alone.
void Format(const OutputForm& form, HttpResponse* response);

}  // namespace kless::doors
