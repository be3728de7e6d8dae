#include "emulator/doors/aws/sqs/shapes.h"

namespace kless::doors::aws {

// Constraints are SQS's own and are checked by the operations: their errors have texts of their
// own.
const std::string_view kSqsShapes = R"(
Text = string
Number = integer
Flag = boolean
Bytes = blob
TextList = list Text
AttributeMap = map Text Text entry=Name,Value
TagMap = map Text Text entry=Key,Value
AttributeValue = structure StringValue:Text BinaryValue:Bytes StringListValues:TextList@StringListValue
  BinaryListValues:TextList@BinaryListValue DataType:Text
MessageAttributeMap = map Text AttributeValue entry=Name,Value

SendEntry = structure Id:Text MessageBody:Text DelaySeconds:Number
  MessageAttributes:MessageAttributeMap@MessageAttribute
  MessageSystemAttributes:MessageAttributeMap@MessageSystemAttribute
  MessageDeduplicationId:Text MessageGroupId:Text
SendEntries = list SendEntry
DeleteEntry = structure Id:Text ReceiptHandle:Text
DeleteEntries = list DeleteEntry
VisibilityEntry = structure Id:Text ReceiptHandle:Text VisibilityTimeout:Number
VisibilityEntries = list VisibilityEntry

CreateQueueInput = structure QueueName:Text Attributes:AttributeMap@Attribute tags:TagMap@Tag
QueueUrlOutput = structure QueueUrl:Text
GetQueueUrlInput = structure QueueName:Text QueueOwnerAWSAccountId:Text
ListQueuesInput = structure QueueNamePrefix:Text NextToken:Text MaxResults:Number
ListQueuesOutput = structure QueueUrls:TextList@QueueUrl NextToken:Text
ListDeadLetterSourceQueuesInput = structure QueueUrl:Text NextToken:Text MaxResults:Number
ListDeadLetterSourceQueuesOutput = structure queueUrls:TextList@QueueUrl NextToken:Text
DeleteQueueInput = structure QueueUrl:Text
PurgeQueueInput = structure QueueUrl:Text
GetQueueAttributesInput = structure QueueUrl:Text AttributeNames:TextList@AttributeName
GetQueueAttributesOutput = structure Attributes:AttributeMap@Attribute
SetQueueAttributesInput = structure QueueUrl:Text Attributes:AttributeMap@Attribute
TagQueueInput = structure QueueUrl:Text Tags:TagMap@Tag
UntagQueueInput = structure QueueUrl:Text TagKeys:TextList@TagKey
ListQueueTagsInput = structure QueueUrl:Text
ListQueueTagsOutput = structure Tags:TagMap@Tag

SendMessageInput = structure QueueUrl:Text MessageBody:Text DelaySeconds:Number
  MessageAttributes:MessageAttributeMap@MessageAttribute
  MessageSystemAttributes:MessageAttributeMap@MessageSystemAttribute
  MessageDeduplicationId:Text MessageGroupId:Text
SendMessageOutput = structure MD5OfMessageBody:Text MD5OfMessageAttributes:Text
  MD5OfMessageSystemAttributes:Text MessageId:Text SequenceNumber:Text
SendMessageBatchInput = structure QueueUrl:Text Entries:SendEntries@SendMessageBatchRequestEntry
SentEntry = structure Id:Text MessageId:Text MD5OfMessageBody:Text MD5OfMessageAttributes:Text
  MD5OfMessageSystemAttributes:Text SequenceNumber:Text
SentEntries = list SentEntry
FailedEntry = structure Id:Text SenderFault:Flag Code:Text Message:Text
FailedEntries = list FailedEntry
SendMessageBatchOutput = structure Successful:SentEntries@SendMessageBatchResultEntry
  Failed:FailedEntries@BatchResultErrorEntry
ReceiveMessageInput = structure QueueUrl:Text AttributeNames:TextList@AttributeName
  MessageSystemAttributeNames:TextList@MessageSystemAttributeName
  MessageAttributeNames:TextList@MessageAttributeName MaxNumberOfMessages:Number
  VisibilityTimeout:Number WaitTimeSeconds:Number ReceiveRequestAttemptId:Text
Message = structure MessageId:Text ReceiptHandle:Text MD5OfBody:Text Body:Text
  Attributes:AttributeMap@Attribute MD5OfMessageAttributes:Text
  MessageAttributes:MessageAttributeMap@MessageAttribute
Messages = list Message
ReceiveMessageOutput = structure Messages@Message
DeleteMessageInput = structure QueueUrl:Text ReceiptHandle:Text
DeleteMessageBatchInput = structure QueueUrl:Text Entries:DeleteEntries@DeleteMessageBatchRequestEntry
DoneEntry = structure Id:Text
DoneEntries = list DoneEntry
DeleteMessageBatchOutput = structure Successful:DoneEntries@DeleteMessageBatchResultEntry
  Failed:FailedEntries@BatchResultErrorEntry
ChangeMessageVisibilityInput = structure QueueUrl:Text ReceiptHandle:Text VisibilityTimeout:Number
ChangeMessageVisibilityBatchInput = structure QueueUrl:Text
  Entries:VisibilityEntries@ChangeMessageVisibilityBatchRequestEntry
ChangeMessageVisibilityBatchOutput = structure
  Successful:DoneEntries@ChangeMessageVisibilityBatchResultEntry
  Failed:FailedEntries@BatchResultErrorEntry

AddPermissionInput = structure QueueUrl:Text Label:Text AWSAccountIds:TextList@AWSAccountId
  Actions:TextList@ActionName
RemovePermissionInput = structure QueueUrl:Text Label:Text
StartMessageMoveTaskInput = structure SourceArn:Text DestinationArn:Text
  MaxNumberOfMessagesPerSecond:Number
StartMessageMoveTaskOutput = structure TaskHandle:Text
CancelMessageMoveTaskInput = structure TaskHandle:Text
CancelMessageMoveTaskOutput = structure ApproximateNumberOfMessagesMoved:Number
ListMessageMoveTasksInput = structure SourceArn:Text MaxResults:Number
MoveTask = structure TaskHandle:Text Status:Text SourceArn:Text DestinationArn:Text
  ApproximateNumberOfMessagesMoved:Number ApproximateNumberOfMessagesToMove:Number
  FailureReason:Text StartedTimestamp:Number
MoveTasks = list MoveTask
ListMessageMoveTasksOutput = structure Results:MoveTasks@ListMessageMoveTasksResultEntry
)";

}  // namespace kless::doors::aws
