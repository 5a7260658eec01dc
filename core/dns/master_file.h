// Records of an RFC 1035 master file.
#ifndef HELOVET_CORE_DNS_MASTER_FILE_H_
#define HELOVET_CORE_DNS_MASTER_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dns/master_scanner.h"
#include "dns/name.h"
#include "helovet/file_error.h"

namespace helovet {

struct MasterRecord {
  DnsName owner;
  std::uint16_t type = 0;  // Any data type, not only DnsType's.
  std::uint32_t ttl = 0;   // Seconds, at most 2^31 - 1.
  std::string rdata;       // Wire form.
  int line = 0;            // Where it begins.
};

// Reads records one by one (RFC 1035 §5, RFC 2308 §4, RFC 3597 §5): $ORIGIN, $TTL, "@", relative
// names, owner, TTL and class left out, TTLs with units such as 1h30m. Before any $ORIGIN the SOA
// record's owner, which must be absolute then, is the origin. A TTL that is left out is $TTL's,
// else that of the record before, else an hour. Class IN alone; $INCLUDE is refused.
//
// ldns knows the types and the fields of each; it does not read whole records, because it would
// take 70000 for 4464, "@x" for "@" and more of that kind (master_file_test.cc has the cases).
class MasterFile {
 public:
  // `file` names the text in errors. `text` must outlive this.
  MasterFile(std::string file, std::string_view text) : scanner_(std::move(file), text) {}

  // The next record; empty at the end. After an error there is no going on.
  [[nodiscard]] FileErrorOr<std::optional<MasterRecord>> Next();

 private:
  // `at` is the place in entry_.tokens of what is read next.
  FileErrorOr<void> ReadDirective();
  FileErrorOr<MasterRecord> ReadRecord();
  FileErrorOr<std::optional<std::uint32_t>> ReadTtlAndClass(std::size_t& at) const;
  FileErrorOr<std::uint16_t> ReadType(std::size_t& at) const;
  FileErrorOr<DnsName> ReadOwner() const;
  FileErrorOr<DnsName> ReadName(const MasterToken& token) const;
  FileErrorOr<std::string> ReadRdata(std::uint16_t type, std::size_t at) const;
  FileErrorOr<std::string> ReadGenericRdata(std::uint16_t type, std::size_t at) const;
  FileErrorOr<std::string> ReadField(int field_type, const MasterToken& token) const;
  // A field of `octets` octets; without a number `token` has none that fits.
  FileErrorOr<std::string> ReadNumber(std::optional<std::uint32_t> number, std::size_t octets,
                                      const MasterToken& token) const;
  FileErrorOr<std::string> ReadOctets(const MasterToken& token) const;
  FileErrorOr<std::string> ReadString(const MasterToken& token) const;
  [[nodiscard]] bool HasToken(std::size_t at) const { return at < entry_.tokens.size(); }
  // An error about the token at `at`, or about the end of the entry when there is none.
  [[nodiscard]] tl::unexpected<FileError> ErrorAt(std::size_t at, std::string message) const;

  MasterScanner scanner_;
  MasterEntry entry_;
  std::optional<DnsName> origin_;
  std::optional<DnsName> owner_;               // Of the record before.
  std::optional<std::uint32_t> default_ttl_;   // $TTL
  std::optional<std::uint32_t> previous_ttl_;  // The last that was written out.
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_MASTER_FILE_H_
