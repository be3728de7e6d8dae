#include "emulator/doors/aws/streams/shapes.h"

namespace kless::doors::aws {

const std::string_view kStreamsShapes = R"(
TableName = string 3..255 [a-zA-Z0-9_.-]+
StreamArn = string 37..1024
ShardId = string 28..65
SequenceNumber = string 21..40
ShardIterator = string 1..2048
Limit = integer 1..
ShardFilterType = enum CHILD_SHARDS
ShardIteratorType = enum TRIM_HORIZON LATEST AT_SEQUENCE_NUMBER AFTER_SEQUENCE_NUMBER
ShardFilter = structure Type:ShardFilterType ShardId
ListStreamsInput = structure TableName Limit ExclusiveStartStreamArn:StreamArn
DescribeStreamInput = structure StreamArn! Limit ExclusiveStartShardId:ShardId ShardFilter
GetShardIteratorInput = structure StreamArn! ShardId! ShardIteratorType! SequenceNumber
GetRecordsInput = structure ShardIterator! Limit
)";

}  // namespace kless::doors::aws
