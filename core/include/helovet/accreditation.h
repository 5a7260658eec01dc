// For accreditors: a list of domains and ratings, the zone that publishes it, and whether a server
// has that zone (DNA-02 §4, §6).
#ifndef HELOVET_ACCREDITATION_H_
#define HELOVET_ACCREDITATION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/ip_address.h"
#include "helovet/loop.h"
#include "helovet/result.h"
#include "tl/expected.hpp"

namespace helovet {

// Ours: twenty million names.
inline constexpr std::size_t kMaxAccreditedFileOctets = std::size_t{1024} * 1024 * 1024;
// Without the line's end. Ours: a name in UTF-8 (base/idna.h), an info, and a comment.
inline constexpr std::size_t kMaxAccreditedLineOctets = 2000;
// So that "MARID,1,A;" and the info are one character-string (RFC 1035 §3.3).
inline constexpr std::size_t kMaxAccreditedInfoOctets = 245;
// Of a list that are told one by one. Ours: more than a screenful helps nobody.
inline constexpr std::size_t kMaxAccreditedComplaints = 10;

// How far a task is: what is `done` of `total`, in the task's own units. Called often; may be null.
using TaskProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// A list of domains: one to a line, "DOMAIN RATING [INFO]", separated by blanks. DOMAIN may have
// U-labels and one final dot; RATING is A to E in either case; INFO is the rest of the line,
// printable ASCII, free text for people (DNA-02 §6). A '#' at a line's begin or after a blank
// begins a comment. Lines end in LF or CRLF, the last one in neither if it likes. Immutable.
class AccreditationList {
 public:
  struct Entry {
    std::string domain = {};  // Lower case, A-labels, no final dot.
    Rating rating = Rating::kC;
    std::string info = {};   // Empty: none.
    std::uint32_t line = 0;  // Where it stands first, from 1.
  };

  // Reads the file. `zone` is the zone's name, lower case without a final dot: a domain that does
  // not fit before it is a mistake. `default_rating` is for lines that have a domain alone; empty:
  // these are mistakes. Lines that say the same again are counted; lines that say something else of
  // the same domain are mistakes. Progress is in octets. Unexpected: the mistakes in the order of
  // lines, at most kMaxAccreditedComplaints and one that counts the rest.
  [[nodiscard]] static tl::expected<AccreditationList, std::vector<FileError>> Read(
      const std::string& path, std::string_view zone, std::optional<Rating> default_rating,
      const TaskProgress& progress = nullptr);

  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] std::size_t repeated() const { return repeated_; }  // Lines.
  // In the canonical order of names (RFC 4034 §6.1), so that the order of lines leaves no trace.
  // `index` is below size().
  [[nodiscard]] Entry At(std::size_t index) const;

 private:
  friend class AccreditationListBuilder;  // core/accreditation/list_builder.h

  struct Record {
    const char* octets;  // core/accreditation/list_builder.h says which.
    std::uint32_t line;
  };

  std::vector<std::unique_ptr<char[]>> chunks_;  // Where the octets are.
  std::vector<Record> records_;
  std::size_t repeated_ = 0;
};

// "MARID,1,A;info": the text of the TXT record (DNA-02 §6).
[[nodiscard]] std::string ReportText(const AccreditationList::Entry& entry);

// What a zone has beside the reports, as people write it.
struct AccreditationZoneText {
  std::string name = {};                  // "accredit.example"
  std::vector<std::string> servers = {};  // Names for NS records, the primary one first.
  // Of the SOA record: "hostmaster@example.net". Empty: hostmaster@ the zone.
  std::string mailbox = {};
  std::string contact = {};  // "HOST:PORT" for people's questions (DNA-02 §4). Empty: none.
  // "NAME=ADDRESS" for names of servers and of the contact within the zone.
  std::vector<std::string> addresses = {};
  std::string ttl = "1h";  // Seconds, or with units as in a master file.
};

// Names are in lower case, with A-labels, without a final dot.
struct AccreditationZone {
  std::string name = {};
  std::vector<std::string> servers = {};
  std::string mailbox = {};       // In the form of a domain name.
  std::string contact_host = {};  // Empty: no contact point.
  std::uint16_t contact_port = 0;
  std::vector<std::pair<std::string, IpAddress>> addresses = {};
  std::uint32_t ttl = 0;  // Seconds.
};

// What is wrong with an AccreditationZoneText.
enum class ZoneMistakeKind : std::uint8_t {
  kName,            // no domain name, or none that "_vouch._smtp." fits before
  kServer,          // no domain name
  kMailbox,         // no mailbox
  kContact,         // not HOST:PORT
  kAddress,         // not NAME=ADDRESS
  kForeignAddress,  // of a name that is not in the zone
  kNoAddress,       // a server or contact in the zone has no address
  kTtl,             // no period of at most 2^31 - 1 seconds
};
struct ZoneMistake {
  ZoneMistakeKind kind = ZoneMistakeKind::kName;
  std::string value = {};  // What was given, any octets.
};

[[nodiscard]] tl::expected<AccreditationZone, ZoneMistake> ParseAccreditationZone(
    const AccreditationZoneText& text);

// A serial of the form YYYYMMDDnn for a zone that is made at `now` (UTC): nn is 00, or the serial
// is the one after `former` where that is as great already.
[[nodiscard]] std::uint32_t SerialOfDate(std::chrono::system_clock::time_point now,
                                         std::optional<std::uint32_t> former);
// The serial of the SOA record that begins the master file `path`. Empty where there is none.
[[nodiscard]] std::optional<std::uint32_t> SerialOfZoneFile(const std::string& path);

// Takes a piece of text; false: it cannot, and wants no more.
using TextSink = std::function<bool(std::string_view piece)>;

// Writes the RFC 1035 master file: SOA, NS, addresses, the contact point's SRV record, and a TXT
// record for each of the list, in its order. The same arguments give the same octets. `zone` has a
// server. Progress is in domains. False: the sink said so.
[[nodiscard]] bool WriteAccreditationZone(const AccreditationList& list,
                                          const AccreditationZone& zone, std::uint32_t serial,
                                          const TextSink& sink,
                                          const TaskProgress& progress = nullptr);
// The same into a file, which appears whole, on the disk, in the place of what was there, or not at
// all. A new file gets the mode that the umask leaves, another one keeps its own.
[[nodiscard]] FileErrorOr<void> SaveAccreditationZone(const std::string& path,
                                                      const AccreditationList& list,
                                                      const AccreditationZone& zone,
                                                      std::uint32_t serial,
                                                      const TaskProgress& progress = nullptr);

// How a server's record differs from what is wanted.
enum class AccreditationFinding : std::uint8_t {
  kMissing,    // the server says that there is none
  kDifferent,  // there are others, or others beside it
  kExtra,      // there is one, and none is wanted (contact point)
  kUnknown,    // no usable answer: nobody knows
};
// "missing", "different", "extra", "unknown".
[[nodiscard]] std::string_view ToString(AccreditationFinding finding);

struct AccreditationDifference {
  std::string owner = {};  // The record's name: "mail.example.com.accredit.example".
  AccreditationFinding finding = AccreditationFinding::kUnknown;
  std::string wanted = {};  // The record's data; empty: none.
  // What was found instead, any octets, shortened; of kUnknown the outcome, such as "timeout".
  std::string found = {};
};

struct AccreditationComparison {
  std::string zone = {};
  std::size_t domains = 0;  // Of the list.
  std::size_t asked = 0;    // Domains; without a sample those of the list.
  std::size_t equal = 0;    // Of these; the next three likewise.
  std::size_t missing = 0;
  std::size_t different = 0;
  std::size_t unknown = 0;  // Those too that were not asked after many failures.
  bool gave_up = false;     // There were many failures in a row.
  // In the order of the list, the contact point's first.
  std::vector<AccreditationDifference> differences = {};

  // Something is known to differ, the contact point included.
  [[nodiscard]] bool differs() const;
  // The server did not say of everything that was to be asked what it has.
  [[nodiscard]] bool incomplete() const;
};

struct AccreditationQuestions {
  std::optional<std::size_t> sample = {};    // So many domains, drawn by chance; empty: all.
  std::vector<std::string> zone_files = {};  // Take the answers from these, and from no server.
};

// Asks the DNS servers of `config` for each domain's report, many at a time, each within
// Config::Dns::query_timeout, and for the contact point. A server that answers a thousand times in
// a row with nothing of use is not asked any more. Progress is in domains. Turns the loop.
// Unexpected: a zone file that cannot be read or has a mistake.
[[nodiscard]] FileErrorOr<AccreditationComparison> VerifyAccreditation(
    Loop& loop, const Config& config, const AccreditationList& list, const AccreditationZone& zone,
    const AccreditationQuestions& questions, const TaskProgress& progress = nullptr);

// One JSON object (RFC 8259) on one line of printable ASCII: "zone", "domains", "asked", "equal",
// "missing", "different", "unknown", "gave_up" and "differences", each with "owner", "finding",
// "wanted" and "found".
[[nodiscard]] std::string RenderAccreditationJson(const AccreditationComparison& comparison);

}  // namespace helovet

#endif  // HELOVET_ACCREDITATION_H_
