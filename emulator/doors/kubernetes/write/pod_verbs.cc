#include "emulator/doors/kubernetes/write/pod_verbs.h"

#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "functions/kubernetes/types/schema.h"

namespace kless::doors {

using kubernetes::Kind;

Kind BodyKind(const Kind& pod, const char* name, const char* group) {
  Kind kind;
  kind.group = group;
  kind.version = pod.version;
  kind.kind = name;
  kind.plural = pod.plural;
  kind.schema = kubernetes::FindSchema(kind.ApiVersion(), kind.kind);
  return kind;
}

HttpResponse VerbDone() {
  return JsonResponse(
      201, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})");
}

}  // namespace kless::doors
