// What every namespace has (reference NS1, NS2): the ServiceAccount "default", and the ConfigMap
// "kube-root-ca.crt" with the certificate that the API server is trusted by.
#pragma once

#include "functions/controllers/control_loop.h"

namespace kless::controllers {

ControlLoop ServiceAccountLoop();
ControlLoop RootCertificateLoop();

}  // namespace kless::controllers
