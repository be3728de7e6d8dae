#include "emulator/doors/kubernetes/wire/negotiation.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"
#include "functions/kubernetes/objects/status_object.h"

namespace kless::doors {

namespace {

constexpr const char* kTypes =
    "application/json, application/yaml, application/vnd.kubernetes.protobuf";
constexpr const char* kStreamTypes =
    "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

struct MediaRange {
  std::string type;  // "application/json"
  std::map<std::string, std::string, std::less<>> params;
  double q = 1;

  std::string_view Param(std::string_view name) const {
    const auto found = params.find(name);
    return found == params.end() ? std::string_view() : std::string_view(found->second);
  }
};

MediaRange ParseRange(std::string_view text) {
  MediaRange range;
  bool first = true;
  for (const std::string_view part : Split(text, ';')) {
    if (std::exchange(first, false)) {
      range.type = Trim(part);
      continue;
    }
    const auto equals = part.find('=');
    const std::string name(Trim(part.substr(0, equals)));
    const std::string value(equals == std::string_view::npos ? std::string_view()
                                                             : Trim(part.substr(equals + 1)));
    if (name == "q") {
      double q = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), q);
      range.q = error == std::errc{} && q >= 0 && q <= 1 ? q : 1;
    } else {
      range.params[name] = value;
    }
  }
  return range;
}

HttpResponse NotAcceptable(std::string message, nlohmann::json details) {
  return StatusResponse(
      kubernetes::StatusFailure(406, "NotAcceptable", std::move(message), std::move(details)));
}

bool IsGoTrue(std::string_view text) {
  return text == "1" || text == "t" || text == "T" || text == "true" || text == "TRUE" ||
         text == "True";
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go
bool WantsPretty(const HttpRequest& request) {
  const std::string& asked = request.Query("pretty");
  if (!asked.empty()) return IsGoTrue(asked);
  const std::string& agent = request.Header("user-agent");
  return agent.starts_with("curl") || agent.starts_with("Wget") || agent.starts_with("Mozilla/5.0");
}

// Whether a range can be satisfied, and how.
bool Meets(const MediaRange& range, const OutputOffer& offer, OutputForm* form) {
  const bool any = range.type == "*/*" || range.type == "application/*";
  const bool yaml = range.type == "application/yaml";
  if (!any && !yaml && range.type != "application/json") return false;
  if (yaml && offer.watching) return false;
  const std::string_view as = range.Param("as");
  const std::string_view group = range.Param("g");
  const std::string_view version = range.Param("v");
  if (!as.empty() && !offer.kinds(as, group, version)) return false;
  form->yaml = yaml;
  form->as = as;
  form->group = group;
  form->version = version;
  return true;
}

// Indents JSON text as Go does: two spaces per level, "key": value.  Never changes its meaning.
std::string Indented(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 2);
  std::size_t depth = 0;
  const auto line = [&out, &depth] { out.append(1, '\n').append(2 * depth, ' '); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t begin = i;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      out.append(text.substr(begin, i + 1 - begin));
    } else if (c == '{' || c == '[') {
      out.push_back(c);
      if (i + 1 < text.size() && (text[i + 1] == '}' || text[i + 1] == ']')) {
        out.push_back(text[++i]);
        continue;
      }
      ++depth;
      line();
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
      line();
      out.push_back(c);
    } else if (c == ',') {
      out.push_back(c);
      line();
    } else if (c == ':') {
      out.append(": ");
    } else if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

bool OffersTables(std::string_view as, std::string_view group, std::string_view version) {
  if (group != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) return false;
  return as == "Table" || as == "PartialObjectMetadata" || as == "PartialObjectMetadataList";
}

bool OffersAggregatedDiscovery(std::string_view as, std::string_view group,
                               std::string_view version) {
  return as == "APIGroupDiscoveryList" && group == "apidiscovery.k8s.io" &&
         (version == "v2" || version == "v2beta1");
}

bool OffersPlainOnly(std::string_view, std::string_view, std::string_view) { return false; }

Refusal Negotiate(const HttpRequest& request, const OutputOffer& offer, OutputForm* form) {
  form->pretty = !offer.watching && WantsPretty(request);
  const std::string_view header = request.Header("accept");
  if (Trim(header).empty()) return std::nullopt;
  std::vector<MediaRange> ranges;
  for (const std::string_view text : Split(header, ',')) ranges.push_back(ParseRange(text));
  // The route refuses unknown types before parameters are examined.
  const bool known = std::any_of(ranges.begin(), ranges.end(), [](const MediaRange& range) {
    return range.type == "*/*" || range.type == "application/json" ||
           range.type == "application/yaml" || range.type == "application/vnd.kubernetes.protobuf";
  });
  if (!known) {
    std::string message =
        std::string("406: Not Acceptable\n\nAvailable representations: ") + kTypes;
    if (offer.streams) message += std::string(", ") + kStreamTypes;
    return NotAcceptable(std::move(message), nlohmann::json::object());
  }
  std::stable_sort(ranges.begin(), ranges.end(),
                   [](const MediaRange& a, const MediaRange& b) { return a.q > b.q; });
  for (const MediaRange& range : ranges) {
    if (Meets(range, offer, form)) return std::nullopt;
  }
  return NotAcceptable(std::string("only the following media types are accepted: ") +
                           (offer.watching ? kStreamTypes : kTypes),
                       nullptr);
}

void Format(const OutputForm& form, HttpResponse* response) {
  if (response->stream || !response->content_type.starts_with("application/json")) return;
  if (form.yaml) {
    const auto parsed = ParseJson(response->body);
    if (parsed.has_error()) return;
    response->body = DumpYaml(parsed.value());
    response->content_type = "application/yaml";
  } else if (form.pretty) {
    response->body = Indented(response->body);
  }
}

}  // namespace kless::doors
