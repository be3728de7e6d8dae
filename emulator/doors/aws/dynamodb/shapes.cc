#include "emulator/doors/aws/dynamodb/shapes.h"

namespace kless::doors::aws {

const std::string_view kDynamoDbShapes = R"(
# --- simple types
String = string
Boolean = boolean
Long = long
PositiveLong = long 1..
TableName = string 3..255 [a-zA-Z0-9_.-]+
TableArn = string 3..255 or-arn [a-zA-Z0-9_.-]+
WrittenTableArn = string 3..255 or-arn moved [a-zA-Z0-9_.-]+
ControlTableName = string 3..255 or-arn table [a-zA-Z0-9_.-]+
NewTableName = string 3..255 or-arn new-table [a-zA-Z0-9_.-]+
IndexName = string 3..255 [a-zA-Z0-9_.-]+
AttributeName = string
KeySchemaAttributeName = string 1..255
NonKeyAttributeName = string 1..255
ClientRequestToken = string 1..36
ResourceArn = string 1..1283
PolicyRevisionId = string 1..255
TimeToLiveAttributeName = string 1..255
Statement = string 1..8192
NextToken = string
PartiQLNextToken = string 1..32768
Limit = integer 1..
QueryLimit = integer 1.. moved
ListTablesLimit = integer 1..100
MaxResults = integer ..100
TableClass = string
Segment = integer 0..999999
TotalSegments = integer 1..1000000
RecoveryPeriodInDays = integer 1..35

# --- enums
AttributeAction = enum ADD PUT DELETE
BillingMode = enum PROVISIONED PAY_PER_REQUEST
ComparisonOperator = enum IN NULL BETWEEN LT NOT_CONTAINS EQ GT NOT_NULL NE LE BEGINS_WITH GE
 CONTAINS
ConditionalOperator = enum OR AND
ContributorInsightsAction = enum ENABLE DISABLE
ContributorInsightsMode = enum ACCESSED_AND_THROTTLED_KEYS THROTTLED_KEYS
GlobalTableSettingsReplicationMode = enum ENABLED DISABLED ENABLED_WITH_OVERRIDES
KeyType = enum HASH RANGE
MultiRegionConsistency = enum EVENTUAL STRONG
ProjectionType = enum ALL INCLUDE KEYS_ONLY
ReturnConsumedCapacity = enum INDEXES TOTAL NONE
ReturnItemCollectionMetrics = enum SIZE NONE
ReturnValues = enum ALL_NEW UPDATED_OLD ALL_OLD NONE UPDATED_NEW
ReturnValuesOnConditionCheckFailure = enum ALL_OLD NONE
ScalarAttributeType = enum B N S
Select = enum SPECIFIC_ATTRIBUTES COUNT ALL_ATTRIBUTES ALL_PROJECTED_ATTRIBUTES
SSEType = enum AES256 KMS
StreamViewType = enum NEW_IMAGE OLD_IMAGE NEW_AND_OLD_IMAGES KEYS_ONLY
TableThroughputMode = enum PROVISIONED PAY_PER_REQUEST

# --- attribute values
Blob = blob
StringSet = list String
BinarySet = list Blob
AttributeValueList = list AttributeValue
AttributeMap = map AttributeName AttributeValue
AttributeValue = structure attribute S:String B:Blob N:String BOOL:Boolean NULL:Boolean
 BS:BinarySet NS:StringSet SS:StringSet L:AttributeValueList M:AttributeMap
Key = map AttributeName AttributeValue

# --- expressions and the parameters that came before them
AttributeNameList = list AttributeName 1..255
ExpressionAttributeNames = map String String
ExpressionAttributeValues = map String AttributeValue
Condition = structure AttributeValueList ComparisonOperator!
ConditionMap = map AttributeName Condition
ExpectedAttributeValue = structure AttributeValueList ComparisonOperator Exists:Boolean
 Value:AttributeValue
ExpectedAttributeMap = map AttributeName ExpectedAttributeValue
AttributeValueUpdate = structure Action:AttributeAction Value:AttributeValue
AttributeUpdates = map AttributeName AttributeValueUpdate

# --- one item
GetItemInput = structure ReturnConsumedCapacity AttributesToGet:AttributeNameList
 TableName:TableArn! Key! ConsistentRead:Boolean ProjectionExpression:String
 ExpressionAttributeNames
PutItemInput = structure ReturnConsumedCapacity TableName:WrittenTableArn! Item:AttributeMap!
 ConditionalOperator Expected:ExpectedAttributeMap ReturnValues ReturnItemCollectionMetrics
 ConditionExpression:String ExpressionAttributeValues ExpressionAttributeNames
 ReturnValuesOnConditionCheckFailure
UpdateItemInput = structure ReturnConsumedCapacity TableName:WrittenTableArn! ReturnItemCollectionMetrics
 ReturnValues Key! ConditionalOperator Expected:ExpectedAttributeMap AttributeUpdates
 ConditionExpression:String UpdateExpression:String ExpressionAttributeValues
 ExpressionAttributeNames ReturnValuesOnConditionCheckFailure
DeleteItemInput = structure ReturnConsumedCapacity TableName:WrittenTableArn! ReturnValues
 ReturnItemCollectionMetrics Key! ConditionalOperator Expected:ExpectedAttributeMap
 ConditionExpression:String ExpressionAttributeValues ExpressionAttributeNames
 ReturnValuesOnConditionCheckFailure

# --- many items
QueryInput = structure Select IndexName ReturnConsumedCapacity QueryFilter:ConditionMap
 TableName:TableArn! ConditionalOperator AttributesToGet:AttributeNameList Limit:QueryLimit
 KeyConditions:ConditionMap ExclusiveStartKey:Key ConsistentRead:Boolean ScanIndexForward:Boolean
 KeyConditionExpression:String FilterExpression:String ProjectionExpression:String
 ExpressionAttributeValues ExpressionAttributeNames
ScanInput = structure Select IndexName TotalSegments ReturnConsumedCapacity TableName:TableArn!
 ConditionalOperator ScanFilter:ConditionMap Segment Limit AttributesToGet:AttributeNameList
 ExclusiveStartKey:Key FilterExpression:String ProjectionExpression:String
 ExpressionAttributeValues ExpressionAttributeNames ConsistentRead:Boolean
KeyList = list Key 1..100 moved
KeysAndAttributes = structure Keys:KeyList! AttributesToGet:AttributeNameList
 ConsistentRead:Boolean ProjectionExpression:String ExpressionAttributeNames
BatchGetRequestMap = map TableArn KeysAndAttributes 1.. moved
BatchGetItemInput = structure ReturnConsumedCapacity RequestItems:BatchGetRequestMap!
PutRequest = structure Item:AttributeMap!
DeleteRequest = structure Key!
WriteRequest = structure DeleteRequest PutRequest
WriteRequests = list WriteRequest 1..25
BatchWriteRequestMap = map TableArn WriteRequests 1.. parameter
BatchWriteItemInput = structure ReturnConsumedCapacity ReturnItemCollectionMetrics
 RequestItems:BatchWriteRequestMap!

# --- transactions
Get = structure Key! TableName:TableArn! ProjectionExpression:String ExpressionAttributeNames
TransactGetItem = structure Get!
TransactGetItemList = list TransactGetItem 1..100
TransactGetItemsInput = structure ReturnConsumedCapacity TransactItems:TransactGetItemList!
ConditionCheck = structure Key! TableName:TableArn! ConditionExpression:String!
 ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure
Put = structure Item:AttributeMap! TableName:TableArn! ConditionExpression:String
 ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure
Delete = structure Key! TableName:TableArn! ConditionExpression:String ExpressionAttributeNames
 ExpressionAttributeValues ReturnValuesOnConditionCheckFailure
Update = structure Key! UpdateExpression:String! TableName:TableArn! ConditionExpression:String
 ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure
TransactWriteItem = structure ConditionCheck Put Delete Update
TransactWriteItemList = list TransactWriteItem 1..100
TransactWriteItemsInput = structure ReturnConsumedCapacity ReturnItemCollectionMetrics
 ClientRequestToken TransactItems:TransactWriteItemList!

# --- PartiQL
Parameters = list AttributeValue 1..
ExecuteStatementInput = structure Statement! Parameters ConsistentRead:Boolean
 NextToken:PartiQLNextToken ReturnConsumedCapacity Limit ReturnValuesOnConditionCheckFailure
BatchStatementRequest = structure Statement! Parameters ConsistentRead:Boolean
 ReturnValuesOnConditionCheckFailure
BatchStatementList = list BatchStatementRequest 1..25
BatchExecuteStatementInput = structure Statements:BatchStatementList! ReturnConsumedCapacity
ParameterizedStatement = structure Statement! Parameters ReturnValuesOnConditionCheckFailure
ParameterizedStatements = list ParameterizedStatement 1..100
ExecuteTransactionInput = structure TransactStatements:ParameterizedStatements! ClientRequestToken
 ReturnConsumedCapacity

# --- tables
AttributeDefinition = structure AttributeName:KeySchemaAttributeName!
 AttributeType:ScalarAttributeType!
AttributeDefinitions = list AttributeDefinition
KeySchemaElement = structure AttributeName:KeySchemaAttributeName! KeyType!
TableKeySchema = list KeySchemaElement 1..2
IndexKeySchema = list KeySchemaElement 1..
NonKeyAttributes = list NonKeyAttributeName 1..20
Projection = structure ProjectionType NonKeyAttributes
ProvisionedThroughput = structure WriteCapacityUnits:PositiveLong! ReadCapacityUnits:PositiveLong!
OnDemandThroughput = structure MaxReadRequestUnits:Long MaxWriteRequestUnits:Long
WarmThroughput = structure ReadUnitsPerSecond:Long WriteUnitsPerSecond:Long
LocalSecondaryIndex = structure IndexName! KeySchema:TableKeySchema! Projection!
LocalSecondaryIndexes = list LocalSecondaryIndex
GlobalSecondaryIndex = structure IndexName! KeySchema:IndexKeySchema! Projection!
 ProvisionedThroughput OnDemandThroughput WarmThroughput
GlobalSecondaryIndexes = list GlobalSecondaryIndex
StreamSpecification = structure StreamEnabled:Boolean! StreamViewType
SSESpecification = structure Enabled:Boolean SSEType KMSMasterKeyId:String
Tag = structure Key:String Value:String
TagList = list Tag
TagKeyList = list String
CreateTableInput = structure AttributeDefinitions! TableName:NewTableName! BillingMode
 TableThroughputMode ProvisionedThroughput KeySchema:TableKeySchema! GlobalSecondaryIndexes LocalSecondaryIndexes
 StreamSpecification SSESpecification Tags:TagList TableClass DeletionProtectionEnabled:Boolean
 WarmThroughput ResourcePolicy:String OnDemandThroughput GlobalTableSourceArn:ResourceArn
 GlobalTableSettingsReplicationMode
DescribeTableInput = structure TableName:ControlTableName!
DeleteTableInput = structure TableName:ControlTableName!
ListTablesInput = structure Limit:ListTablesLimit ExclusiveStartTableName:TableName
CreateGlobalSecondaryIndexAction = structure Projection! IndexName! ProvisionedThroughput
 KeySchema:IndexKeySchema! OnDemandThroughput WarmThroughput
UpdateGlobalSecondaryIndexAction = structure IndexName! ProvisionedThroughput OnDemandThroughput
 WarmThroughput
DeleteGlobalSecondaryIndexAction = structure IndexName!
GlobalSecondaryIndexUpdate = structure Update:UpdateGlobalSecondaryIndexAction
 Create:CreateGlobalSecondaryIndexAction Delete:DeleteGlobalSecondaryIndexAction
GlobalSecondaryIndexUpdates = list GlobalSecondaryIndexUpdate
ReplicaUpdate = structure
ReplicaUpdates = list ReplicaUpdate 1..
WitnessUpdate = structure
WitnessUpdates = list WitnessUpdate 1..1
UpdateTableInput = structure TableName:ControlTableName! ProvisionedThroughput BillingMode
 TableThroughputMode GlobalSecondaryIndexUpdates AttributeDefinitions StreamSpecification
 SSESpecification ReplicaUpdates TableClass DeletionProtectionEnabled:Boolean MultiRegionConsistency
 GlobalTableWitnessUpdates:WitnessUpdates OnDemandThroughput WarmThroughput
 GlobalTableSettingsReplicationMode

# --- what belongs to tables
TimeToLiveSpecification = structure Enabled:Boolean! AttributeName:TimeToLiveAttributeName!
UpdateTimeToLiveInput = structure TableName:ControlTableName! TimeToLiveSpecification!
DescribeTimeToLiveInput = structure TableName:ControlTableName!
TagResourceInput = structure ResourceArn Tags:TagList
UntagResourceInput = structure ResourceArn TagKeys:TagKeyList
ListTagsOfResourceInput = structure ResourceArn NextToken
PutResourcePolicyInput = structure ResourceArn! Policy:String! ExpectedRevisionId:PolicyRevisionId
 ConfirmRemoveSelfResourceAccess:Boolean
GetResourcePolicyInput = structure ResourceArn!
DeleteResourcePolicyInput = structure ResourceArn! ExpectedRevisionId:PolicyRevisionId
PointInTimeRecoverySpecification = structure PointInTimeRecoveryEnabled:Boolean!
 RecoveryPeriodInDays
DescribeContinuousBackupsInput = structure TableName:ControlTableName!
UpdateContinuousBackupsInput = structure TableName:ControlTableName!
 PointInTimeRecoverySpecification!
DescribeContributorInsightsInput = structure TableName:TableArn! IndexName
UpdateContributorInsightsInput = structure TableName:TableArn! IndexName
 ContributorInsightsAction! ContributorInsightsMode
ListContributorInsightsInput = structure TableName:TableArn NextToken MaxResults
DescribeKinesisStreamingDestinationInput = structure TableName:TableArn!
DescribeLimitsInput = structure
DescribeEndpointsInput = structure
)";

}  // namespace kless::doors::aws
