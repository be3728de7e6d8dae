// The Go types of the API as data, with one text per file, and the form of the texts:
//
//   package ALIAS PREFIX GROUP         the types below are PREFIX.NAME in OpenAPI and ALIAS.NAME in
//                                      other packages; PREFIX ends in the version; GROUP "-": core
//   kind NAME [atomic]                 an object: apiVersion and kind are implied
//   struct NAME [atomic]
//     FIELD TYPE [attribute ...] ["description"]
//   union NAME OF_OBJECTS OF_ARRAYS ["refusal"]   see Schema::of_objects; -: none
//
// TYPE is []TYPE, {}TYPE (a map with string keys), NAME, ALIAS.NAME, or one of: string bool int32
// int64 double bytes time microtime quantity intorstring any uid resourcelist.
// Attributes:
//   required         the API server refuses an object without it; its zero value is written out
//   zero             not a pointer: its zero value is written out
//   atomic, set, map=KEY[=DEFAULT],...   how server-side apply shares the value
//   merge=KEY, mergeset, retainkeys      how a strategic merge patch merges the value
// Source of the facts: k8s.io/api, k8s.io/apimachinery and k8s.io/apiextensions-apiserver of
// Kubernetes 1.36.
#pragma once

namespace kless::kubernetes::types {

extern const char* const kAffinityTypes;
extern const char* const kApiextensionsTypes;
extern const char* const kAppsTypes;
extern const char* const kAuthorizationTypes;
extern const char* const kAutoscalingTypes;
extern const char* const kBatchTypes;
extern const char* const kClaimsTypes;
extern const char* const kContainersTypes;
extern const char* const kCoordinationTypes;
extern const char* const kCoreTypes;
extern const char* const kDiscoveryTypes;
extern const char* const kEventsTypes;
extern const char* const kMetaTypes;
extern const char* const kNodesTypes;
extern const char* const kPodSpecTypes;
extern const char* const kPodStatusTypes;
extern const char* const kPolicyTypes;
extern const char* const kQuotasTypes;
extern const char* const kSchedulingTypes;
extern const char* const kServicesTypes;
extern const char* const kVolumesTypes;
// Has another form, described in its file.
extern const char* const kInternalTypes;

}  // namespace kless::kubernetes::types
