// A real redis-server for tests, of those that tests/prerequisites unpacked, and certificates for
// it.
#ifndef HELOVET_TESTS_CORE_STORE_REDIS_SERVER_H_
#define HELOVET_TESTS_CORE_STORE_REDIS_SERVER_H_

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "helovet/config.h"

namespace helovet::testing {

// A directory that goes with this.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string Path(const std::string& name) const { return directory_ / name; }
  // Returns the path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path directory_;
};

// A port of 127.0.0.1 on which nobody listens now.
[[nodiscard]] std::uint16_t FreePort();

// Writes a self-signed certificate for `name` ("DNS:localhost", "IP:127.0.0.1") to NAME.crt and
// its key to NAME.key of `directory`.
struct Certificate {
  std::string certificate_file;
  std::string key_file;
};
[[nodiscard]] Certificate MakeCertificate(const TemporaryDirectory& directory,
                                          const std::string& file, const std::string& name,
                                          int days = 1);

// Runs until this goes, or the test program does, whatever ends it. Nothing is persistent.
class RedisServerProcess {
 public:
  // `options` as on its command line: "--port", "0", ... It listens on `port`, or with 0 at
  // `path`, when the constructor returns.
  RedisServerProcess(const std::vector<std::string>& options, std::uint16_t port,
                     const std::string& path = "");
  ~RedisServerProcess() { Kill(); }
  RedisServerProcess(const RedisServerProcess&) = delete;
  RedisServerProcess& operator=(const RedisServerProcess&) = delete;

  void Signal(int signal) const;
  void Kill();

 private:
  TemporaryDirectory directory_;
  pid_t process_ = -1;
};

// The settings for a server at `server`.
[[nodiscard]] Config ConfigOfRedis(const std::string& server,
                                   std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_STORE_REDIS_SERVER_H_
