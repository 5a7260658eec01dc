// A mail server that says what a fuzz target invents, at the other end of a pair of sockets.
#ifndef HELOVET_TESTS_FUZZ_INVENTED_PEER_H_
#define HELOVET_TESTS_FUZZ_INVENTED_PEER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "helovet/loop.h"

namespace helovet::fuzz {

// While it lives, Socket::Connect (dns/socket.h, whose place invented_peer.cc takes) makes
// connections to it. All of them go on with the same steps.
class InventedPeer {
 public:
  enum class End : std::uint8_t { kSilence, kClose };

  // What the peer says at each step: the greeting, and then for each command. After the last one:
  // `end`. `piece`: octets that it sends at once; 0: all of a step. The loop must outlive it.
  InventedPeer(Loop& loop, std::vector<std::string> steps, std::size_t piece, End end);
  ~InventedPeer();
  InventedPeer(const InventedPeer&) = delete;
  InventedPeer& operator=(const InventedPeer&) = delete;

  // The commands that came, without CRLF, in order, and which step answered each of them.
  struct Command {
    std::string line;
    std::size_t step;
  };
  [[nodiscard]] const std::vector<Command>& commands() const { return commands_; }
  [[nodiscard]] const std::vector<std::string>& steps() const { return steps_; }
  [[nodiscard]] int connections() const { return connections_; }

  // The client's end of a new connection; none: the system refuses.
  [[nodiscard]] OwnedDescriptor Accept();

 private:
  void Read();
  void Say();
  void Send();

  Loop& loop_;
  std::vector<std::string> steps_;
  std::size_t piece_;
  End end_;
  int connections_ = 0;
  OwnedDescriptor socket_;  // This end of the latest connection.
  std::string received_;
  std::size_t next_step_ = 0;
  std::string to_send_;
  std::vector<Command> commands_;
  Loop::Handle readable_;
  Loop::Handle sending_;
};

}  // namespace helovet::fuzz

#endif  // HELOVET_TESTS_FUZZ_INVENTED_PEER_H_
