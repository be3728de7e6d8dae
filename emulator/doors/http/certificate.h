// The certificate of `kless serve --tls`: self-signed, created once, stored in a folder.
#pragma once

#include <string>

#include "emulator/base/error.h"

namespace kless {

struct TlsFiles {
  std::string certificate;  // path of a PEM file, which clients trust as their authority
  std::string key;          // path of a PEM file that only its owner may read
};

// FOLDER/tls.crt and FOLDER/tls.key, whether they exist or not.
TlsFiles TlsFilesIn(const std::string& folder);

// Returns the existing pair if it names `address` and is valid for at least a month; otherwise
// creates one (P-256, valid for ten years) for localhost, 127.0.0.1, ::1, `address` and the names
// under which pods reach the API server. kUnavailable: the files cannot be written; the message
// names them.
Result<TlsFiles> EnsureCertificate(const std::string& folder, const std::string& address);

}  // namespace kless
