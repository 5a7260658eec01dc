// What an expansion such as ${dlfunc{MODULE}{helovet}{IP}{HELO}{MAIL FROM}{config=FILE}} asks for.
#ifndef HELOVET_EXIM_DLFUNC_ARGUMENTS_H_
#define HELOVET_EXIM_DLFUNC_ARGUMENTS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "helovet/config.h"
#include "helovet/session.h"
#include "tl/expected.hpp"

namespace helovet {

// The arguments after the names of module and function. Exim gives at most 8.
using Arguments = std::span<const std::string_view>;

// What the options `config`, `server_name`, `profile` and `authserv_id` say. An option with an
// empty value counts as not given, so that an ACL may pass a variable that is not set.
struct Options {
  std::string config = {};       // A path; empty: kDefaultConfigPath, which may be missing.
  std::string server_name = {};  // Exim's $primary_hostname, for WithHostDefaults; empty: none.
  std::optional<Profile> profile = std::nullopt;  // Empty: that of the configuration.
  std::string authserv_id = {};                   // Empty: that of the configuration.
  // The first option that is unknown or has a bad value, in words; empty: all are good. The options
  // beside it hold.
  std::string error = {};
};

struct Request {
  Session session;  // The options `recipient`, `smtputf8` and `authenticated` are in it.
  Options options;
};

enum class MailFrom : bool { kNotTaken, kTaken };

// Reads (ip, helo, [mail from,] option...).
//
// An empty `ip` is a message submitted on this host ($sender_host_address is empty then): the
// session is exempt. The error is for arguments that are no session at all: one of the first two is
// missing, or `ip` is no address; it is one printable line.
//
// With MailFrom::kTaken the third argument is the reverse path (empty: the null sender) unless it
// has the form of an option. Whatever has an '@' is a reverse path, because a client chooses that
// text: an Exim sender that is not empty always has one. After it a client may choose any value of
// an option, such as `recipient`: a value is all that follows the first '='.
[[nodiscard]] tl::expected<Request, std::string> ParseRequest(Arguments arguments,
                                                              MailFrom mail_from);

// Reads options alone.
[[nodiscard]] Options ParseOptions(Arguments arguments);

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_ARGUMENTS_H_
