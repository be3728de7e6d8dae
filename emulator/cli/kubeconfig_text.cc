#include "emulator/cli/kubeconfig_text.h"

#include "emulator/base/strings.h"

namespace kless::cli {

// kless has no authentication: the token is for clients that insist on one, and is only written if
// TLS lets them send it.
std::string KubeconfigText(const std::string& endpoint, const std::string& certificate) {
  const bool secure = endpoint.starts_with("https://");
  std::string text =
      "apiVersion: v1\nkind: Config\ncurrent-context: kless\n"
      "clusters:\n- name: kless\n  cluster:\n    server: " +
      endpoint + "\n";
  if (!certificate.empty()) {
    text += "    certificate-authority-data: " + Base64Encode(certificate) + "\n";
  }
  text +=
      "contexts:\n- name: kless\n  context:\n    cluster: kless\n    user: kless\n"
      "    namespace: default\n"
      "users:\n- name: kless\n  user:";
  return text + (secure ? "\n    token: kless\n" : " {}\n");
}

}  // namespace kless::cli
