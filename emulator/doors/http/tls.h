// TlsStream: TLS over the socket of one HttpConnection, and the context that all of them share.
// Private to the HTTP server; OpenSSL's TLS 1.2 and 1.3, HTTP/1.1 only.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string_view>

#include "emulator/base/error.h"
#include "emulator/base/loop/task.h"
#include "emulator/doors/http/certificate.h"

namespace kless {

class TlsContext {
 public:
  // kUnavailable: the files do not contain a certificate and its key.
  static Result<std::shared_ptr<TlsContext>> Load(const TlsFiles& files);
  ~TlsContext();

 private:
  friend class TlsStream;
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class TlsStream {
 public:
  struct Read {
    boost::system::error_code error;
    std::string_view bytes;  // valid until the next read
  };

  // The socket must outlive the stream; its cancel() and close() end running operations.
  TlsStream(boost::asio::ip::tcp::socket& socket, TlsContext& context);
  ~TlsStream();

  Task<boost::system::error_code> Handshake();
  // Whether the handshake failed because the client speaks plain HTTP.
  static bool IsPlainHttp(const boost::system::error_code& error);
  // Allows one reader and one writer at a time.  A waiting read holds a buffer of 16 KiB.
  Task<Read> ReadSome();
  Task<boost::system::error_code> Write(std::array<boost::asio::const_buffer, 3> buffers);
  // Announces the end of the data, and waits for the client's announcement.
  Task<> Shutdown();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kless
