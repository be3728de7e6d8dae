#include "emulator/doors/http/tls.h"

#include <openssl/ssl.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/loop/event_loop.h"

namespace kless {

using boost::system::error_code;

namespace {

constexpr std::size_t kTlsReadBytes = 16u << 10;  // of one TLS record

}  // namespace

struct TlsContext::Impl {
  asio::ssl::context context{asio::ssl::context::tls_server};
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::Load(const TlsFiles& files) {
  auto impl = std::make_unique<Impl>();
  asio::ssl::context& context = impl->context;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  // Idle connections hold no record buffers.
  SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  error_code ec;
  context.use_certificate_chain_file(files.certificate, ec);
  std::string place = files.certificate;
  if (!ec) {
    place = files.key;
    context.use_private_key_file(files.key, asio::ssl::context::pem, ec);
  }
  if (ec) return MakeError(ErrorCode::kUnavailable, place + ": " + ec.message());
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

struct TlsStream::Impl {
  Impl(asio::ip::tcp::socket& socket, asio::ssl::context& context) : stream(socket, context) {}
  asio::ssl::stream<asio::ip::tcp::socket&> stream;
  std::vector<char> buffer;
};

TlsStream::TlsStream(asio::ip::tcp::socket& socket, TlsContext& context)
    : impl_(std::make_unique<Impl>(socket, context.impl_->context)) {}
TlsStream::~TlsStream() = default;

Task<error_code> TlsStream::Handshake() {
  error_code ec;
  co_await impl_->stream.async_handshake(asio::ssl::stream_base::server,
                                         asio::redirect_error(asio::use_awaitable, ec));
  co_return ec;
}

bool TlsStream::IsPlainHttp(const error_code& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

Task<TlsStream::Read> TlsStream::ReadSome() {
  impl_->buffer.resize(kTlsReadBytes);
  Read read;
  const std::size_t bytes = co_await impl_->stream.async_read_some(
      asio::buffer(impl_->buffer), asio::redirect_error(asio::use_awaitable, read.error));
  read.bytes = std::string_view(impl_->buffer.data(), bytes);
  co_return read;
}

Task<error_code> TlsStream::Write(std::array<asio::const_buffer, 3> buffers) {
  error_code ec;
  co_await asio::async_write(impl_->stream, buffers, asio::redirect_error(asio::use_awaitable, ec));
  co_return ec;
}

Task<> TlsStream::Shutdown() {
  error_code ec;
  co_await impl_->stream.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
}

}  // namespace kless
