#include "emulator/doors/http/certificate.h"

#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

namespace kless {
namespace {

constexpr long kValidSeconds = 3650L * 86400;
constexpr int kValidMoreDays = 30;
constexpr const char* kNames =
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,"
    "DNS:kubernetes.default.svc,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1";

template <auto Free>
struct Freeing {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freeing<X509_free>>;
using Memory = std::unique_ptr<BIO, Freeing<BIO_free>>;

Error Unavailable(const std::string& what) {
  return MakeError(ErrorCode::kUnavailable, "the TLS certificate " + what);
}

std::string PemOf(BIO* memory) {
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<std::size_t>(bytes));
}

bool IsIpAddress(const std::string& address) {
  ASN1_OCTET_STRING* const parsed = a2i_IPADDRESS(address.c_str());
  if (parsed == nullptr) return false;
  ASN1_OCTET_STRING_free(parsed);
  return true;
}

bool AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool AddSerialNumber(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] &= 0x7f;  // positive
  BIGNUM* const number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
  const bool set = number != nullptr &&
                   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

Certificate MakeCertificate(EVP_PKEY* key, const std::string& address) {
  Certificate made(X509_new());
  X509* const certificate = made.get();
  if (certificate == nullptr) return nullptr;
  std::string names = kNames;
  if (address != "127.0.0.1" && address != "::1" && IsIpAddress(address)) names += ",IP:" + address;
  X509_NAME* const name = X509_get_subject_name(certificate);
  const auto* common = reinterpret_cast<const unsigned char*>("kless");
  // Clients' clocks may be behind.
  const bool done =
      X509_set_version(certificate, 2) == 1 && AddSerialNumber(certificate) &&
      X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(certificate), kValidSeconds) != nullptr &&
      X509_set_pubkey(certificate, key) == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
      X509_set_issuer_name(certificate, name) == 1 &&
      AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
      AddExtension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
      AddExtension(certificate, NID_ext_key_usage, "serverAuth") &&
      AddExtension(certificate, NID_subject_key_identifier, "hash") &&
      AddExtension(certificate, NID_subject_alt_name, names) &&
      X509_sign(certificate, key, EVP_sha256()) > 0;
  return done ? std::move(made) : nullptr;
}

// Atomically replaces a file.
Result<void> Replace(const std::string& path, const std::string& text, int mode) {
  const std::string temporary = path + "." + std::to_string(::getpid());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool written = file >= 0;
  for (std::string_view left = text; written && !left.empty();) {
    const ssize_t bytes = ::write(file, left.data(), left.size());
    written = bytes > 0;
    if (written) left.remove_prefix(static_cast<std::size_t>(bytes));
  }
  if (file >= 0) written = ::close(file) == 0 && written;
  if (written && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const std::string why = std::strerror(errno);
  std::remove(temporary.c_str());
  return Unavailable("cannot be written to " + path + ": " + why);
}

Certificate ReadCertificate(const std::string& path) {
  const Memory file(BIO_new_file(path.c_str(), "r"));
  return Certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
}

PrivateKey ReadPrivateKey(const std::string& path) {
  const Memory file(BIO_new_file(path.c_str(), "r"));
  return PrivateKey(file ? PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr)
                         : nullptr);
}

bool IsGood(const TlsFiles& files, const std::string& address) {
  const Certificate certificate = ReadCertificate(files.certificate);
  const PrivateKey key = ReadPrivateKey(files.key);
  if (!certificate || !key || X509_check_private_key(certificate.get(), key.get()) != 1) {
    return false;
  }
  int days = 0;
  int seconds = 0;
  const ASN1_TIME* const end = X509_get0_notAfter(certificate.get());
  if (ASN1_TIME_diff(&days, &seconds, nullptr, end) != 1 || days < kValidMoreDays) return false;
  return !IsIpAddress(address) || X509_check_ip_asc(certificate.get(), address.c_str(), 0) == 1;
}

}  // namespace

TlsFiles TlsFilesIn(const std::string& folder) {
  const std::filesystem::path path(folder);
  return {(path / "tls.crt").string(), (path / "tls.key").string()};
}

Result<TlsFiles> EnsureCertificate(const std::string& folder, const std::string& address) {
  TlsFiles files = TlsFilesIn(folder);
  const bool good = IsGood(files, address);
  ERR_clear_error();
  if (good) return files;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const PrivateKey key(EVP_EC_gen("P-256"));
  const Certificate certificate = key ? MakeCertificate(key.get(), address) : nullptr;
  const Memory key_text(BIO_new(BIO_s_mem()));
  const Memory certificate_text(BIO_new(BIO_s_mem()));
  if (!certificate || !key_text || !certificate_text ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1) {
    std::array<char, 256> why{};
    ERR_error_string_n(ERR_get_error(), why.data(), why.size());
    return Unavailable(std::string("cannot be made: ") + why.data());
  }
  auto written = Replace(files.key, PemOf(key_text.get()), 0600);
  if (written.has_value()) {
    written = Replace(files.certificate, PemOf(certificate_text.get()), 0644);
  }
  if (written.has_error()) return written.error();
  return files;
}

}  // namespace kless
