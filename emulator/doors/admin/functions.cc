// Functions: GET and PATCH functions[/NAME]; POST functions and DELETE functions/NAME for user
// functions; POST functions/NAME/{reset,warm,invocations}; GET invocations.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/routes.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr std::uint64_t kInvocationsLimit = 10'000;
constexpr std::uint64_t kInvocationsDefault = 1000;
constexpr const char* kInvocationTypeHeader = "x-kless-invocation-type";

constexpr RouteField kAccountFields[] = {
    {"account_concurrency", "integer", "invocations that may run at once, 1 to 1000000"},
};
constexpr RouteField kWarmQuery[] = {
    {"count", "integer", "environments to have ready, 1 to 1000000 (1)"},
};
constexpr RouteField kLogsQuery[] = {
    {"limit", "integer", "the newest lines, 1 to 10000 (1000)"},
};
constexpr RouteField kInvocationsQuery[] = {
    {"function", "string", "only those of this function"},
    {"limit", "integer", "rows of a page, 1 to 10000 (1000)"},
    {"after", "integer", "rows with a higher ID; the 'next' of the page before (0)"},
    {"before", "integer", "rows with a lower ID; with descending, the 'next' of the page before"},
    {"descending", "boolean", "the newest first"},
    {"follow", "boolean", "continues with rows as they are committed, a line of JSON each"},
};

// The fields of a function's configuration, and what a function of a user has besides.
std::span<const RouteField> FunctionFields() {
  const auto all = [] {
    std::vector<RouteField> fields;
    for (const std::string& name : FunctionConfigFields()) {
      fields.push_back({name.c_str(), "", "as GET /kless/v1/functions/{name} shows it"});
    }
    fields.push_back({"command", "array", "of a user function: the program and its arguments"});
    fields.push_back({"handler", "string", "instead of a command: app.handler, by its runtime"});
    fields.push_back({"folder", "string", "where the command runs, or the code of the handler"});
    fields.push_back({"environment", "object", "variables of the command or handler"});
    fields.push_back({"url", "string", "of this machine, instead of a command"});
    fields.push_back({"mapping", "object", "what triggers it: table, resource_types, filters"});
    return fields;
  };
  static const std::vector<RouteField> fields = all();
  return fields;
}

json StatsToJson(const FunctionStats& stats) {
  return {{"invocations", stats.invocations},
          {"cold_starts", stats.cold_starts},
          {"waited_starts", stats.waited_starts},
          {"warm_starts", stats.warm_starts},
          {"throttles", stats.throttles},
          {"errors", stats.errors},
          {"timeouts", stats.timeouts},
          {"crashes", stats.crashes},
          {"initializing", stats.initializing},
          {"busy", stats.busy},
          {"idle", stats.idle},
          {"environments_peak", stats.environments_peak},
          {"environments_started", stats.environments_started},
          {"async_queued", stats.async_queued}};
}

const UserFunction* FindUserFunction(const AdminContext& context, const std::string& name) {
  return context.user_functions == nullptr ? nullptr : context.user_functions->Find(name);
}

// The fields of the configuration, as in PATCH, and "stats"; for a user function also its target
// and its mapping.
Result<json> FunctionToJson(const AdminContext& context, const std::string& name) {
  KLESS_TRY(const auto config, context.pool.Config(name));
  KLESS_TRY(const auto stats, context.pool.Stats(name));
  const UserFunction* const of_user = FindUserFunction(context, name);
  json function = of_user != nullptr ? UserFunctionToJson(*of_user) : FunctionConfigToJson(config);
  function["stats"] = StatsToJson(stats);
  return Result<json>(boost::system::in_place_value, std::move(function));
}

HttpResponse FunctionReply(const AdminContext& context, const std::string& name, int status = 200) {
  const auto function = FunctionToJson(context, name);
  return function.has_error() ? ErrorReply(function.error()) : JsonReply(function.value(), status);
}

HttpResponse AccountReply(const AdminContext& context) {
  const FunctionPool& pool = context.pool;
  json functions = json::array();
  for (const std::string& name : pool.Names()) {
    auto function = FunctionToJson(context, name);
    if (!function.has_error()) functions.push_back(std::move(function.value()));
  }
  return JsonReply({{"account_concurrency", pool.account_concurrency()},
                    {"concurrency", pool.concurrency()},
                    {"keep_alive_policy", KeepAlivePolicyName(pool.keep_alive_policy())},
                    {"keep_alive_memory_mb", pool.keep_alive_memory_mb()},
                    {"memory_mb", pool.memory_mb()},
                    {"functions", std::move(functions)}});
}

HttpResponse PatchAccount(AdminContext& context, const HttpRequest& request) {
  const auto body = ParseBody(request, kAccountFields);
  if (body.has_error()) return ErrorReply(body.error());
  if (const auto value = body.value().find("account_concurrency"); value != body.value().end()) {
    if (!value->is_number_integer() || value->get<std::int64_t>() < 1 ||
        value->get<std::int64_t>() > 1'000'000) {
      return ErrorReply(MakeError(ErrorCode::kInvalidArgument,
                                  "'account_concurrency' must be a whole number from 1 to "
                                  "1000000"));
    }
    const auto set = context.pool.SetAccountConcurrency(value->get<int>());
    if (set.has_error()) return ErrorReply(set.error());
  }
  return AccountReply(context);
}

Result<json> JsonBody(const HttpRequest& request) {
  auto body = ParseJson(request.body);
  if (body.has_value()) return body;
  return MakeError(ErrorCode::kInvalidArgument, "the body is not JSON: " + body.error().message);
}

HttpResponse CreateFunction(AdminContext& context, const HttpRequest& request) {
  if (context.user_functions == nullptr) {
    return ErrorReply(MakeError(ErrorCode::kUnsupported,
                                "user functions run in real time only: a virtual run has "
                                "none; use kless serve or kless exec"));
  }
  const auto body = JsonBody(request);
  if (body.has_error()) return ErrorReply(body.error());
  const auto created = context.user_functions->Create(body.value());
  if (created.has_error()) return ErrorReply(created.error());
  return FunctionReply(context, body.value()["name"].get<std::string>(), 201);
}

HttpResponse DeleteFunction(AdminContext& context, const HttpRequest& request) {
  const std::string& name = request.params.at("name");
  if (FindUserFunction(context, name) == nullptr && context.pool.Config(name).has_value()) {
    return ErrorReply(
        MakeError(ErrorCode::kUnsupported,
                  "'" + name +
                      "' is a control loop, not a user function; kless serve --loops says which "
                      "loops run, and aws lambda delete-function deletes functions of Lambda"));
  }
  const auto removed = context.user_functions == nullptr
                           ? Result<void>(context.pool.Config(name).error())
                           : context.user_functions->Remove(name);
  if (removed.has_error()) return ErrorReply(removed.error());
  return JsonReply({{"name", name}, {"deleted", true}});
}

HttpResponse PatchFunction(AdminContext& context, const HttpRequest& request) {
  const std::string& name = request.params.at("name");
  auto config = context.pool.Config(name);
  if (config.has_error()) return ErrorReply(config.error());
  const auto body = JsonBody(request);
  if (body.has_error()) return ErrorReply(body.error());
  if (FindUserFunction(context, name) != nullptr) {
    const auto patched = context.user_functions->Patch(name, body.value());
    return patched.has_error() ? ErrorReply(patched.error()) : FunctionReply(context, name);
  }
  if (body.value().is_object() && body.value().contains("mapping")) {
    return ErrorReply(MakeError(ErrorCode::kUnsupported,
                                "function configuration: the mapping of a control loop is set at "
                                "the start: kless serve --function " +
                                    name + ".mapping.FIELD=VALUE"));
  }
  auto patched = PatchFunctionConfig(std::move(config.value()), body.value());
  if (patched.has_error()) return ErrorReply(patched.error());
  const auto configured = context.pool.Configure(name, std::move(patched.value()));
  if (configured.has_error()) return ErrorReply(configured.error());
  return FunctionReply(context, name);
}

HttpResponse Reset(AdminContext& context, const HttpRequest& request) {
  const auto body = ParseBody(request, {});
  if (body.has_error()) return ErrorReply(body.error());
  const auto reclaimed = context.pool.Reset(request.params.at("name"));
  if (reclaimed.has_error()) return ErrorReply(reclaimed.error());
  return JsonReply({{"reclaimed", reclaimed.value()}});
}

HttpResponse Warm(AdminContext& context, const HttpRequest& request) {
  const auto body = ParseBody(request, {});
  if (body.has_error()) return ErrorReply(body.error());
  Parameters parameters(request);
  const auto count = parameters.Number("count", 1, 1, 1'000'000);
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  std::string limit;
  const auto started =
      context.pool.Warm(request.params.at("name"), static_cast<int>(count), &limit);
  if (started.has_error()) return ErrorReply(started.error());
  return JsonReply({{"started", started.value()}, {"limit", limit.empty() ? json() : json(limit)}});
}

HttpResponse ResultReply(const InvokeResult& result) {
  json reply;
  int status = 200;
  if (result.payload.has_value()) {
    const auto payload = ParseJson(result.payload.value());
    reply["payload"] = payload.has_error() ? json(result.payload.value()) : payload.value();
  } else {
    const Error& error = result.payload.error();
    if (error.code == ErrorCode::kThrottled) {
      reply = ErrorToJson("Throttled", error.message);
      status = HttpStatusOf(ErrorCode::kThrottled);
    } else {
      // An error of the function itself must not look like an error of this path.
      reply = ErrorToJson("FunctionError", error.message);
      status = 502;
      // What the runtime reported: {"errorMessage", "errorType", "stackTrace"}.
      auto reported = ParseJson(result.error_body);
      if (reported.has_value()) reply["function_error"] = std::move(reported.value());
    }
  }
  reply["request_id"] = result.request_id;
  return JsonReply(reply, status);
}

Task<HttpResponse> Invoke(AdminContext& context, HttpRequest request) {
  const std::string name = request.params.at("name");
  const auto config = context.pool.Config(name);
  if (config.has_error()) co_return ErrorReply(config.error());
  if (request.body.size() > kMaxPayloadBytes) {
    co_return JsonReply(ErrorToJson("PayloadTooLarge", PayloadProblem(request.body.size())), 413);
  }
  if (!request.body.empty()) {
    const auto payload = ParseJson(request.body);
    if (payload.has_error()) {
      co_return ErrorReply(MakeError(ErrorCode::kInvalidArgument,
                                     "the payload is not JSON: " + payload.error().message));
    }
  }
  const auto header = request.headers.find(kInvocationTypeHeader);
  const std::string type = header == request.headers.end() ? "sync" : header->second;
  if (type == "async") {
    const auto queued = context.pool.InvokeAsync(name, std::move(request.body));
    if (queued.has_error()) co_return ErrorReply(queued.error());
    co_return JsonReply({{"request_id", queued.value()}}, 202);
  }
  if (type != "sync") {
    co_return ErrorReply(
        MakeError(ErrorCode::kInvalidArgument,
                  "X-Kless-Invocation-Type must be sync or async, not '" + type + "'"));
  }
  auto event = std::make_shared<FunctionEvent>();
  event->payload = std::move(request.body);
  InvokeOptions options;
  options.requested_at = context.event_loop.Now();
  const InvokeResult result = co_await context.pool.Invoke(name, std::move(event), options);
  co_return ResultReply(result);
}

double Milliseconds(std::int64_t nanos) { return ToMilliseconds(Duration(nanos)); }

json InvocationToJson(const InvocationRecord& record) {
  return {{"id", record.id},
          {"function", record.function},
          {"request_id", record.request_id},
          {"environment", record.environment},
          {"start", StartKindName(record.start)},
          {"trigger", record.trigger},
          {"requested", FormatMicroTime(record.requested_unix_nanos)},
          {"queued_ms", Milliseconds(record.queued)},
          {"init_ms", Milliseconds(record.init)},
          {"run_ms", Milliseconds(record.run)},
          {"store_ms", Milliseconds(record.store)},
          {"billed_ms", Milliseconds(record.billed)},
          {"memory_mb", record.memory_mb},
          {"throttles", record.throttles},
          {"outcome", record.outcome},
          {"error", record.error},
          {"caused_by", record.caused_by}};
}

struct InvocationQuery {
  std::string function;  // "": all
  std::uint64_t after = 0;
  std::uint64_t before = UINT64_MAX;
  std::uint64_t limit = UINT64_MAX;
  bool descending = false;
};

// Returns rows between the two positions.  "next" is the `after` of the next page, whether or not
// it has rows yet, or its `before` if the order is descending.
HttpResponse InvocationsPage(const AdminContext& context, const InvocationQuery& query) {
  const InvocationLog& log = context.store.invocations();
  const int limit = static_cast<int>(query.limit);
  std::uint64_t next = query.descending ? query.before : query.after;
  json items = json::array();
  for (const InvocationRecord& record : query.descending
                                            ? log.ReadBackwards(query.function, query.before, limit)
                                            : log.Read(query.function, query.after, limit)) {
    if (record.id <= query.after || record.id >= query.before) break;
    next = record.id;
    items.push_back(InvocationToJson(record));
  }
  return JsonReply({{"items", std::move(items)}, {"next", next}});
}

// Writes a line of JSON for each row when it is committed.
Task<> StreamInvocations(AdminContext& context, InvocationQuery query,
                         std::shared_ptr<BodyWriter> writer) {
  std::uint64_t lines = 0;
  while (lines < query.limit) {
    std::string chunk;
    const std::uint64_t left = std::min(query.limit - lines, kInvocationsDefault);
    for (const InvocationRecord& record :
         context.store.invocations().Read(query.function, query.after, static_cast<int>(left))) {
      query.after = record.id;
      chunk += DumpJson(InvocationToJson(record)) + "\n";
      ++lines;
    }
    if (chunk.empty()) {
      // Rows of other functions are skipped at once the next time.
      query.after = std::max(query.after, context.store.invocations().LatestId());
      co_await context.pool.changed().Wait();
      continue;
    }
    co_await context.store.Committed();
    const auto written = co_await writer->Write(std::move(chunk));
    if (written.has_error()) co_return;
  }
}

HttpResponse Invocations(AdminContext& context, const HttpRequest& request) {
  Parameters parameters(request);
  const bool follow = parameters.Flag("follow");
  InvocationQuery query;
  query.function = parameters.Text("function").value_or("");
  query.limit = follow ? parameters.Number("limit", UINT64_MAX, 1, UINT64_MAX)
                       : parameters.Number("limit", kInvocationsDefault, 1, kInvocationsLimit);
  query.after = parameters.Number("after", 0, 0, UINT64_MAX);
  query.before = parameters.Number("before", UINT64_MAX, 0, UINT64_MAX);
  query.descending = parameters.Flag("descending");
  if (follow && (query.descending || query.before != UINT64_MAX)) {
    parameters.Report("'follow' continues from 'after'; omit 'before' and 'descending'");
  }
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  if (!query.function.empty() && context.pool.Config(query.function).has_error() &&
      context.store.invocations().Read(query.function, 0, 1).empty()) {
    return ErrorReply(MakeError(ErrorCode::kNotFound,
                                "there is no function '" + query.function +
                                    "', nor an invocation of one that was deleted" +
                                    kless::DidYouMean(query.function, context.pool.Names())));
  }
  if (!follow) return InvocationsPage(context, query);
  HttpResponse response;
  response.content_type = "application/x-ndjson";
  response.stream = [&context, query](std::shared_ptr<BodyWriter> writer) {
    return StreamInvocations(context, query, std::move(writer));
  };
  return response;
}

HttpResponse FunctionLogLines(AdminContext& context, const HttpRequest& request) {
  const std::string& name = request.params.at("name");
  Parameters parameters(request);
  const std::uint64_t limit = parameters.Number("limit", kInvocationsDefault, 1, kInvocationsLimit);
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  const UserFunction* const function = FindUserFunction(context, name);
  if (function == nullptr || function->handler.empty()) {
    const auto config = context.pool.Config(name);
    if (config.has_error()) return ErrorReply(config.error());
    return ErrorReply(MakeError(ErrorCode::kUnsupported,
                                "only functions with a 'handler' keep their lines here; those of a "
                                "command are in the log of the daemon, those of a function of "
                                "Lambda in CloudWatch Logs: aws logs tail /aws/lambda/" +
                                    name));
  }
  const auto& lines = context.user_functions->logs().Of(name);
  json items = json::array();
  for (std::size_t i = lines.size() - std::min<std::size_t>(limit, lines.size()); i < lines.size();
       ++i) {
    items.push_back({{"time", FormatMicroTime(lines[i].unix_nanos)},
                     {"environment", lines[i].environment},
                     {"text", lines[i].text}});
  }
  return JsonReply({{"items", std::move(items)}});
}

}  // namespace

void AddFunctionRoutes(Router& router, AdminContext& context) {
  const auto add = [&](const char* method, const char* path, RouteDescription description,
                       HttpResponse (*handle)(AdminContext&, const HttpRequest&)) {
    AddAdminRoute(router, method, path, description,
                  Immediate([&context, handle](const HttpRequest& request) {
                    return handle(context, request);
                  }));
  };
  add("GET", "/kless/v1/functions", {"All functions, and the account's concurrency"},
      [](AdminContext& w, const HttpRequest&) { return AccountReply(w); });
  add("POST", "/kless/v1/functions",
      {"Creates a function: a command or a URL that writes trigger", {}, FunctionFields(), true},
      CreateFunction);
  add("PATCH", "/kless/v1/functions", {"Sets the account's concurrency", {}, kAccountFields, true},
      PatchAccount);
  add("GET", "/kless/v1/functions/{name}", {"One function: configuration and counters"},
      [](AdminContext& w, const HttpRequest& request) {
        return FunctionReply(w, request.params.at("name"));
      });
  add("PATCH", "/kless/v1/functions/{name}",
      {"Changes a function's configuration", {}, FunctionFields(), true}, PatchFunction);
  add("DELETE", "/kless/v1/functions/{name}",
      {"Removes a user function with its mapping and position"}, DeleteFunction);
  add("GET", "/kless/v1/functions/{name}/logs",
      {"What a function with a handler wrote, oldest first", kLogsQuery}, FunctionLogLines);
  add("POST", "/kless/v1/functions/{name}/reset",
      {"Reclaims every environment: the next start is cold"}, Reset);
  add("POST", "/kless/v1/functions/{name}/warm",
      {"Initialises environments ahead of their use", kWarmQuery}, Warm);
  add("GET", "/kless/v1/invocations",
      {"Invocations in the order in which they ended", kInvocationsQuery},
      [](AdminContext& w, const HttpRequest& request) { return Invocations(w, request); });
  AddAdminRoute(
      router, "POST", "/kless/v1/functions/{name}/invocations",
      {"Invokes a function; the body is its payload, X-Kless-Invocation-Type sync or async",
       {},
       {},
       true},
      [&context](HttpRequest request) { return Invoke(context, std::move(request)); });
}

}  // namespace kless::doors
