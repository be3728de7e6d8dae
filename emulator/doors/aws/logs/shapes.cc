#include "emulator/doors/aws/logs/shapes.h"

namespace kless::doors::aws {

const std::string_view kLogsShapes = R"(
GroupName = string 1..512 [\.\-_/#A-Za-z0-9]+
GroupPattern = string ..512
GroupIdentifier = string 1..2048 [\w#+=/:,.@-]*
StreamName = string 1..512 [^:*]*
Text = string
Token = string 1..
Flag = boolean
Time = long 0..
Days = integer
EventsLimit = integer 1..10000
DescribeLimit = integer 1..50
Pattern = string ..1024
Message = string 1..
KeyId = string ..256
Class = enum STANDARD INFREQUENT_ACCESS DELIVERY
Order = enum LogStreamName LastEventTime
TagKey = string 1..128 ([\p{L}\p{Z}\p{N}_.:/=+\-@]+)
TagValue = string ..256 ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)
Tags = map TagKey TagValue 1..50
TagKeys = list TagKey ..50
Arn = string 1..1011 [\w+=/:,.@-]*
StreamNames = list StreamName 1..100
Event = structure timestamp:Time! message:Message!
Events = list Event 1..10000

CreateLogGroupInput = structure logGroupName:GroupName! kmsKeyId:KeyId tags:Tags logGroupClass:Class
  deletionProtectionEnabled:Flag
DeleteLogGroupInput = structure logGroupName:GroupName!
CreateLogStreamInput = structure logGroupName:GroupName! logStreamName:StreamName!
DeleteLogStreamInput = structure logGroupName:GroupName! logStreamName:StreamName!
DescribeLogGroupsInput = structure logGroupNamePrefix:GroupName logGroupNamePattern:GroupPattern
  nextToken:Token limit:DescribeLimit logGroupClass:Class
DescribeLogStreamsInput = structure logGroupName:GroupName logGroupIdentifier:GroupIdentifier
  logStreamNamePrefix:StreamName orderBy:Order descending:Flag nextToken:Token limit:DescribeLimit
PutRetentionPolicyInput = structure logGroupName:GroupName! retentionInDays:Days!
DeleteRetentionPolicyInput = structure logGroupName:GroupName!
PutLogEventsInput = structure logGroupName:GroupName! logStreamName:StreamName! logEvents:Events!
  sequenceToken:Token
GetLogEventsInput = structure logGroupName:GroupName logGroupIdentifier:GroupIdentifier
  logStreamName:StreamName! startTime:Time endTime:Time nextToken:Token limit:EventsLimit
  startFromHead:Flag
FilterLogEventsInput = structure logGroupName:GroupName logGroupIdentifier:GroupIdentifier
  logStreamNames:StreamNames logStreamNamePrefix:StreamName startTime:Time endTime:Time
  filterPattern:Pattern nextToken:Token limit:EventsLimit startFromHead:Flag
TagLogGroupInput = structure logGroupName:GroupName! tags:Tags!
UntagLogGroupInput = structure logGroupName:GroupName! tags:TagKeys!
ListTagsLogGroupInput = structure logGroupName:GroupName!
TagResourceInput = structure resourceArn:Arn! tags:Tags!
UntagResourceInput = structure resourceArn:Arn! tagKeys:TagKeys!
ListTagsForResourceInput = structure resourceArn:Arn!
)";

}  // namespace kless::doors::aws
