// What a mail server knows of an SMTP client when it asks for a verdict.
#ifndef HELOVET_SESSION_H_
#define HELOVET_SESSION_H_

#include <optional>
#include <string>

#include "helovet/ip_address.h"

namespace helovet {

// One HELO or EHLO of one client. A new HELO in the same connection is a new Session (CSV-02 §5.1).
struct Session {
  // The peer of the TCP connection, as the PROXY protocol gives it where that is in use.
  IpAddress client;
  // The argument of HELO or EHLO as the client sent it: any octets, empty when it sent none.
  std::string helo;
  // The reverse path of MAIL FROM without brackets. Empty optional: not sent yet; empty string: the
  // null sender.
  std::optional<std::string> mail_from = std::nullopt;
  // The forward path of one RCPT TO without brackets; only its domain counts, which can choose
  // another profile (Config::Alternate). Empty: no recipient yet, or none that matters.
  std::string recipient = {};
  // The client has authenticated (RFC 4954), or the message was submitted on this host: the session
  // is exempt from every check.
  bool authenticated = false;
  // The server has announced SMTPUTF8 (RFC 6531): a HELO name may have U-labels.
  bool smtputf8 = false;
};

}  // namespace helovet

#endif  // HELOVET_SESSION_H_
