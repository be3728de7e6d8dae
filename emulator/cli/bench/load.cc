#include "emulator/cli/bench/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace kless::cli {
namespace {

// -1 if no server listens.
int Connect(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket);
    return -1;
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

int ConnectOrThrow(int port) {
  const int socket = Connect(port);
  if (socket < 0) throw std::runtime_error("cannot connect to port " + std::to_string(port));
  return socket;
}

void WriteAll(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) throw std::runtime_error("the server closed the connection");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

// The length of the complete response at the beginning of `text`; 0 until it is complete.
std::size_t AnswerSize(const std::string& text) {
  const auto head = text.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  std::string lower = text.substr(0, head);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view kLength = "content-length:";
  const auto length = lower.find(kLength);
  if (length == std::string::npos) {
    // A connection has one response at a time, so its last chunk is the end of the text.
    if (lower.find("transfer-encoding: chunked") != std::string::npos) {
      return text.ends_with("\r\n0\r\n\r\n") ? text.size() : 0;
    }
    throw std::runtime_error("an answer without length: " + lower);
  }
  const auto body = std::strtoull(lower.c_str() + length + kLength.size(), nullptr, 10);
  const std::size_t size = head + 4 + static_cast<std::size_t>(body);
  return text.size() < size ? 0 : size;
}

void CheckAnswer(const std::string& answer) {
  if (answer.compare(9, 1, "2") != 0) throw std::runtime_error(answer.substr(0, 500));
}

struct Connection {
  int socket = -1;
  std::string answer;
};

// Reads available bytes; returns whether the response is complete.
bool ReadSome(Connection& connection) {
  char buffer[1 << 16];
  const ssize_t count = recv(connection.socket, buffer, sizeof buffer, 0);
  if (count <= 0) throw std::runtime_error("the server closed the connection");
  connection.answer.append(buffer, static_cast<std::size_t>(count));
  if (AnswerSize(connection.answer) == 0) return false;
  CheckAnswer(connection.answer);
  return true;
}

}  // namespace

bool CanConnect(int port) {
  const int socket = Connect(port);
  if (socket >= 0) close(socket);
  return socket >= 0;
}

std::string RequestText(const std::string& method, const std::string& path,
                        const std::string& body) {
  return method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench/1\r\n" +
         "Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void SendAll(int port, int connections, int count, const std::function<std::string(int)>& request) {
  std::vector<Connection> all(static_cast<std::size_t>(std::min(connections, count)));
  std::vector<pollfd> polled;
  int sent = 0;
  for (Connection& connection : all) {
    connection.socket = ConnectOrThrow(port);
    polled.push_back({connection.socket, POLLIN, 0});
    WriteAll(connection.socket, request(sent++));
  }
  int answered = 0;
  while (answered < count) {
    if (poll(polled.data(), polled.size(), -1) < 0) throw std::runtime_error("poll failed");
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (polled[i].revents == 0 || !ReadSome(all[i])) continue;
      ++answered;
      all[i].answer.clear();
      if (sent < count) WriteAll(all[i].socket, request(sent++));
    }
  }
  for (const Connection& connection : all) close(connection.socket);
}

std::string Exchange(int port, const std::string& request) {
  Connection connection;
  connection.socket = ConnectOrThrow(port);
  WriteAll(connection.socket, request);
  while (!ReadSome(connection)) {
  }
  close(connection.socket);
  return std::move(connection.answer);
}

std::string Fetch(int port, const std::string& path) {
  const std::string answer = Exchange(port, RequestText("GET", path));
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

Streams::Streams(int port, const std::string& path, int count) {
  for (int i = 0; i < count; ++i) {
    Stream stream;
    stream.socket = ConnectOrThrow(port);
    WriteAll(stream.socket, RequestText("GET", path));
    streams_.push_back(std::move(stream));
  }
}

Streams::~Streams() {
  for (const Stream& stream : streams_) close(stream.socket);
}

// Counts lines of the body: chunks of a watch hold whole JSON lines, whose newlines are the only
// ones not preceded by a carriage return.
void Streams::Take(Stream& stream, const char* data, std::size_t size) {
  std::string_view text(data, size);
  if (!stream.in_body) {
    stream.head.append(text);
    const auto end = stream.head.find("\r\n\r\n");
    if (end == std::string::npos) return;
    CheckAnswer(stream.head);
    stream.in_body = true;
    stream.head.erase(0, end + 4);
    text = stream.head;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && i > 0 && text[i - 1] == '}') ++stream.lines;
  }
}

void Streams::ReadUntil(std::uint64_t lines) {
  std::vector<char> buffer(1 << 18);
  for (;;) {
    std::vector<pollfd> polled;
    std::vector<Stream*> waiting;
    for (Stream& stream : streams_) {
      if (stream.lines >= lines) continue;
      polled.push_back({stream.socket, POLLIN, 0});
      waiting.push_back(&stream);
    }
    if (polled.empty()) return;
    if (poll(polled.data(), polled.size(), -1) < 0) throw std::runtime_error("poll failed");
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      const ssize_t count = recv(polled[i].fd, buffer.data(), buffer.size(), 0);
      if (count <= 0) {
        throw std::runtime_error("a watch ended after " + std::to_string(waiting[i]->lines) +
                                 " events");
      }
      Take(*waiting[i], buffer.data(), static_cast<std::size_t>(count));
    }
  }
}

}  // namespace kless::cli
