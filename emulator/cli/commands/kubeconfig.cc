// `kless kubeconfig`: writes the file with which kubectl reaches a daemon.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/daemon_command.h"
#include "emulator/cli/kubeconfig_text.h"

namespace kless::cli {
namespace {

struct KubeconfigOptions {
  std::string server;
  std::string certificate;
  std::string out = "-";
};

int WriteKubeconfig(ApiClient& api, const KubeconfigOptions& options) {
  const std::string endpoint = api.http().endpoint();
  std::string certificate;
  if (endpoint.starts_with("https://")) {
    const std::string path =
        options.certificate.empty() ? CertificateToTrust() : options.certificate;
    if (path.empty()) {
      return FailUsage("no certificate of " + endpoint +
                       " is known; name the tls.crt in the data directory of that kless with "
                       "--certificate");
    }
    auto read = ReadFile(path);
    if (read.has_error()) return FailUsage(read.error());
    certificate = std::move(read.value());
  } else if (!options.certificate.empty()) {
    return FailUsage("--certificate needs an https endpoint, not " + endpoint);
  }
  const std::string text = KubeconfigText(endpoint, certificate);
  if (options.out == "-") {
    std::printf("%s", text.c_str());
    return 0;
  }
  const auto written = WriteFile(options.out, text);
  if (written.has_error()) return FailUsage(written.error());
  std::error_code ignored;
  std::filesystem::permissions(
      options.out, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
      ignored);
  std::printf("%s written; export KUBECONFIG=%s\n", options.out.c_str(),
              ShellWord(std::filesystem::absolute(options.out, ignored).string()).c_str());
  return 0;
}

}  // namespace

void AddKubeconfig(CLI::App& app, Action& action) {
  auto options = std::make_shared<KubeconfigOptions>();
  CLI::App* const command = AddDaemonCommand<KubeconfigOptions>(
      app, action, options, "kubeconfig",
      "Write the kubeconfig of a daemon, for kubectl and clients", WriteKubeconfig);
  command
      ->add_option("--certificate", options->certificate,
                   "Certificate of an https endpoint (KLESS_CERTIFICATE, or ./kless-data/tls.crt)")
      ->type_name("FILE");
  command->add_option("--out", options->out, "File to write, -: standard output (-)")
      ->type_name("FILE");
  command->footer(R"(The file holds one cluster, one user and one context, all named kless.

Examples:
  kless kubeconfig --out kless.kubeconfig && export KUBECONFIG=$PWD/kless.kubeconfig
  kless kubeconfig --server https://127.0.0.1:8080 --certificate kless-data/tls.crt)");
}

}  // namespace kless::cli
