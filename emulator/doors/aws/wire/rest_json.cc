#include "emulator/doors/aws/wire/rest_json.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::doors::aws {
namespace {

// The JSON value of a text in a path or query: what cannot be a number or boolean stays a text, so
// that the validator refuses it.
void AppendValue(std::string& out, const Shape& shape, const std::string& text) {
  const bool is_number =
      !text.empty() && text.size() < 19 &&
      text.find_first_not_of("0123456789", text[0] == '-' ? 1 : 0) == std::string::npos &&
      text != "-";
  const bool is_flag = text == "true" || text == "false";
  const bool wants_number = shape.type == ShapeType::kInteger || shape.type == ShapeType::kLong;
  if ((wants_number && is_number) || (shape.type == ShapeType::kBoolean && is_flag)) {
    // JSON has no leading zeros.
    out += wants_number ? std::to_string(std::stoll(text)) : text;
  } else if (shape.type == ShapeType::kList) {
    out += '[';
    AppendJsonString(out, text);
    out += ']';
  } else {
    AppendJsonString(out, text);
  }
}

}  // namespace

AwsResult<std::string> RestJson::InputText(const HttpRequest& request,
                                           const OperationEntry& entry) {
  std::string text = "{";
  const auto add = [&](const ShapeMember& member, const std::string& value) {
    if (text.size() > 1) text += ',';
    AppendJsonString(text, member.name);
    text += ':';
    AppendValue(text, *member.shape, value);
  };
  if (!request.body.empty()) {
    simdjson::dom::element body;
    if (!parser_.Parse(request.body, body) || !body.is_object()) {
      return SerializationError("Could not parse request body into json");
    }
    text += simdjson::minify(body.get_object().value_unsafe()).substr(1);
    text.pop_back();
  }
  // The path and the query come last: of equal names the last one counts.
  for (const ShapeMember& member : entry.input->members) {
    const auto in_path = request.params.find(member.name);
    if (in_path != request.params.end()) {
      add(member, in_path->second);
      continue;
    }
    const auto in_query = request.query.find(member.name);
    if (in_query != request.query.end()) add(member, in_query->second);
  }
  return text + "}";
}

AwsResult<Caller> RestJson::CallerOf(const HttpRequest& request, const Service& service) const {
  return ReadCaller(request, service, defaults_);
}

BegunRequest RestJson::Begin(const HttpRequest& request, const Service& service,
                             const RestRoute& route) {
  BegunRequest begun;
  begun.service = &service;
  begun.entry = services_.FindTarget(service.target_prefix + "." + route.operation);
  auto caller = CallerOf(request, service);
  if (caller.has_error()) {
    begun.result = caller.error();
    return begun;
  }
  auto text = InputText(request, *begun.entry);
  if (text.has_error()) {
    begun.result = text.error();
    return begun;
  }
  simdjson::dom::element input;
  if (!parser_.Parse(text.value(), input)) {
    begun.result = SerializationError("Could not parse request body into json");
    return begun;
  }
  RunOperation(request, caller.value(), input, &begun);
  parser_.ShrinkIfLarge();
  return begun;
}

HttpResponse RestJson::Finish(const HttpRequest& request, const RestRoute& route,
                              BegunRequest begun) {
  if (begun.result.has_error()) return ErrorReply(request, begun.result.error());
  const bool empty = route.status == 204;
  return replies_.Make(request, begun.service, route.status, empty ? "" : "application/json",
                       empty ? "" : std::move(begun.result).value());
}

HttpResponse RestJson::ErrorReply(const HttpRequest& request, const AwsError& error) {
  std::string body = R"({"Type":")";
  body += error.status < 500 ? "User" : "Service";
  body += '"';
  for (const char* const name : {"Message", "message"}) {
    body += std::string(",\"") + name + "\":";
    AppendJsonString(body, error.message);
  }
  body += error.members + "}";
  HttpResponse response = replies_.MakeWithId(request, replies_.NewRequestId(), false, error.status,
                                              "application/json", std::move(body));
  response.headers.emplace_back("x-amzn-ErrorType", error.type);
  return response;
}

}  // namespace kless::doors::aws
