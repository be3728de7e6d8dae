// Types of volumes.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kVolumesTypes = R"(
package core io.k8s.api.core.v1 -

struct AWSElasticBlockStoreVolumeSource
  fsType string
  partition int32
  readOnly bool
  volumeID string required

struct AzureDiskVolumeSource
  cachingMode string
  diskName string required
  diskURI string required
  fsType string
  kind string
  readOnly bool

struct AzureFileVolumeSource
  readOnly bool
  secretName string required
  shareName string required

struct LocalObjectReference atomic
  name string

struct CephFSVolumeSource
  monitors []string required atomic
  path string
  readOnly bool
  secretFile string
  secretRef LocalObjectReference
  user string

struct CinderVolumeSource
  fsType string
  readOnly bool
  secretRef LocalObjectReference
  volumeID string required

struct KeyToPath
  key string required
  mode int32
  path string required

struct ConfigMapVolumeSource
  defaultMode int32
  items []KeyToPath atomic
  name string
  optional bool

struct CSIVolumeSource
  driver string required
  fsType string
  nodePublishSecretRef LocalObjectReference
  readOnly bool
  volumeAttributes {}string

struct DownwardAPIVolumeFile
  fieldRef ObjectFieldSelector
  mode int32
  path string required
  resourceFieldRef ResourceFieldSelector

struct DownwardAPIVolumeSource
  defaultMode int32
  items []DownwardAPIVolumeFile atomic

struct EmptyDirVolumeSource
  medium string
  sizeLimit quantity

struct TypedLocalObjectReference atomic
  apiGroup string
  kind string required
  name string required

struct TypedObjectReference
  apiGroup string
  kind string required
  name string required
  namespace string

struct VolumeResourceRequirements
  limits resourcelist
  requests resourcelist

struct PersistentVolumeClaimSpec
  accessModes []string atomic
  dataSource TypedLocalObjectReference
  dataSourceRef TypedObjectReference
  resources VolumeResourceRequirements zero
  selector meta.LabelSelector
  storageClassName string
  volumeAttributesClassName string
  volumeMode string
  volumeName string

struct PersistentVolumeClaimTemplate
  metadata meta.ObjectMeta
  spec PersistentVolumeClaimSpec required

struct EphemeralVolumeSource
  volumeClaimTemplate PersistentVolumeClaimTemplate

struct FCVolumeSource
  fsType string
  lun int32
  readOnly bool
  targetWWNs []string atomic
  wwids []string atomic

struct FlexVolumeSource
  driver string required
  fsType string
  options {}string
  readOnly bool
  secretRef LocalObjectReference

struct FlockerVolumeSource
  datasetName string
  datasetUUID string

struct GCEPersistentDiskVolumeSource
  fsType string
  partition int32
  pdName string required
  readOnly bool

struct GitRepoVolumeSource
  directory string
  repository string required
  revision string

struct GlusterfsVolumeSource
  endpoints string required
  path string required
  readOnly bool

struct HostPathVolumeSource
  path string required
  type string

struct ImageVolumeSource
  pullPolicy string
  reference string

struct ISCSIVolumeSource
  chapAuthDiscovery bool
  chapAuthSession bool
  fsType string
  initiatorName string
  iqn string required
  iscsiInterface string
  lun int32 required
  portals []string atomic
  readOnly bool
  secretRef LocalObjectReference
  targetPortal string required

struct NFSVolumeSource
  path string required
  readOnly bool
  server string required

struct PersistentVolumeClaimVolumeSource
  claimName string required
  readOnly bool

struct PhotonPersistentDiskVolumeSource
  fsType string
  pdID string required

struct PortworxVolumeSource
  fsType string
  readOnly bool
  volumeID string required

struct ClusterTrustBundleProjection
  labelSelector meta.LabelSelector
  name string
  optional bool
  path string required
  signerName string

struct ConfigMapProjection
  items []KeyToPath atomic
  name string
  optional bool

struct DownwardAPIProjection
  items []DownwardAPIVolumeFile atomic

struct PodCertificateProjection
  certificateChainPath string
  credentialBundlePath string
  keyPath string
  keyType string required
  maxExpirationSeconds int32
  signerName string required
  userAnnotations {}string

struct SecretProjection
  items []KeyToPath atomic
  name string
  optional bool

struct ServiceAccountTokenProjection
  audience string
  expirationSeconds int64
  path string required

struct VolumeProjection
  clusterTrustBundle ClusterTrustBundleProjection
  configMap ConfigMapProjection
  downwardAPI DownwardAPIProjection
  podCertificate PodCertificateProjection
  secret SecretProjection
  serviceAccountToken ServiceAccountTokenProjection

struct ProjectedVolumeSource
  defaultMode int32
  sources []VolumeProjection atomic

struct QuobyteVolumeSource
  group string
  readOnly bool
  registry string required
  tenant string
  user string
  volume string required

struct RBDVolumeSource
  fsType string
  image string required
  keyring string
  monitors []string required atomic
  pool string
  readOnly bool
  secretRef LocalObjectReference
  user string

struct ScaleIOVolumeSource
  fsType string
  gateway string required
  protectionDomain string
  readOnly bool
  secretRef LocalObjectReference required
  sslEnabled bool
  storageMode string
  storagePool string
  system string required
  volumeName string

struct SecretVolumeSource
  defaultMode int32
  items []KeyToPath atomic
  optional bool
  secretName string

struct StorageOSVolumeSource
  fsType string
  readOnly bool
  secretRef LocalObjectReference
  volumeName string
  volumeNamespace string

struct VsphereVirtualDiskVolumeSource
  fsType string
  storagePolicyID string
  storagePolicyName string
  volumePath string required

struct Volume
  awsElasticBlockStore AWSElasticBlockStoreVolumeSource
  azureDisk AzureDiskVolumeSource
  azureFile AzureFileVolumeSource
  cephfs CephFSVolumeSource
  cinder CinderVolumeSource
  configMap ConfigMapVolumeSource
  csi CSIVolumeSource
  downwardAPI DownwardAPIVolumeSource
  emptyDir EmptyDirVolumeSource
  ephemeral EphemeralVolumeSource
  fc FCVolumeSource
  flexVolume FlexVolumeSource
  flocker FlockerVolumeSource
  gcePersistentDisk GCEPersistentDiskVolumeSource
  gitRepo GitRepoVolumeSource
  glusterfs GlusterfsVolumeSource
  hostPath HostPathVolumeSource
  image ImageVolumeSource
  iscsi ISCSIVolumeSource
  name string required
  nfs NFSVolumeSource
  persistentVolumeClaim PersistentVolumeClaimVolumeSource
  photonPersistentDisk PhotonPersistentDiskVolumeSource
  portworxVolume PortworxVolumeSource
  projected ProjectedVolumeSource
  quobyte QuobyteVolumeSource
  rbd RBDVolumeSource
  scaleIO ScaleIOVolumeSource
  secret SecretVolumeSource
  storageos StorageOSVolumeSource
  vsphereVolume VsphereVirtualDiskVolumeSource
)";

}  // namespace kless::kubernetes::types
