// The order of the checks and their texts are those that dynalite's authors saw on AWS (see the
// comments of index.js in architect/dynalite): first whether the parts are there, then the date,
// the signed headers, the algorithm, and the credential scope.
#include "emulator/doors/aws/wire/signature.h"

#include <algorithm>
#include <array>
#include <optional>

#include "emulator/base/strings.h"

namespace kless::doors::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

// The parts of a signature, from either form.
struct Parts {
  std::string algorithm;
  std::string credential;
  std::string signed_headers;
  std::string date;
  bool is_iso_required = true;
};

const std::string* Find(const std::map<std::string, std::string>& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

AwsError Incomplete(std::string message) {
  return CoralError("IncompleteSignatureException", std::move(message));
}

AwsError Invalid(std::string message) {
  return CoralError("InvalidSignatureException", std::move(message));
}

// "Credential=a, SignedHeaders=b, Signature=c", separated by commas or blanks.
AwsResult<Parts> ParseHeader(const SignedRequest& request, const std::string& header) {
  Parts parts;
  std::string_view rest = Trim(header, " ");
  const std::size_t blank = rest.find(' ');
  parts.algorithm = rest.substr(0, blank);
  rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank);
  std::optional<std::string_view> credential;
  std::optional<std::string_view> signature;
  std::optional<std::string_view> signed_headers;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(", ");
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return Incomplete("'" + std::string(part) +
                        "' not a valid key=value pair (missing equal-sign) in Authorization "
                        "header: '" +
                        header + "'.");
    }
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = part.substr(equals + 1);
    if (name == "Credential") credential = value;
    if (name == "Signature") signature = value;
    if (name == "SignedHeaders") signed_headers = value;
  }
  std::string missing;
  const auto require = [&missing](bool is_given, const char* name) {
    if (!is_given)
      missing += std::string("Authorization header requires '") + name + "' parameter. ";
  };
  require(credential && !credential->empty(), "Credential");
  require(signature && !signature->empty(), "Signature");
  require(signed_headers.has_value(), "SignedHeaders");
  const std::string* const amz_date = Find(request.headers, "x-amz-date");
  const std::string* const date = Find(request.headers, "date");
  if (amz_date == nullptr && date == nullptr) {
    missing +=
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (!missing.empty()) return Incomplete(missing + "Authorization=" + header);
  parts.credential = *credential;
  parts.signed_headers = *signed_headers;
  parts.date = amz_date != nullptr ? *amz_date : *date;
  parts.is_iso_required = amz_date != nullptr;
  return parts;
}

AwsResult<Parts> ParseQuery(const SignedRequest& request) {
  static constexpr std::array<const char*, 5> kNames = {"X-Amz-Algorithm", "X-Amz-Credential",
                                                        "X-Amz-Signature", "X-Amz-SignedHeaders",
                                                        "X-Amz-Date"};
  std::string missing;
  for (const char* const name : kNames) {
    const std::string* const value = Find(request.query, name);
    if (value == nullptr || value->empty()) {
      missing += std::string("AWS query-string parameters must include '") + name + "'. ";
    }
  }
  if (!missing.empty()) return Incomplete(missing + "Re-examine the query-string parameters.");
  Parts parts;
  parts.algorithm = request.query.at("X-Amz-Algorithm");
  parts.credential = request.query.at("X-Amz-Credential");
  parts.signed_headers = request.query.at("X-Amz-SignedHeaders");
  parts.date = request.query.at("X-Amz-Date");
  return parts;
}

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "20130609T094515Z" is the basic format; its day is "20130609".
std::optional<std::string> DayOfIsoDate(std::string_view date) {
  if (date.size() != 16 || date[8] != 'T' || date[15] != 'Z' || !IsDigits(date.substr(0, 8)) ||
      !IsDigits(date.substr(9, 6))) {
    return std::nullopt;
  }
  return std::string(date.substr(0, 8));
}

// The day of "Sun, 09 Jun 2013 09:45:15 GMT", the form of the header Date.
std::optional<std::string> DayOfHttpDate(std::string_view date) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (date.size() != 29 || date[3] != ',' || !date.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), date.substr(8, 3));
  const std::string_view day = date.substr(5, 2);
  const std::string_view year = date.substr(12, 4);
  if (month == kMonths.end() || !IsDigits(day) || !IsDigits(year)) return std::nullopt;
  const auto number = std::to_string(month - kMonths.begin() + 1);
  return std::string(year) + (number.size() < 2 ? "0" : "") + number + std::string(day);
}

bool SignsHost(std::string_view signed_headers) {
  for (const std::string_view name : Split(signed_headers, ';')) {
    if (LowerCase(std::string(name)) == "host") return true;
  }
  return false;
}

bool IsRegion(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

// Trailing slashes are ignored.  The access key may contain slashes of its own on no real account.
AwsResult<Credential> ParseCredential(const Parts& parts, const std::string& day,
                                      std::string_view service) {
  std::string_view text = parts.credential;
  while (text.ends_with('/')) text.remove_suffix(1);
  const std::vector<std::string_view> pieces = Split(text, '/');
  if (pieces.size() != 5) {
    return Incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term, got '" +
        parts.credential + "'");
  }
  std::string wrong;
  if (!IsRegion(pieces[2])) {
    wrong +=
        "Credential should be scoped to a valid region, not '" + std::string(pieces[2]) + "'. ";
  }
  // A library that knows the service only by the name of an AWS host signs with none.
  if (!pieces[3].empty() && pieces[3] != service) {
    wrong += "Credential should be scoped to correct service: '" + std::string(service) + "'. ";
  }
  if (pieces[4] != kTerminator) {
    wrong += "Credential should be scoped with a valid terminator: '" + std::string(kTerminator) +
             "', not '" + std::string(pieces[4]) + "'. ";
  }
  if (pieces[1] != day) {
    wrong +=
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        "HTTP: '" +
        std::string(pieces[1]) + "' != '" + day + "', from '" + parts.date + "'.";
  }
  if (!wrong.empty()) return Invalid(std::move(wrong));
  return Credential{std::string(pieces[0]), std::string(pieces[1]), std::string(pieces[2]),
                    std::string(service)};
}

}  // namespace

AwsResult<Credential> ParseSignature(const SignedRequest& request, std::string_view service) {
  const std::string* const header = Find(request.headers, "authorization");
  const bool in_query = request.query.contains("X-Amz-Algorithm");
  if (header != nullptr && in_query) {
    return Invalid(
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
        "header.");
  }
  if (header == nullptr ? !in_query : !Trim(*header, " ").starts_with("AWS4-")) {
    return CoralError("MissingAuthenticationTokenException",
                      "Request is missing Authentication Token");
  }
  auto parsed = header != nullptr ? ParseHeader(request, *header) : ParseQuery(request);
  if (parsed.has_error()) return parsed.error();
  const Parts& parts = parsed.value();
  std::optional<std::string> day = DayOfIsoDate(parts.date);
  if (!day && !parts.is_iso_required) day = DayOfHttpDate(parts.date);
  if (!day) {
    return Incomplete("Date must be in ISO-8601 'basic format'. Got '" + parts.date +
                      "'. See http://en.wikipedia.org/wiki/ISO_8601");
  }
  if (!SignsHost(parts.signed_headers)) {
    return Invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (parts.algorithm != kAlgorithm) {
    return Incomplete("Unsupported AWS 'algorithm': '" + parts.algorithm + "' (only " +
                      std::string(kAlgorithm) + " for now). ");
  }
  return ParseCredential(parts, *day, service);
}

}  // namespace kless::doors::aws
