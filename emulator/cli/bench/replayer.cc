#include "emulator/cli/bench/replayer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>
#include <vector>

#include "emulator/cli/bench/load.h"

namespace kless::cli {
namespace {

constexpr int kLookMillis = 50;  // interval between checks whether to stop

// Returns true if everything was sent.
bool Write(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

struct Client {
  int socket = -1;
  std::string text;
};

// The next complete request of a client, or "".
std::string TakeRequest(Client& client) {
  const auto end = client.text.find("\r\n\r\n");
  if (end == std::string::npos) return "";
  std::string request = client.text.substr(0, end + 4);
  client.text.erase(0, end + 4);
  return request;
}

// The parts that determine the response: other headers may differ from run to run.
std::string KeyOf(const std::string& request) {
  std::string key = request.substr(0, request.find("\r\n"));
  const auto accept = request.find("\r\nAccept:");
  if (accept != std::string::npos) {
    key += request.substr(accept, request.find("\r\n", accept + 2) - accept);
  }
  return key;
}

}  // namespace

Replayer::Replayer(int port) : port_(port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    close(listener_);
    throw std::runtime_error("cannot listen on a loopback port");
  }
  own_port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

Replayer::~Replayer() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

int Replayer::asked() const {
  if (failed_) std::rethrow_exception(failure_);
  return asked_;
}

const std::string& Replayer::AnswerTo(const std::string& request) {
  const std::string key = KeyOf(request);
  const auto known = answers_.find(key);
  if (known != answers_.end()) return known->second;
  ++asked_;
  return answers_.emplace(key, Exchange(port_, request)).first->second;
}

bool Replayer::Answer(int socket, const std::string& request) {
  try {
    return Write(socket, AnswerTo(request));
  } catch (const std::exception&) {
    if (!failed_) failure_ = std::current_exception();
    failed_ = true;
    return false;
  }
}

void Replayer::Run() {
  std::vector<Client> clients;
  while (!stopping_) {
    std::vector<pollfd> polled{{listener_, POLLIN, 0}};
    for (const Client& client : clients) polled.push_back({client.socket, POLLIN, 0});
    if (poll(polled.data(), polled.size(), kLookMillis) <= 0) continue;
    for (std::size_t i = clients.size(); i > 0; --i) {
      if (polled[i].revents == 0) continue;
      Client& client = clients[i - 1];
      char buffer[1 << 14];
      const ssize_t count = recv(client.socket, buffer, sizeof buffer, 0);
      bool open = count > 0;
      if (open) client.text.append(buffer, static_cast<std::size_t>(count));
      for (std::string request; open && !(request = TakeRequest(client)).empty();) {
        open = Answer(client.socket, request);
      }
      if (open) continue;
      close(client.socket);
      clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i - 1));
    }
    if (polled[0].revents != 0) {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) clients.push_back({socket, ""});
    }
  }
  for (const Client& client : clients) close(client.socket);
}

}  // namespace kless::cli
