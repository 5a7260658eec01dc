// One zone: its names, and which of them answers for a name.
#ifndef HELOVET_CORE_DNS_ZONE_TREE_H_
#define HELOVET_CORE_DNS_ZONE_TREE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dns/dns.h"
#include "dns/master_file.h"
#include "helovet/file_error.h"

namespace helovet {

// A hash map keyed by DnsName::wire() that can be asked for parts of a name without a copy.
struct WireHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view wire) const {
    return std::hash<std::string_view>{}(wire);
  }
};
template <typename Value>
using WireMap = std::unordered_map<std::string, Value, WireHash, std::equal_to<>>;

// A zone as its master file has it. Immutable after Read.
class ZoneTree {
 public:
  // The records of DnsType's types at one name, which may also exist without any: it holds other
  // types, or only names below it do (an empty non-terminal).
  struct Node {
    std::vector<DnsRecord> records;  // Ordered by type and data, no two the same.
    bool has_cname = false;
    bool has_other = false;  // A type that cannot stand beside a CNAME.
    bool is_cut = false;     // NS records below the apex.
    // DNAME (RFC 6672), as the CNAME that it begets. A pointer, since hardly a node has one.
    std::unique_ptr<const DnsRecord> redirect;
  };

  // What the zone says of a name.
  enum class Fate : std::uint8_t {
    kAnswer,     // by the records of `node`, the name's own or a wildcard's (RFC 4592 §3.3.1)
    kAbsent,     // the name does not exist
    kDelegated,  // another server's: at or below a zone cut
    kRedirected  // below the DNAME of `node`
  };
  struct Finding {
    Fate fate;
    const Node* node = nullptr;
  };

  // Reads a whole file, whose text is `text`. Errors beside those of MasterFile: no SOA record, a
  // second one, records outside the zone, and others beside a CNAME or another one there.
  [[nodiscard]] static FileErrorOr<ZoneTree> Read(const std::string& file, std::string_view text);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const DnsName& apex() const { return apex_; }
  [[nodiscard]] int soa_line() const { return soa_line_; }
  // RFC 2308 §5: the lesser of the SOA's TTL and its MINIMUM, in seconds.
  [[nodiscard]] std::uint32_t negative_ttl() const { return negative_ttl_; }

  // `name` must be within the apex.
  [[nodiscard]] Finding Find(const DnsName& name) const;

 private:
  ZoneTree(std::string file, const MasterRecord& soa);

  FileErrorOr<void> Add(const MasterRecord& record);
  FileErrorOr<void> AddTo(Node& node, const MasterRecord& record);
  Node& MakeNode(const DnsName& name);
  void Finish();
  [[nodiscard]] tl::unexpected<FileError> Error(const MasterRecord& record,
                                                std::string message) const;

  std::string file_;
  DnsName apex_;
  int soa_line_;
  std::string soa_rdata_;
  std::uint32_t negative_ttl_;
  WireMap<Node> nodes_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_ZONE_TREE_H_
