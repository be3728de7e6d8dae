#include "emulator/doors/aws/wire/query_protocol.h"

#include <utility>

#include "emulator/doors/aws/wire/xml_text.h"

namespace kless::doors::aws {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
// Errors of the signature have other names and status here:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
struct SignatureError {
  std::string_view json;
  const char* query;
};
constexpr SignatureError kSignatureErrors[] = {
    {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
    {"IncompleteSignatureException", "IncompleteSignature"},
    {"InvalidSignatureException", "SignatureDoesNotMatch"}};

AwsError ForQuery(AwsError error) {
  for (const SignatureError& each : kSignatureErrors) {
    if (error.type != each.json) continue;
    error.type = each.query;
    error.status = 403;
  }
  return error;
}

}  // namespace

bool IsQueryRequest(const HttpRequest& request) {
  return request.Header("content-type").starts_with(kFormType) ||
         (request.Header("x-amz-target").empty() && !request.Query("Action").empty());
}

BegunRequest QueryProtocol::Begin(HttpRequest& request) {
  BegunRequest begun;
  begun.content_type = "text/xml";
  auto done = Run(request, &begun);
  if (done.has_error()) begun.result = ForQuery(std::move(done).error());
  parser_.ShrinkIfLarge();
  return begun;
}

AwsResult<void> QueryProtocol::Run(const HttpRequest& request, BegunRequest* begun) {
  KLESS_TRY(FormParameters parameters, ParseForm(request.body));
  for (const auto& [name, value] : request.query) parameters.emplace(name, value);
  const auto value_of = [&parameters](std::string_view name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
  };
  const std::string version = value_of("Version");
  begun->service = services_.FindVersion(version);
  if (begun->service == nullptr) {
    return CoralError("NoSuchVersion", "The requested version ( " + version + " ) is not valid.");
  }
  KLESS_TRY(const Caller caller, ReadCaller(request, *begun->service, defaults_));
  const std::string action = value_of("Action");
  if (action.empty()) {
    return CoralError("MissingAction", "The request must contain the parameter Action.");
  }
  begun->entry = services_.FindAction(*begun->service, action);
  if (begun->entry == nullptr) {
    return CoralError("InvalidAction", "The action " + action + " is not valid for this endpoint.");
  }
  if (request.path != "/") parameters.emplace("QueueUrl", request.path);
  KLESS_TRY(const std::string json, FormToJson(*begun->entry->input, parameters));
  simdjson::dom::element body;
  // Parameters may hold bytes that are not UTF-8.
  if (!parser_.Parse(json, body)) {
    return CoralError("MalformedQueryString", "The query string contains invalid characters");
  }
  RunOperation(request, caller, body, begun);
  return {};
}

AwsResult<std::string> QueryProtocol::ReplyText(const BegunRequest& begun, const std::string& id) {
  const std::string& action = begun.entry->operation->name;
  std::string text = "<?xml version=\"1.0\"?><" + action + "Response xmlns=\"" +
                     begun.service->query.xml_namespace + "\">";
  if (begun.entry->output != nullptr) {
    simdjson::dom::element reply;
    if (!parser_.Parse(begun.result.value(), reply) || !reply.is_object()) {
      AwsError error = CoralError("InternalFailure", "The reply has no form in XML");
      error.status = 500;
      return error;
    }
    text.append("<").append(action).append("Result>");
    AppendXmlMembers(text, *begun.entry->output, reply.get_object().value_unsafe());
    text.append("</").append(action).append("Result>");
  }
  text += "<ResponseMetadata>";
  AppendXmlElement(text, "RequestId", id);
  return text + "</ResponseMetadata></" + action + "Response>";
}

HttpResponse QueryProtocol::Finish(const HttpRequest& request, BegunRequest begun) {
  const std::string id = replies_.NewRequestId();
  AwsResult<std::string> text = begun.result;
  if (text.has_value()) {
    text = ReplyText(begun, id);
    parser_.ShrinkIfLarge();
  }
  if (text.has_value()) {
    return replies_.MakeWithId(request, id, false, 200, std::move(begun.content_type),
                               std::move(text).value());
  }
  const AwsError& error = text.error();
  const std::string space =
      begun.service == nullptr ? std::string() : begun.service->query.xml_namespace;
  std::string body = "<?xml version=\"1.0\"?><ErrorResponse";
  if (!space.empty()) body += " xmlns=\"" + space + "\"";
  body += "><Error>";
  AppendXmlElement(body, "Type", error.status < 500 ? "Sender" : "Receiver");
  AppendXmlElement(body, "Code", error.query_code.empty() ? error.type : error.query_code);
  AppendXmlElement(body, "Message", error.message);
  body += "<Detail/></Error>";
  AppendXmlElement(body, "RequestId", id);
  body += "</ErrorResponse>";
  return replies_.MakeWithId(request, id, false, error.status, std::move(begun.content_type),
                             std::move(body));
}

}  // namespace kless::doors::aws
