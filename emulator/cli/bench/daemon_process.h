// Helpers of the measurements: daemons in processes of their own, and the resource usage of a
// process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace kless::cli {

// Formats "12.3".
std::string Number(double value, int digits);

// CPU time of this process, user and system.
double CpuSeconds();
// Current resident memory.
double ResidentMegabytesOf(pid_t process);

// Removed with all its contents.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A server on loopback: `command` in a process of its own, ended by the destructor.  Constructors
// throw if it does not start.
class ServerProcess {
 public:
  // Ready once it has printed a line with an http:// address, which is its endpoint.
  explicit ServerProcess(const std::vector<std::string>& command);
  // Ready once `port` accepts connections.
  ServerProcess(const std::vector<std::string>& command, int port);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& endpoint() const { return endpoint_; }
  int port() const { return port_; }
  // CPU time, user and system, of all threads.
  double CpuSeconds() const;
  double ResidentMegabytes() const { return ResidentMegabytesOf(process_); }

 private:
  int Start(const std::vector<std::string>& command);
  void Stop();

  pid_t process_ = -1;
  std::string endpoint_;
  int port_ = 0;
};

// This program's `kless serve` with a folder and a free port of its own.
class DaemonProcess {
 public:
  explicit DaemonProcess(std::vector<std::string> flags);
  const std::string& endpoint() const { return server_.endpoint(); }
  int port() const { return server_.port(); }
  double CpuSeconds() const { return server_.CpuSeconds(); }
  double ResidentMegabytes() const { return server_.ResidentMegabytes(); }

 private:
  TemporaryFolder folder_;
  ServerProcess server_;
};

}  // namespace kless::cli
