// The objects that every namespace has (reference NS1, NS2): the ServiceAccount "default", and the
// ConfigMap "kube-root-ca.crt" with the certificate of the API server.
#pragma once

#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

ControlLoop ServiceAccountLoop();
ControlLoop RootCertificateLoop();

}  // namespace kless::controllers
