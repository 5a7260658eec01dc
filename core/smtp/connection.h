// One connection to a mail server, as coroutines use it.
#ifndef HELOVET_CORE_SMTP_CONNECTION_H_
#define HELOVET_CORE_SMTP_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "dns/socket.h"
#include "helovet/config.h"
#include "helovet/ip_address.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "smtp/journal.h"
#include "smtp/reply.h"
#include "tl/expected.hpp"

namespace helovet {

// Why there is no connection.
enum class ConnectFault : std::uint8_t {
  kRefused,  // The server, or a router on the way to it, says no.
  kSilent,   // Nobody answered in the time that this attempt had.
  kLocal,    // This host cannot: no descriptor is left, or no network of the address's family.
};

// Why there is no reply.
enum class SmtpFault : std::uint8_t {
  kClosed,     // The server has closed the connection or broken it off.
  kTimeout,    // The deadline has passed.
  kMalformed,  // No SMTP, or text that was there before its command was.
};

// Plain SMTP without extensions, one command a time. Everything that is sent or received stands in
// the journal. Destroying it closes the connection. Not thread-safe; `loop` and `journal` must
// outlive it, and it must outlive its Tasks.
class SmtpConnection {
 public:
  using Opened = tl::expected<std::unique_ptr<SmtpConnection>, ConnectFault>;
  using Answer = tl::expected<SmtpReply, SmtpFault>;

  // Tries until `latest`. `deadline` is the connection's own, for all that follows.
  [[nodiscard]] static Task<Opened> Open(Loop& loop, DnsServer server, Loop::TimePoint latest,
                                         Loop::TimePoint deadline, Journal& journal);

  // Waits for the greeting.
  [[nodiscard]] Task<Answer> ReadGreeting() { return ReadReply(); }
  // Sends `command`, which is printable ASCII, and CRLF, and waits for the reply. A server that
  // spoke before the command is kMalformed, unless it said 421: then that is the reply.
  [[nodiscard]] Task<Answer> Exchange(std::string command);
  // Says goodbye. Its reply is not waited for, although RFC 5321 §4.1.1.10 has that as a SHOULD:
  // everything is known, somebody waits for it, and Exim holds it back for 200 ms to have the
  // client close first.
  void Quit();

  // This end's address; empty where the system does not know it.
  [[nodiscard]] std::optional<IpAddress> LocalAddress() const;

 private:
  enum class Filled : std::uint8_t { kOctets, kNothing, kEnd };

  SmtpConnection(Loop& loop, Socket socket, Loop::TimePoint deadline, Journal& journal)
      : loop_(loop), socket_(std::move(socket)), deadline_(deadline), journal_(journal) {}

  [[nodiscard]] Task<Answer> ReadReply();
  // As send(2), and never waits.
  ssize_t Send(std::string_view octets) const;
  [[nodiscard]] Answer Finish(const ReplyReader& reader);
  [[nodiscard]] Answer Refuse(std::string_view why);
  // Reads once into received_, without waiting.
  [[nodiscard]] Filled Fill();

  Loop& loop_;
  Socket socket_;
  const Loop::TimePoint deadline_;
  Journal& journal_;
  std::string received_;  // And not yet read as a reply; bounded by one read.
};

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_CONNECTION_H_
