#include "emulator/doors/aws/lambda/shapes.h"

namespace kless::doors::aws {

// Constraints are those of Lambda's model of December 2026.
const std::string_view kLambdaShapes = R"(
Text = string
Flag = boolean
Number = integer
Any = structure
Blob = blob
FunctionName = string 1..140 (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?
Runtime = enum nodejs nodejs4.3 nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x
  nodejs18.x nodejs20.x nodejs22.x nodejs24.x java8 java8.al2 java11 java17 java21 java25 python2.7
  python3.6 python3.7 python3.8 python3.9 python3.10 python3.11 python3.12 python3.13 python3.14
  dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 dotnet6 dotnet8 dotnet10 nodejs4.3-edge
  go1.x ruby2.5 ruby2.7 ruby3.2 ruby3.3 ruby3.4 ruby4.0 provided provided.al2 provided.al2023
  nodejs26.x python3.15 java8.al2023 java11.al2023 java17.al2023
Role = string arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+
Handler = string ..128 [^\s]+
Description = string ..256
Timeout = integer 1..
MemorySize = integer 128..10240
Architecture = enum x86_64 arm64
Architectures = list Architecture 1..1
PackageType = enum Zip Image
TextMap = map Text Text
TextList = list Text
Variables = structure Variables:TextMap
Ephemeral = structure Size:Number
Tracing = structure Mode:Text
Code = structure ZipFile:Blob S3Bucket:Text S3Key:Text S3ObjectVersion:Text ImageUri:Text
Position = enum TRIM_HORIZON LATEST AT_TIMESTAMP
BatchSize = integer 1..10000
Window = integer 0..300
Factor = integer 1..10
RecordAge = integer -1..604800
Attempts = integer -1..10000
Tumbling = integer 0..900
Filter = structure Pattern:Text
Filters = list Filter
FilterCriteria = structure Filters:Filters
Destination = structure Destination:Text
Destinations = structure OnFailure:Destination OnSuccess:Destination
ResponseType = enum ReportBatchItemFailures
ResponseTypes = list ResponseType 0..1
Arn = string arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)
Reserved = integer 0..
MaxItems = integer 1..10000

CreateFunctionInput = structure FunctionName:FunctionName! Runtime:Runtime Role:Role! Handler:Handler
  Code:Code! Description:Description Timeout:Timeout MemorySize:MemorySize Publish:Flag VpcConfig:Any
  PackageType:PackageType DeadLetterConfig:Any Environment:Variables KMSKeyArn:Text
  TracingConfig:Tracing Tags:TextMap Layers:TextList FileSystemConfigs:TextList
  CodeSigningConfigArn:Text ImageConfig:Any Architectures:Architectures EphemeralStorage:Ephemeral
  SnapStart:Any LoggingConfig:Any
FunctionInput = structure FunctionName:FunctionName! Qualifier:Text
ListFunctionsInput = structure Marker:Text MaxItems:MaxItems FunctionVersion:Text
UpdateFunctionConfigurationInput = structure FunctionName:FunctionName! Role:Role Handler:Handler
  Description:Description Timeout:Timeout MemorySize:MemorySize VpcConfig:Any Environment:Variables
  Runtime:Runtime DeadLetterConfig:Any KMSKeyArn:Text TracingConfig:Tracing RevisionId:Text
  Layers:TextList FileSystemConfigs:TextList ImageConfig:Any EphemeralStorage:Ephemeral
  SnapStart:Any LoggingConfig:Any
UpdateFunctionCodeInput = structure FunctionName:FunctionName! ZipFile:Blob S3Bucket:Text S3Key:Text
  S3ObjectVersion:Text ImageUri:Text Architectures:Architectures Publish:Flag DryRun:Flag
  RevisionId:Text
PutFunctionConcurrencyInput = structure FunctionName:FunctionName!
  ReservedConcurrentExecutions:Reserved!
NoInput = structure
ListTagsInput = structure Resource:Text!
TagResourceInput = structure Resource:Text! Tags:TextMap!
UntagResourceInput = structure Resource:Text! tagKeys:TextList!
CreateEventSourceMappingInput = structure EventSourceArn:Arn FunctionName:FunctionName! Enabled:Flag
  BatchSize:BatchSize FilterCriteria:FilterCriteria MaximumBatchingWindowInSeconds:Window
  ParallelizationFactor:Factor StartingPosition:Position DestinationConfig:Destinations
  MaximumRecordAgeInSeconds:RecordAge BisectBatchOnFunctionError:Flag MaximumRetryAttempts:Attempts
  TumblingWindowInSeconds:Tumbling FunctionResponseTypes:ResponseTypes KMSKeyArn:Text
  StartingPositionTimestamp:Number Tags:TextMap
UpdateEventSourceMappingInput = structure UUID:Text! FunctionName:FunctionName Enabled:Flag
  BatchSize:BatchSize FilterCriteria:FilterCriteria MaximumBatchingWindowInSeconds:Window
  ParallelizationFactor:Factor DestinationConfig:Destinations MaximumRecordAgeInSeconds:RecordAge
  BisectBatchOnFunctionError:Flag MaximumRetryAttempts:Attempts TumblingWindowInSeconds:Tumbling
  FunctionResponseTypes:ResponseTypes KMSKeyArn:Text
MappingInput = structure UUID:Text!
ListEventSourceMappingsInput = structure EventSourceArn:Text FunctionName:FunctionName Marker:Text
  MaxItems:MaxItems
)";

}  // namespace kless::doors::aws
