#include "emulator/doors/kubernetes/read/list.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/kubernetes/read/selection.h"
#include "emulator/doors/kubernetes/read/snapshot.h"
#include "emulator/doors/kubernetes/wire/body.h"
#include "functions/kubernetes/objects/served_document.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::FieldErrors;
using kubernetes::Kind;

namespace {

// The API server's blockTimeout for reads at a version that its cache has not seen.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/storage/cacher/watch_cache.go
constexpr std::chrono::seconds kVersionPatience{3};
constexpr int kPageItems = 500;
// remainingItemCount is reported up to this number; counting further would cost more than the page.
constexpr int kMaxCounted = 1000;

constexpr const char* kContinueExpired =
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first "
    "chunk was returned and now may show up in the list.";

struct ListOptions {
  std::int64_t limit = 0;  // 0: none
  std::string continue_token;
  std::optional<std::uint64_t> version;
  std::string match;
};

Refusal ParseListOptions(const HttpRequest& request, ListOptions* options) {
  options->continue_token = request.Query("continue");
  options->match = request.Query("resourceVersionMatch");
  const std::string& version = request.Query("resourceVersion");
  FieldErrors errors;
  if (const std::string& match = options->match; !match.empty()) {
    if (version.empty()) {
      errors.push_back(kubernetes::Forbidden(
          "resourceVersionMatch",
          "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (!options->continue_token.empty()) {
      errors.push_back(kubernetes::Forbidden(
          "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match != "Exact" && match != "NotOlderThan") {
      errors.push_back(
          kubernetes::NotSupported("resourceVersionMatch", match, {"Exact", "NotOlderThan", ""}));
    }
    if (match == "Exact" && version == "0") {
      errors.push_back(kubernetes::Forbidden(
          "resourceVersionMatch",
          "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }
  }
  if (request.query.contains("sendInitialEvents")) {
    errors.push_back(
        kubernetes::Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  if (!errors.empty()) return InvalidOptions("ListOptions", errors);
  if (!options->continue_token.empty() && !version.empty() && version != "0") {
    return BadRequest("specifying resource version is not allowed when using continue");
  }
  if (auto refusal = ParseResourceVersion(request, &options->version)) return refusal;
  if (const std::string& limit = request.Query("limit"); !limit.empty()) {
    const auto parsed = ParseInteger(limit);
    if (!parsed) {
      return BadRequest("strconv.ParseInt: parsing " + DumpJson(limit) + ": invalid syntax");
    }
    options->limit = std::max<std::int64_t>(*parsed, 0);
  }
  return std::nullopt;
}

// Appends the object without its kind and apiVersion, which items of a list lack, as in the API
// server.  In most documents they come first, and the rest is copied unchanged.
void AppendItem(std::string& out, std::string_view document) {
  out.push_back('{');
  // A part after the brace begins with a member, a part after a member with a comma.
  const auto append = [&out](std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    out.append(text.substr(out.back() == '{' && text.starts_with(',') ? 1 : 0));
  };
  RawJson raw(document);
  raw.EnterObject();
  std::size_t begin = raw.position();
  int dropped = 0;
  for (std::string_view key; dropped < 2 && raw.NextMember(&key); begin = raw.position()) {
    raw.Value();
    if (key == "kind" || key == "apiVersion") {
      ++dropped;
    } else {
      append(document.substr(begin, raw.position() - begin));
    }
  }
  append(document.substr(begin));
}

}  // namespace

Refusal ParseResourceVersion(const HttpRequest& request, std::optional<std::uint64_t>* version) {
  const std::string& text = request.Query("resourceVersion");
  if (text.empty() || text == "0") return std::nullopt;
  *version = ParseUnsigned(text);
  if (*version) return std::nullopt;
  const std::string quoted = DumpJson(text);
  return BadRequest("resourceVersion: Invalid value: " + quoted + ": strconv.ParseUint: parsing " +
                    quoted + ": invalid syntax");
}

std::string ContinueToken::Encode() const {
  const nlohmann::json token = {
      {"v", "meta.k8s.io/v1"},
      {"rv", inconsistent ? -1 : static_cast<std::int64_t>(resource_version)},
      {"start", after}};
  std::string text = Base64Encode(DumpJson(token));
  // The URL alphabet without padding, because the token is used in queries.
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::optional<ContinueToken> ContinueToken::Decode(const std::string& text) {
  std::string padded = text;
  for (char& c : padded) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  while (padded.size() % 4 != 0) padded.push_back('=');
  const auto decoded = Base64Decode(padded);
  if (!decoded) return std::nullopt;
  const auto json = ParseJson(*decoded);
  if (json.has_error()) return std::nullopt;
  const auto version = kubernetes::IntegerAt(json.value(), "rv");
  ContinueToken token;
  token.after = kubernetes::StringAt(json.value(), "start");
  if (!version || token.after.empty()) return std::nullopt;
  token.inconsistent = *version < 0;
  token.resource_version = token.inconsistent ? 0 : static_cast<std::uint64_t>(*version);
  return token;
}

Task<Refusal> KubernetesReader::AwaitVersion(std::uint64_t version) {
  ChangeFeed& feed = context_.store.feed();
  const TimePoint deadline = context_.event_loop.Now() + kVersionPatience;
  while (feed.Latest() < version) {
    const bool reached = co_await feed.WaitBeyond(version - 1, deadline);
    if (!reached) co_return Refusal(VersionTooLarge(version, feed.Latest()));
  }
  co_return Refusal();
}

Task<HttpResponse> KubernetesReader::Get(ResourcePath path, HttpRequest request) {
  std::optional<std::uint64_t> version;
  if (auto refusal = ParseResourceVersion(request, &version)) co_return std::move(*refusal);
  if (version) {
    auto late = co_await AwaitVersion(*version);
    if (late) co_return std::move(*late);
  }
  const ResourceId id = path.Id();
  const auto item = context_.resources().Get(id);
  if (item.has_error()) {
    if (item.error().code == ErrorCode::kNotFound) co_return NotFound(*path.kind, path.name);
    co_return StoreFailure(item.error());
  }
  co_return JsonResponse(200, kubernetes::ServedDocument(*path.kind, *item.value(), id.name));
}

Task<HttpResponse> KubernetesReader::List(ResourcePath path, HttpRequest request) {
  ListOptions options;
  if (auto refusal = ParseListOptions(request, &options)) co_return std::move(*refusal);
  Selection selection(path);
  if (auto refusal = selection.Parse(request)) co_return std::move(*refusal);
  ContinueToken position;
  if (!options.continue_token.empty()) {
    const auto token = ContinueToken::Decode(options.continue_token);
    if (!token) co_return BadRequest("continue key is not valid: " + options.continue_token);
    position = *token;
  }
  if (options.version) {
    auto late = co_await AwaitVersion(*options.version);
    if (late) co_return std::move(*late);
  }

  // The state to show: that of the first page, of an exact version, or the current one.  A limit
  // with a version and no match means Exact (the API conventions' table of list semantics).
  std::optional<std::uint64_t> as_of;
  if (options.match == "Exact" || (options.version && options.match.empty() && options.limit > 0)) {
    as_of = options.version;
  }
  const bool continues = !options.continue_token.empty();
  if (continues && !position.inconsistent) as_of = position.resource_version;
  const Kind& kind = *path.kind;
  auto snapshot = ResourceSnapshot::At(context_.store, kind.type, selection.prefix(), as_of);
  if (snapshot.has_error()) {
    if (snapshot.error().code != ErrorCode::kGone) co_return StoreFailure(snapshot.error());
    if (!continues) co_return Expired("The resourceVersion for the provided list is too old.");
    position.inconsistent = true;
    co_return Expired(kContinueExpired, position.Encode());
  }

  std::uint64_t version = as_of.value_or(context_.store.feed().Latest());
  std::string items;
  std::int64_t count = 0;
  std::string after = position.after;
  bool more = true;
  bool full = false;
  while (more && !full) {
    std::int64_t wanted = kPageItems;
    if (options.limit > 0 && selection.everything()) {
      wanted = std::min<std::int64_t>(wanted, options.limit - count);
    }
    auto page = snapshot.value().Read(after, static_cast<int>(wanted));
    if (page.has_error()) co_return StoreFailure(page.error());
    more = page.value().more;
    for (std::size_t i = 0; i < page.value().entries.size(); ++i) {
      const auto& [name, item] = page.value().entries[i];
      after = name;
      // The items include writes of this turn that the feed does not show yet; they are committed
      // before the reply is sent.
      if (!as_of) version = std::max(version, item->version);
      if (!selection.Matches(*item, name)) continue;
      if (count++ > 0) items.push_back(',');
      std::string document = kubernetes::ServedDocument(kind, *item, name);
      if (kind.custom) {
        items += document;
      } else {
        AppendItem(items, document);
      }
      if (options.limit > 0 && count == options.limit) {
        full = true;
        more = more || i + 1 < page.value().entries.size();
        break;
      }
    }
  }

  std::string body = R"({"kind":")" + kind.ListKind() + R"(","apiVersion":")" + kind.ApiVersion() +
                     R"(","metadata":{"resourceVersion":")" + std::to_string(version) + '"';
  if (more) {
    const ContinueToken next{version, after, position.inconsistent};
    body += R"(,"continue":")" + next.Encode() + '"';
    if (selection.everything()) {
      const auto rest = snapshot.value().Read(after, kMaxCounted);
      if (rest.has_value() && !rest.value().more) {
        body += R"(,"remainingItemCount":)" + std::to_string(rest.value().entries.size());
      }
    }
  }
  if (!more && kind.custom) body += R"(,"continue":"")";
  body += R"(},"items":[)";
  body += items;
  body += "]}";
  co_return JsonResponse(200, std::move(body));
}

}  // namespace kless::doors
