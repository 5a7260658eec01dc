// Texts made of a verdict. What came from the client or from DNS is escaped here and nowhere else.
#ifndef HELOVET_RENDER_H_
#define HELOVET_RENDER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet {

// Octets of an SMTP reply line without CRLF: RFC 5321 §4.5.3.1.5 allows 512 with it.
inline constexpr std::size_t kMaxReplyOctets = 510;

// The SMTP reply for a verdict of reject ("550 5.7.1 ...") or defer ("451 4.7.1 ..."), one line of
// printable ASCII without CRLF, at most kMaxReplyOctets. It names the client's address, the HELO
// name, the sender's domain where the refusal rests on that, the check and the reason, the
// accreditor or DNS list whose word decided, and the accreditor's contact point and explain_url
// where there are any: these two whole, or not at all if a line cannot hold them. A domain's
// explanation of a failure (RFC 7208 §6.2) stands there as its words, in what room is left. Octets
// of names beside letters, digits and -._:[] appear as \xHH, and a long one ends in "...". Empty
// for accept and tag.
[[nodiscard]] std::string RenderReply(const Verdict& verdict, const Config& config);

// The Authentication-Results header field (RFC 8601 §2.2), name included, as the physical lines of
// its folded form: each printable ASCII, without a line end, at most 998 octets, all but the first
// beginning with a space. Nothing of the administrator's own lists is in it. Empty for an exempt
// session, for one without any check, where the configuration could not be used (nobody knows its
// authserv-id), and where the setting `header` is off. docs/key-values.md explains the methods and
// properties.
[[nodiscard]] std::vector<std::string> RenderHeader(const Verdict& verdict, const Config& config);

// `action=tag trust=unknown code=250 reply="" header="..." csa=pass csa_reason=authorized ...`:
// the form of Exim's ${extract{key}{...}}. Values that hold anything beside letters, digits and
// -._:/ stand in double quotes with \" \\ and \n escaped; header lines are joined with "\n". The
// whole is one line of printable ASCII. See docs/key-values.md for the keys; `log` is
// RenderLogLine's line. `error`, printable ASCII, is what the host has to tell the administrator;
// empty: no such key.
[[nodiscard]] std::string RenderKeyValues(const Verdict& verdict, const Config& config,
                                          std::string_view error = {});

// Octets of a log line. Exim splits what it gives to syslog at 870, syslogd cuts at 1024, with a
// prefix of its own in front.
inline constexpr std::size_t kMaxLogLineOctets = 960;

// What an administrator wants in the log of a session: `action=tag trust=unknown decided_by=csa
// ...`, in the form of RenderKeyValues and with its keys, without reply and header and with some
// more (docs/key-values.md). One line of printable ASCII, at most kMaxLogLineOctets: where that is
// too short, long names are cut and end in "...", and then pairs at the end give way to `cut=yes`.
[[nodiscard]] std::string RenderLogLine(const Verdict& verdict);

// One JSON object (RFC 8259) on one line of printable ASCII; octets that are not UTF-8 appear as
// U+FFFD. Its "evidence" and "opinions" are what each check rests on.
[[nodiscard]] std::string RenderJson(const Verdict& verdict, const Config& config);

// The same object with "meaning" and "source" in each check and in "decided_by", and with the
// array "exchanges": each query with outcome, server, AD, TTL, records, duration, and whether the
// answer came from memory.
[[nodiscard]] std::string RenderExplanationJson(const Verdict& verdict, const Config& config);

// Text for people, UTF-8, lines ended by "\n": the session, each query with answer, TTL and AD,
// each check with the opinions it rests on, and the rule that decided, with its source.
[[nodiscard]] std::string RenderExplanation(const Verdict& verdict, const Config& config);

// `text` with every octet that is not printable ASCII as \xHH and `\` as `\\`: for log lines and
// terminals.
[[nodiscard]] std::string EscapeForLog(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_RENDER_H_
