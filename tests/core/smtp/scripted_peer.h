// A mail server that does what the test wrote, right or wrong, on the test's own loop.
#ifndef HELOVET_TESTS_CORE_SMTP_SCRIPTED_PEER_H_
#define HELOVET_TESTS_CORE_SMTP_SCRIPTED_PEER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet::testing {

// What a peer does at one step.
struct Act {
  enum class Then : std::uint8_t {
    kRead,       // Goes on.
    kClose,      // Closes the connection.
    kReset,      // Breaks it off.
    kHalfClose,  // Says nothing more and goes on to read.
  };
  std::string text = {};  // Sent as it is.
  Then then = Then::kRead;
  std::chrono::milliseconds after{0};
  std::chrono::milliseconds between{0};  // Not 0: one octet a time.
  std::size_t times = 1;                 // `text` is sent so often.
};

inline Act Say(std::string text) { return {.text = std::move(text)}; }
inline Act Close(std::string text = "") {
  return {.text = std::move(text), .then = Act::Then::kClose};
}
inline Act Reset() { return {.then = Act::Then::kReset}; }
inline Act HalfClose(std::string text = "") {
  return {.text = std::move(text), .then = Act::Then::kHalfClose};
}
inline Act Silence() { return {}; }
inline Act Late(std::chrono::milliseconds after, std::string text) {
  return {.text = std::move(text), .after = after};
}
inline Act Drip(std::string text,
                std::chrono::milliseconds between = std::chrono::milliseconds(1)) {
  return {.text = std::move(text), .between = between};
}
inline Act Flood(std::string text, std::size_t octets) {
  const std::size_t times = octets / text.size();
  return {.text = std::move(text), .times = times};
}

// By step: "greeting", or a command's verb, "RCPT2" for the second RCPT of a connection. Without
// one the peer says that all is well.
using Script = std::map<std::string, Act>;

class ScriptedPeer {
 public:
  // Listens on a free port, or on `port`. Fails the test if it cannot. The loop must outlive this.
  explicit ScriptedPeer(Loop& loop, Script script = {}, const std::string& address = "127.0.0.1",
                        std::uint16_t port = 0);
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The lines that came, of all connections, without CRLF.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::size_t connections() const { return all_connections_; }
  // Connections that the client has left.
  [[nodiscard]] std::size_t left() const { return left_; }

 private:
  struct Connection {
    int descriptor = -1;
    std::string received = {};
    std::map<std::string, int> verbs = {};
    std::string to_send = {};
    std::size_t sent = 0;
    Act act = {};
    Loop::Handle watch = {};
    Loop::Handle timer = {};
  };

  void OnConnection();
  void OnReadable(Connection& connection);
  void OnLine(Connection& connection, const std::string& line);
  void Perform(Connection& connection, const std::string& step);
  void Send(Connection& connection);
  void Finish(Connection& connection);
  void WatchFor(Connection& connection, short events);
  void Drop(Connection& connection);

  Loop& loop_;
  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::size_t all_connections_ = 0;
  std::size_t left_ = 0;
  std::vector<std::string> lines_;
  std::list<Connection> connections_;
  Loop::Handle watch_;
};

// Something that listens and whose queue is full: who connects hears nothing.
class FullQueue {
 public:
  explicit FullQueue(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~FullQueue();
  FullQueue(const FullQueue&) = delete;
  FullQueue& operator=(const FullQueue&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<int> clients_;
};

// Descriptors that this process has open.
[[nodiscard]] std::size_t OpenDescriptors();

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_SMTP_SCRIPTED_PEER_H_
