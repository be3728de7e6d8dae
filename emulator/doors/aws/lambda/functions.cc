#include "emulator/doors/aws/lambda/functions.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"
#include "emulator/lambda/zip_archive.h"

namespace kless::doors::aws {
namespace {

using lambda::FunctionDefinition;

constexpr int kFunctionsOfAPage = 50;
// AWS keeps so much of the account's concurrency for functions without a reservation.
constexpr int kUnreservedMin = 100;
constexpr int kTimeoutMax = 900;
constexpr std::size_t kEnvironmentBytesMax = 4096;

std::string FunctionTextsJson(const std::map<std::string, std::string>& values) {
  JsonObjectText text;
  for (const auto& [name, value] : values) text.String(name, value);
  return text.Finish();
}

std::map<std::string, std::string> FunctionTexts(const Input& input, const char* name) {
  std::map<std::string, std::string> values;
  const auto map = input.Map(name);
  if (!map) return values;
  for (const auto field : *map) {
    values[std::string(field.key)] = std::string(field.value.get_string().value_unsafe());
  }
  return values;
}

// Where a change is under way, as replies to it say; it has ended when the reply arrives.
enum class Progress { kNone, kCreating, kUpdating };

std::string ConfigurationJson(const FunctionDefinition& function,
                              Progress progress = Progress::kNone) {
  JsonObjectText text;
  text.String("FunctionName", function.name).String("FunctionArn", function.Arn());
  if (!function.runtime.empty()) text.String("Runtime", function.runtime);
  text.String("Role", function.role);
  if (!function.handler.empty()) text.String("Handler", function.handler);
  text.Integer("CodeSize", static_cast<std::int64_t>(function.code_bytes))
      .String("Description", function.description)
      .Integer("Timeout", function.timeout_s)
      .Integer("MemorySize", function.memory_mb)
      .String("LastModified", function.last_modified)
      .String("CodeSha256", function.code_sha256)
      .String("Version", "$LATEST");
  if (!function.environment.empty()) {
    text.Raw("Environment", R"({"Variables":)" + FunctionTextsJson(function.environment) + "}");
  }
  text.Raw("TracingConfig", R"({"Mode":"PassThrough"})").String("RevisionId", function.revision);
  if (progress == Progress::kCreating) {
    text.String("State", "Pending")
        .String("StateReason", "The function is being created.")
        .String("StateReasonCode", "Creating");
  } else {
    text.String("State", "Active");
  }
  if (progress == Progress::kUpdating) {
    text.String("LastUpdateStatus", "InProgress")
        .String("LastUpdateStatusReason", "The function is being created.")
        .String("LastUpdateStatusReasonCode", "Creating");
  } else if (progress == Progress::kNone) {
    text.String("LastUpdateStatus", "Successful");
  }
  std::string architectures = "[";
  for (const std::string& each : function.architectures) {
    AppendElement(architectures, "\"" + each + "\"");
  }
  return text.String("PackageType", "Zip")
      .Raw("Architectures", architectures + "]")
      .Raw("EphemeralStorage", R"({"Size":512})")
      .Raw("SnapStart", R"({"ApplyOn":"None","OptimizationStatus":"Off"})")
      .Raw("LoggingConfig",
           R"({"LogFormat":"Text","LogGroup":"/aws/lambda/)" + function.name + "\"}")
      .Finish();
}

AwsError InvalidFunction(std::string message) {
  return ErrorOf(lambda::InvalidParameter(std::move(message)));
}

// What kless does not do is refused, unless it says what is so anyway.
AwsResult<void> RefuseUnsupported(const Input& input) {
  for (const char* const name :
       {"VpcConfig", "DeadLetterConfig", "KMSKeyArn", "Layers", "FileSystemConfigs",
        "CodeSigningConfigArn", "ImageConfig", "SnapStart", "LoggingConfig"}) {
    const auto value = input.Find(name);
    if (!value) continue;
    const bool empty = (value->is_string() && value->get_string().value_unsafe().empty()) ||
                       (value->is_array() && value->get_array().value_unsafe().size() == 0) ||
                       (value->is_object() && value->get_object().value_unsafe().size() == 0);
    if (!empty) return InvalidFunction(std::string(name) + " is not supported by kless.");
  }
  if (input.Flag("Publish").value_or(false)) {
    return InvalidFunction("Publish is not supported by kless: functions have no versions.");
  }
  if (input.Text("PackageType").value_or("Zip") != "Zip") {
    return InvalidFunction("PackageType Image is not supported by kless.");
  }
  const auto ephemeral = input.Structure("EphemeralStorage");
  if (ephemeral && ephemeral->Integer("Size").value_or(512) != 512) {
    return InvalidFunction("EphemeralStorage other than 512 MB is not supported by kless.");
  }
  const auto tracing = input.Structure("TracingConfig");
  if (tracing && tracing->Text("Mode").value_or("PassThrough") != "PassThrough") {
    return InvalidFunction("TracingConfig Active is not supported by kless.");
  }
  return {};
}

AwsResult<std::string> ZipOf(const Input& code) {
  if (code.Has("S3Bucket") || code.Has("S3Key")) {
    return InvalidFunction("Code in S3 is not supported by kless; give ZipFile.");
  }
  if (code.Has("ImageUri")) {
    return InvalidFunction("Container images are not supported by kless; give ZipFile.");
  }
  const auto text = code.Text("ZipFile");
  if (!text) return InvalidFunction("Please provide a source for function code.");
  auto zip = Base64Decode(*text);
  if (!zip)
    return InvalidFunction(
        "Could not unzip uploaded file. Please check your file, then "
        "try to upload again.");
  if (zip->size() > lambda::kZippedBytesMax) {
    AwsError error;
    error.type = "RequestEntityTooLargeException";
    error.status = 413;
    error.message = "Request must be smaller than 69905067 bytes for the CreateFunction operation";
    return error;
  }
  return std::move(*zip);
}

// Applies the members that are given.
AwsResult<void> ApplyChanges(const Input& input, FunctionDefinition& function) {
  KLESS_TRY_VOID(RefuseUnsupported(input));
  const auto set = [&](const char* name, std::string& value) {
    if (const auto text = input.Text(name)) value = *text;
  };
  set("Runtime", function.runtime);
  set("Handler", function.handler);
  set("Role", function.role);
  set("Description", function.description);
  if (const auto timeout = input.Integer("Timeout")) {
    if (*timeout > kTimeoutMax) {
      return ValidationError("1 validation error detected: Value '" + std::to_string(*timeout) +
                             "' at 'timeout' failed to satisfy constraint: Member must have value "
                             "less than or equal to " +
                             std::to_string(kTimeoutMax));
    }
    function.timeout_s = static_cast<int>(*timeout);
  }
  if (const auto memory = input.Integer("MemorySize")) {
    function.memory_mb = static_cast<int>(*memory);
  }
  if (const auto environment = input.Structure("Environment")) {
    function.environment = FunctionTexts(*environment, "Variables");
    std::size_t bytes = 0;
    for (const auto& [name, value] : function.environment) {
      bytes += name.size() + value.size();
      if (name.empty() || name.find_first_of("=\n") != std::string::npos) {
        return InvalidFunction("Environment variable names must match [a-zA-Z]([a-zA-Z0-9_])+");
      }
    }
    if (bytes > kEnvironmentBytesMax) {
      return InvalidFunction(
          "Lambda was unable to configure your environment variables because the environment "
          "variables you have provided exceeded the 4KB limit.");
    }
  }
  if (const auto list = input.List("Architectures")) {
    function.architectures.clear();
    for (const simdjson::dom::element each : simdjson::dom::array(*list)) {
      function.architectures.emplace_back(each.get_string().value_unsafe());
    }
  }
  return {};
}

AwsResult<std::string> CreateFunction(LambdaContext& context, const OperationRequest& request) {
  const Input& input = request.input;
  KLESS_TRY(const auto named,
            NameFunction(request.caller, input.TextOr("FunctionName"), "lambda:CreateFunction"));
  FunctionDefinition function;
  function.name = named.name;
  function.account = request.caller.account;
  function.region = request.caller.region;
  KLESS_TRY_VOID(ApplyChanges(input, function));
  if (function.runtime.empty() || function.handler.empty()) {
    return InvalidFunction(
        "Runtime and Handler are mandatory parameters for functions created with deployment "
        "packages.");
  }
  function.tags = FunctionTexts(input, "Tags");
  KLESS_TRY(auto zip, ZipOf(*input.Structure("Code")));
  KLESS_TRY(const auto* created,
            FromLambda(context.functions.Create(std::move(function), std::move(zip))));
  return ConfigurationJson(*created, Progress::kCreating);
}

AwsResult<std::string> GetFunction(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY(const auto* function, FindFunction(context, request, "lambda:GetFunction"));
  JsonObjectText text;
  text.Raw("Configuration", ConfigurationJson(*function))
      .Raw("Code", JsonObjectText()
                       .String("RepositoryType", "S3")
                       .String("Location", "http://" + std::string(request.host) +
                                               "/kless/v1/lambda/" + function->name + "/code")
                       .Finish());
  if (!function->tags.empty()) text.Raw("Tags", FunctionTextsJson(function->tags));
  if (function->reserved_concurrency) {
    text.Raw("Concurrency", R"({"ReservedConcurrentExecutions":)" +
                                std::to_string(*function->reserved_concurrency) + "}");
  }
  return text.Finish();
}

AwsResult<std::string> GetFunctionConfiguration(LambdaContext& context,
                                                const OperationRequest& request) {
  KLESS_TRY(const auto* function,
            FindFunction(context, request, "lambda:GetFunctionConfiguration"));
  return ConfigurationJson(*function);
}

AwsResult<std::string> ListFunctions(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(Authorize(request.caller, "lambda:ListFunctions", "*"));
  const std::string after = request.input.TextOr("Marker");
  const auto limit =
      std::min<std::int64_t>(request.input.Integer("MaxItems").value_or(kFunctionsOfAPage), 50);
  std::string list = "[";
  std::string last;
  bool more = false;
  std::int64_t count = 0;
  for (const FunctionDefinition* function : context.functions.All()) {
    if (function->name <= after) continue;
    more = count == limit;
    if (more) break;
    AppendElement(list, ConfigurationJson(*function));
    last = function->name;
    ++count;
  }
  JsonObjectText text;
  if (more) text.String("NextMarker", last);
  return text.Raw("Functions", list + "]").Finish();
}

AwsResult<std::string> DeleteFunction(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY(const auto named,
            NameFunction(request.caller, request.input.TextOr("FunctionName"),
                         "lambda:DeleteFunction", request.input.TextOr("Qualifier")));
  if (!named.qualifier.empty()) {
    return InvalidFunction("$LATEST version cannot be deleted without deleting the function.");
  }
  KLESS_TRY_VOID(FromLambda(context.functions.Delete(named.name, named.arn)));
  return std::string("{}");
}

// The state that the client has seen is still the newest.
AwsResult<void> CheckRevision(const Input& input, const FunctionDefinition& function) {
  const auto revision = input.Text("RevisionId");
  if (!revision || revision->empty() || *revision == function.revision) return {};
  AwsError error;
  error.type = "PreconditionFailedException";
  error.status = 412;
  error.message =
      "The Revision Id provided does not match the latest Revision Id. Call the "
      "GetFunction/GetAlias API to retrieve the latest Revision Id";
  return error;
}

AwsResult<std::string> UpdateFunctionConfiguration(LambdaContext& context,
                                                   const OperationRequest& request) {
  KLESS_TRY(const auto* function,
            FindFunction(context, request, "lambda:UpdateFunctionConfiguration"));
  KLESS_TRY_VOID(CheckRevision(request.input, *function));
  FunctionDefinition changed = *function;
  KLESS_TRY_VOID(ApplyChanges(request.input, changed));
  KLESS_TRY(const auto* updated,
            FromLambda(context.functions.Update(
                function->name, function->Arn(),
                [&changed](FunctionDefinition& current) { current = changed; })));
  return ConfigurationJson(*updated, Progress::kUpdating);
}

AwsResult<std::string> UpdateFunctionCode(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY(const auto* function, FindFunction(context, request, "lambda:UpdateFunctionCode"));
  KLESS_TRY_VOID(CheckRevision(request.input, *function));
  KLESS_TRY_VOID(RefuseUnsupported(request.input));
  KLESS_TRY(auto zip, ZipOf(request.input));
  if (request.input.Flag("DryRun").value_or(false)) return ConfigurationJson(*function);
  KLESS_TRY(const auto* updated, FromLambda(context.functions.UpdateCode(
                                     function->name, function->Arn(), std::move(zip))));
  return ConfigurationJson(*updated, Progress::kUpdating);
}

AwsResult<std::string> PutFunctionConcurrency(LambdaContext& context,
                                              const OperationRequest& request) {
  KLESS_TRY(const auto* function, FindFunction(context, request, "lambda:PutFunctionConcurrency"));
  const auto reserved = static_cast<int>(*request.input.Integer("ReservedConcurrentExecutions"));
  const int others =
      context.functions.UnreservedConcurrency() + function->reserved_concurrency.value_or(0);
  const int kept = std::min(kUnreservedMin, context.pool.account_concurrency() / 10);
  if (reserved > 0 && others - reserved < kept) {
    return InvalidFunction(
        "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [" +
        std::to_string(kept) + "].");
  }
  KLESS_TRY_VOID(FromLambda(context.functions.Update(
      function->name, function->Arn(),
      [reserved](FunctionDefinition& current) { current.reserved_concurrency = reserved; })));
  return R"({"ReservedConcurrentExecutions":)" + std::to_string(reserved) + "}";
}

AwsResult<std::string> GetFunctionConcurrency(LambdaContext& context,
                                              const OperationRequest& request) {
  KLESS_TRY(const auto* function, FindFunction(context, request, "lambda:GetFunctionConcurrency"));
  if (!function->reserved_concurrency) return std::string("{}");
  return R"({"ReservedConcurrentExecutions":)" + std::to_string(*function->reserved_concurrency) +
         "}";
}

AwsResult<std::string> DeleteFunctionConcurrency(LambdaContext& context,
                                                 const OperationRequest& request) {
  KLESS_TRY(const auto* function,
            FindFunction(context, request, "lambda:DeleteFunctionConcurrency"));
  KLESS_TRY_VOID(FromLambda(context.functions.Update(
      function->name, function->Arn(),
      [](FunctionDefinition& current) { current.reserved_concurrency.reset(); })));
  return std::string("{}");
}

AwsResult<std::string> GetAccountSettings(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY_VOID(Authorize(request.caller, "lambda:GetAccountSettings", "*"));
  std::int64_t bytes = 0;
  std::int64_t count = 0;
  for (const FunctionDefinition* function : context.functions.All()) {
    bytes += static_cast<std::int64_t>(function->code_bytes);
    ++count;
  }
  return JsonObjectText()
      .Raw("AccountLimit",
           JsonObjectText()
               .Integer("TotalCodeSize", static_cast<std::int64_t>(lambda::kTotalCodeBytesMax))
               .Integer("CodeSizeUnzipped", static_cast<std::int64_t>(lambda::kUnzippedBytesMax))
               .Integer("CodeSizeZipped", static_cast<std::int64_t>(lambda::kZippedBytesMax))
               .Integer("ConcurrentExecutions", context.pool.account_concurrency())
               .Integer("UnreservedConcurrentExecutions", context.functions.UnreservedConcurrency())
               .Finish())
      .Raw(
          "AccountUsage",
          JsonObjectText().Integer("TotalCodeSize", bytes).Integer("FunctionCount", count).Finish())
      .Finish();
}

AwsResult<const FunctionDefinition*> TaggedFunction(LambdaContext& context,
                                                    const OperationRequest& request,
                                                    std::string_view action) {
  const std::string resource = request.input.TextOr("Resource");
  KLESS_TRY(const auto named, NameFunction(request.caller, resource, action));
  return FromLambda(context.functions.Get(named.name, named.arn));
}

AwsResult<std::string> ListTags(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY(const auto* function, TaggedFunction(context, request, "lambda:ListTags"));
  return R"({"Tags":)" + FunctionTextsJson(function->tags) + "}";
}

AwsResult<std::string> TagResource(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY(const auto* function, TaggedFunction(context, request, "lambda:TagResource"));
  auto tags = FunctionTexts(request.input, "Tags");
  KLESS_TRY_VOID(FromLambda(context.functions.Update(function->name, function->Arn(),
                                                     [&tags](FunctionDefinition& current) {
                                                       for (auto& [key, value] : tags)
                                                         current.tags[key] = value;
                                                     })));
  return std::string("{}");
}

AwsResult<std::string> UntagResource(LambdaContext& context, const OperationRequest& request) {
  KLESS_TRY(const auto* function, TaggedFunction(context, request, "lambda:UntagResource"));
  std::vector<std::string> keys;
  for (const simdjson::dom::element key : simdjson::dom::array(*request.input.List("tagKeys"))) {
    keys.emplace_back(key.get_string().value_unsafe());
  }
  KLESS_TRY_VOID(FromLambda(context.functions.Update(function->name, function->Arn(),
                                                     [&keys](FunctionDefinition& current) {
                                                       for (const std::string& key : keys)
                                                         current.tags.erase(key);
                                                     })));
  return std::string("{}");
}

}  // namespace

const std::vector<LambdaOperation>& LambdaFunctionOperations() {
  static const std::vector<LambdaOperation> operations = {
      {"POST", "/2015-03-31/functions", "CreateFunction", 201, CreateFunction},
      {"GET", "/2015-03-31/functions", "ListFunctions", 200, ListFunctions},
      {"GET", "/2015-03-31/functions/{FunctionName}", "GetFunction", 200, GetFunction},
      {"DELETE", "/2015-03-31/functions/{FunctionName}", "DeleteFunction", 204, DeleteFunction},
      {"GET", "/2015-03-31/functions/{FunctionName}/configuration", "GetFunctionConfiguration", 200,
       GetFunctionConfiguration},
      {"PUT", "/2015-03-31/functions/{FunctionName}/configuration", "UpdateFunctionConfiguration",
       200, UpdateFunctionConfiguration},
      {"PUT", "/2015-03-31/functions/{FunctionName}/code", "UpdateFunctionCode", 200,
       UpdateFunctionCode},
      {"PUT", "/2017-10-31/functions/{FunctionName}/concurrency", "PutFunctionConcurrency", 200,
       PutFunctionConcurrency},
      {"GET", "/2019-09-30/functions/{FunctionName}/concurrency", "GetFunctionConcurrency", 200,
       GetFunctionConcurrency},
      {"DELETE", "/2017-10-31/functions/{FunctionName}/concurrency", "DeleteFunctionConcurrency",
       204, DeleteFunctionConcurrency},
      {"GET", "/2016-08-19/account-settings", "GetAccountSettings", 200, GetAccountSettings},
      {"GET", "/2017-03-31/tags/{Resource}", "ListTags", 200, ListTags},
      {"POST", "/2017-03-31/tags/{Resource}", "TagResource", 204, TagResource},
      {"DELETE", "/2017-03-31/tags/{Resource}", "UntagResource", 204, UntagResource},
  };
  return operations;
}

}  // namespace kless::doors::aws
