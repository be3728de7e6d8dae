#include "emulator/doors/aws/sqs/queues.h"

#include <algorithm>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
constexpr std::int64_t kListMax = 1000;

AwsResult<std::string> CreateQueue(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, RequiredText(request.input, "QueueName"));
  const sqs::Scope scope = SqsScopeOf(request);
  KLESS_TRY_VOID(Authorize(request.caller, "sqs:CreateQueue", sqs::QueueArn(scope, name)));
  KLESS_TRY_VOID(ForClient(context.queues.Create(scope, name, TextMap(request.input, "Attributes"),
                                                 TextMap(request.input, "tags"))));
  return JsonObjectText()
      .String("QueueUrl", QueueUrl(context, request, scope.account, name))
      .Finish();
}

AwsResult<std::string> GetQueueUrl(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string name, RequiredText(request.input, "QueueName"));
  const std::string owner = request.input.TextOr("QueueOwnerAWSAccountId");
  const std::string account = owner.empty() ? request.caller.account : owner;
  KLESS_TRY_VOID(FindQueue(context, request, "/" + account + "/" + name));
  return JsonObjectText().String("QueueUrl", QueueUrl(context, request, account, name)).Finish();
}

// A page of URLs under the member `member`; a token is the last name of the page before, in base64.
AwsResult<std::string> PageOf(const OperationRequest& request, const char* member,
                              std::vector<std::string> urls) {
  const std::int64_t limit = request.input.Integer("MaxResults").value_or(kListMax);
  if (limit < 1 || limit > kListMax) {
    return ErrorOf(sqs::InvalidParameter(std::to_string(limit), "MaxResults",
                                         "MaxResults must be between 1 and 1000"));
  }
  const std::string token = request.input.TextOr("NextToken");
  if (!token.empty()) {
    const auto after = Base64Decode(token);
    if (!after) {
      return ErrorOf(sqs::InvalidParameterValue("Invalid or expired next token."));
    }
    urls.erase(urls.begin(), std::upper_bound(urls.begin(), urls.end(), *after));
  }
  JsonObjectText reply;
  const bool more = urls.size() > static_cast<std::size_t>(limit);
  if (more) urls.resize(static_cast<std::size_t>(limit));
  std::string list = "[";
  for (const std::string& url : urls) {
    std::string text;
    AppendJsonString(text, url);
    AppendElement(list, text);
  }
  if (!urls.empty()) reply.Raw(member, list + "]");
  // Without MaxResults AWS gives no token.
  if (more && request.input.Has("MaxResults")) {
    reply.String("NextToken", Base64Encode(urls.back()));
  }
  return reply.Finish();
}

AwsResult<std::string> ListQueues(SqsContext& context, const OperationRequest& request) {
  const sqs::Scope scope = SqsScopeOf(request);
  KLESS_TRY_VOID(Authorize(request.caller, "sqs:ListQueues", sqs::QueueArn(scope, "*")));
  std::vector<std::string> urls;
  for (const std::string& name :
       context.queues.Names(scope, request.input.TextOr("QueueNamePrefix"))) {
    urls.push_back(QueueUrl(context, request, scope.account, name));
  }
  return PageOf(request, "QueueUrls", std::move(urls));
}

AwsResult<std::string> ListDeadLetterSourceQueues(SqsContext& context,
                                                  const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  std::vector<std::string> urls;
  for (const std::string& source : context.queues.SourcesOf(arn)) {
    const std::vector<std::string_view> parts = Split(source, ':');
    urls.push_back(QueueUrl(context, request, parts[4], parts[5]));
  }
  std::sort(urls.begin(), urls.end());
  auto page = PageOf(request, "queueUrls", urls);
  // Unlike ListQueues, the reply always has the list.
  if (page.has_value() && urls.empty()) return std::string("{\"queueUrls\":[]}");
  return page;
}

AwsResult<std::string> DeleteQueue(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  KLESS_TRY_VOID(ForClient(context.queues.Delete(arn)));
  return std::string("{}");
}

AwsResult<std::string> PurgeQueue(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  context.queues.Find(arn)->Purge();
  return std::string("{}");
}

AwsResult<std::string> GetQueueAttributes(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  const std::vector<std::string> names = TextList(request.input, "AttributeNames");
  KLESS_TRY(const auto all, ForClient(context.queues.Attributes(arn)));
  std::map<std::string, std::string> shown;
  for (const std::string& name : names) {
    if (!sqs::QueueAttributes::IsName(name)) return ErrorOf(sqs::UnknownAttribute(name));
    if (name == "All") {
      shown = all;
      break;
    }
    const auto found = all.find(name);
    if (found != all.end()) shown.insert(*found);
  }
  if (shown.empty()) return std::string("{}");
  return JsonObjectText().Raw("Attributes", TextMapJson(shown)).Finish();
}

AwsResult<std::string> SetQueueAttributes(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  const auto values = TextMap(request.input, "Attributes");
  if (values.empty()) return ErrorOf(sqs::MissingParameter("Attribute.Name"));
  KLESS_TRY_VOID(ForClient(context.queues.SetAttributes(arn, values)));
  return std::string("{}");
}

AwsResult<std::string> TagQueue(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  const auto tags = TextMap(request.input, "Tags");
  if (tags.empty()) return ErrorOf(sqs::MissingParameter("Tags"));
  KLESS_TRY_VOID(ForClient(context.queues.Tag(arn, tags)));
  return std::string("{}");
}

AwsResult<std::string> UntagQueue(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  const std::vector<std::string> keys = TextList(request.input, "TagKeys");
  if (keys.empty()) return ErrorOf(sqs::MissingParameter("TagKeys"));
  KLESS_TRY_VOID(ForClient(context.queues.Untag(arn, keys)));
  return std::string("{}");
}

AwsResult<std::string> ListQueueTags(SqsContext& context, const OperationRequest& request) {
  KLESS_TRY(const std::string arn, FindQueue(context, request));
  const auto& tags = context.queues.Find(arn)->description().tags;
  if (tags.empty()) return std::string("{}");
  return JsonObjectText().Raw("Tags", TextMapJson(tags)).Finish();
}

}  // namespace

std::vector<SqsOperation> SqsQueueOperations() {
  return {{"CreateQueue", CreateQueue, "QueueUrlOutput"},
          {"DeleteQueue", DeleteQueue},
          {"GetQueueAttributes", GetQueueAttributes, "GetQueueAttributesOutput"},
          {"GetQueueUrl", GetQueueUrl, "QueueUrlOutput"},
          {"ListDeadLetterSourceQueues", ListDeadLetterSourceQueues,
           "ListDeadLetterSourceQueuesOutput"},
          {"ListQueueTags", ListQueueTags, "ListQueueTagsOutput"},
          {"ListQueues", ListQueues, "ListQueuesOutput"},
          {"PurgeQueue", PurgeQueue},
          {"SetQueueAttributes", SetQueueAttributes},
          {"TagQueue", TagQueue},
          {"UntagQueue", UntagQueue}};
}

}  // namespace kless::doors::aws
