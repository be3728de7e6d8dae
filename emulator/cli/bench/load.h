// A cheap load generator: plain HTTP/1.1 over loopback sockets, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kless::cli {

bool CanConnect(int port);

// "POST /path HTTP/1.1..." with the JSON body.
std::string RequestText(const std::string& method, const std::string& path,
                        const std::string& body = "");

// Sends `count` requests over `connections` concurrent connections, each as soon as the previous
// one on its connection has its response.  Throws on the first response other than 2xx.
void SendAll(int port, int connections, int count, const std::function<std::string(int)>& request);

// One request and its whole response, head and body.  Throws if it is not 2xx.
std::string Exchange(int port, const std::string& request);
// The body of a GET of a path.
std::string Fetch(int port, const std::string& path);

// Streams that are read as data arrives, and counted by their lines.
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
