// The administrator's own allow and deny lists.
#ifndef HELOVET_LOCAL_LISTS_H_
#define HELOVET_LOCAL_LISTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/file_error.h"
#include "helovet/ip_address.h"

namespace helovet {

// Of a file of entries. More is a mistake, or a list that belongs into DNS.
inline constexpr std::size_t kMaxListFileOctets = std::size_t{256} * 1024 * 1024;
inline constexpr std::size_t kMaxListLineOctets = 1000;  // Without the line's end.
// Mistakes that are told of one reading of a file; the rest are counted.
inline constexpr std::size_t kMaxListComplaints = 10;
// Between two looks at the files.
inline constexpr std::chrono::seconds kListFilesInterval{1};

enum class Listing : std::uint8_t { kNone, kAllow, kDeny };

// What the lists say of one address or name.
struct ListMatch {
  Listing listing = Listing::kNone;
  // In its normal form: lower case, no trailing dot, an address without the length of its prefix.
  // Empty for kNone.
  std::string entry;
  // "/etc/helovet/deny:17", or "lists.deny" for an entry of the configuration. May have any octets
  // that a path can have. Empty for kNone.
  std::string place;
  friend bool operator==(const ListMatch&, const ListMatch&) = default;
};

// Entries of the configuration and of the files that it names. An entry is one of
//   192.0.2.0/24, 2001:db8::/32, 192.0.2.7   a client
//   mail.example.com, .example.com           a HELO name; all names below, not itself
//   @example.org, @.example.org              a sender's domain; all domains below, not itself
// and a file has one a line: empty lines, blanks around an entry, CRLF, and comments from a `#`
// that begins the line or follows a blank are fine. A byte order mark, NUL, lines over
// kMaxListLineOctets and whatever else is no entry are mistakes.
//
// Of several entries of one kind the most specific counts, wherever it stands: the longest prefix;
// a name before a suffix, a longer suffix before a shorter one. Where one entry is both allowed and
// denied, it is denied.
//
// A million entries take some 40 MiB, and twice that while their file is read again, which takes
// about a third of a second. Looking up takes microseconds and allocates only for what it finds.
// Const member functions may run at the same time; the others need the object for themselves.
class LocalLists {
 public:
  // Items as in Config::Lists: an absolute path, or an entry. Reads every file; what cannot be used
  // is left out and told by TakeComplaints. Until a file has been without a mistake once, the
  // entries it has beside its mistakes count.
  LocalLists(const std::vector<std::string>& allow, const std::vector<std::string>& deny);
  ~LocalLists();
  LocalLists(LocalLists&& other) noexcept;
  LocalLists& operator=(LocalLists&& other) noexcept;

  // Looks at the files, at most once in kListFilesInterval, and reads again those that have
  // changed, as device, inode, size and both times tell; one that was still changing when it was
  // read is read once more. A file that has mistakes now, cannot be read or is missing keeps the
  // entries that it had. Returns what is wrong: each problem once until the file changes again.
  [[nodiscard]] std::vector<FileError> Refresh(std::chrono::steady_clock::time_point now);

  // How often Refresh has read a file. Between two calls that say the same, nothing has changed.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

  // What was wrong at construction; empty when asked again.
  [[nodiscard]] std::vector<FileError> TakeComplaints();

  [[nodiscard]] ListMatch FindAddress(const IpAddress& client) const;
  // Any text, such as a client may send: case does not count, nor does one trailing dot. What is no
  // name has no match.
  [[nodiscard]] ListMatch FindName(std::string_view helo_name) const;
  [[nodiscard]] ListMatch FindSenderDomain(std::string_view domain) const;

  // Nothing can match now. Files may bring entries later.
  [[nodiscard]] bool empty() const;

 private:
  struct Source;

  void Add(Listing listing, std::string_view setting, const std::vector<std::string>& items);
  [[nodiscard]] ListMatch FindKey(std::string_view key) const;

  std::vector<std::unique_ptr<Source>> sources_;  // Those of deny first: of equals they count.
  std::vector<FileError> complaints_;
  std::optional<std::chrono::steady_clock::time_point> last_look_;
  std::uint64_t changes_ = 0;
};

}  // namespace helovet

#endif  // HELOVET_LOCAL_LISTS_H_
