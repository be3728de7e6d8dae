// SqsContext: what the operations of SQS act on, and what all of them need: the queue that a URL
// names, and failures as errors for the client.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/service.h"
#include "emulator/sqs/queues.h"

namespace kless::doors::aws {

struct SqsContext {
  // `scheme`: "http" or "https", of the URLs of queues.
  SqsContext(EventLoop& event_loop, sqs::Queues& queues, std::string scheme)
      : event_loop(event_loop), queues(queues), scheme(std::move(scheme)) {}

  EventLoop& event_loop;
  sqs::Queues& queues;
  const std::string scheme;
};

using SqsFunction = AwsResult<std::string> (*)(SqsContext&, const OperationRequest&);
struct SqsOperation {
  const char* name;
  SqsFunction run;
  const char* output = "";
};

AwsError ErrorOf(const sqs::Failure& failure);
template <class T>
AwsResult<T> ForClient(sqs::Outcome<T> outcome) {
  if (outcome.has_error()) return ErrorOf(outcome.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(outcome).value();
  }
}

// A text that must be there and not be empty. MissingRequiredParameterException.
AwsResult<std::string> RequiredText(const Input& input, const std::string& name);
// The ARN of the queue that `url` names in the caller's region, after Authorize:
// "http://HOST/ACCOUNT/NAME", or its path. InvalidAddress, QueueDoesNotExist.
AwsResult<std::string> FindQueue(SqsContext& context, const OperationRequest& request,
                                 const std::string& url);
// The queue of the member QueueUrl.
AwsResult<std::string> FindQueue(SqsContext& context, const OperationRequest& request);
// "http://HOST/ACCOUNT/NAME", by which the client that made the request reaches this daemon.
std::string QueueUrl(const SqsContext& context, const OperationRequest& request,
                     std::string_view account, std::string_view name);
sqs::Scope SqsScopeOf(const OperationRequest& request);
// A map of texts: attributes, tags.
std::map<std::string, std::string> TextMap(const Input& input, const char* name);
// The elements of a list that are texts.
std::vector<std::string> TextList(const Input& input, const char* name);
std::string TextMapJson(const std::map<std::string, std::string>& values);

}  // namespace kless::doors::aws
