// Types of the group apiextensions.k8s.io.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kApiextensionsTypes = R"(
package apiextensions io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 apiextensions.k8s.io

struct ApiextensionsV1ServiceReference
  name string required
  namespace string required
  path string
  port int32

struct ApiextensionsV1WebhookClientConfig
  caBundle bytes
  service ApiextensionsV1ServiceReference
  url string

struct WebhookConversion
  clientConfig ApiextensionsV1WebhookClientConfig
  conversionReviewVersions []string required atomic

struct CustomResourceConversion
  strategy string required
  webhook WebhookConversion

struct CustomResourceDefinitionNames
  categories []string atomic
  kind string required
  listKind string
  plural string required
  shortNames []string atomic
  singular string

struct CustomResourceColumnDefinition
  description string
  format string
  jsonPath string required
  name string required
  priority int32
  type string required

struct ExternalDocumentation
  description string
  url string

struct ValidationRule
  fieldPath string
  message string
  messageExpression string
  optionalOldSelf bool
  reason string
  rule string required

union JSONSchemaPropsOrArray JSONSchemaProps []JSONSchemaProps

union JSONSchemaPropsOrBool JSONSchemaProps - "boolean or JSON schema expected"

union JSONSchemaPropsOrStringArray JSONSchemaProps []string

struct JSONSchemaProps
  $ref string
  $schema string
  additionalItems JSONSchemaPropsOrBool
  additionalProperties JSONSchemaPropsOrBool
  allOf []JSONSchemaProps atomic
  anyOf []JSONSchemaProps atomic
  default any
  definitions {}JSONSchemaProps
  dependencies {}JSONSchemaPropsOrStringArray
  description string
  enum []any atomic
  example any
  exclusiveMaximum bool
  exclusiveMinimum bool
  externalDocs ExternalDocumentation
  format string
  id string
  items JSONSchemaPropsOrArray
  maxItems int64
  maxLength int64
  maxProperties int64
  maximum double
  minItems int64
  minLength int64
  minProperties int64
  minimum double
  multipleOf double
  not JSONSchemaProps
  nullable bool
  oneOf []JSONSchemaProps atomic
  pattern string
  patternProperties {}JSONSchemaProps
  properties {}JSONSchemaProps
  required []string atomic
  title string
  type string
  uniqueItems bool
  x-kubernetes-embedded-resource bool
  x-kubernetes-int-or-string bool
  x-kubernetes-list-map-keys []string atomic
  x-kubernetes-list-type string
  x-kubernetes-map-type string
  x-kubernetes-preserve-unknown-fields bool
  x-kubernetes-validations []ValidationRule merge=rule map=rule

struct CustomResourceValidation
  openAPIV3Schema JSONSchemaProps

struct SelectableField
  jsonPath string required

struct CustomResourceSubresourceScale
  labelSelectorPath string
  specReplicasPath string required
  statusReplicasPath string required

struct CustomResourceSubresources
  scale CustomResourceSubresourceScale
  status any

struct CustomResourceDefinitionVersion
  additionalPrinterColumns []CustomResourceColumnDefinition atomic
  deprecated bool
  deprecationWarning string
  name string required
  schema CustomResourceValidation
  selectableFields []SelectableField atomic
  served bool required
  storage bool required
  subresources CustomResourceSubresources

struct CustomResourceDefinitionSpec
  conversion CustomResourceConversion
  group string required
  names CustomResourceDefinitionNames required
  preserveUnknownFields bool
  scope string required
  versions []CustomResourceDefinitionVersion required atomic

struct CustomResourceDefinitionCondition
  lastTransitionTime time
  message string
  observedGeneration int64
  reason string
  status string required
  type string required

struct CustomResourceDefinitionStatus
  acceptedNames CustomResourceDefinitionNames zero
  conditions []CustomResourceDefinitionCondition map=type
  observedGeneration int64
  storedVersions []string atomic

kind CustomResourceDefinition
  metadata meta.ObjectMeta zero
  spec CustomResourceDefinitionSpec required
  status CustomResourceDefinitionStatus zero
)";

}  // namespace kless::kubernetes::types
