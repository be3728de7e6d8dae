// A load generator that costs little: plain HTTP/1.1 over loopback sockets, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kless::cli {

bool CanConnect(int port);

// "POST /path HTTP/1.1..." with the body, of JSON.
std::string RequestText(const std::string& method, const std::string& path,
                        const std::string& body = "");

// Sends `count` requests over `connections` at once, each as soon as the one before it on its
// connection is answered.  Throws on the first answer that is not 2xx.
void SendAll(int port, int connections, int count, const std::function<std::string(int)>& request);

// One request and its whole answer, head and body.  Throws if it is not 2xx.
std::string Exchange(int port, const std::string& request);
// The body of what is at a path.
std::string Fetch(int port, const std::string& path);

// Streams that are read as they come, and counted by their lines.
class Streams {
 public:
  Streams(int port, const std::string& path, int count);
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  // Reads until each stream has had `lines` lines since the start.  Throws if one ends.
  void ReadUntil(std::uint64_t lines);

 private:
  struct Stream {
    int socket = -1;
    bool in_body = false;
    std::string head;
    std::uint64_t lines = 0;
  };
  void Take(Stream& stream, const char* data, std::size_t size);
  std::vector<Stream> streams_;
};

}  // namespace kless::cli
