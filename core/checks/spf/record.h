// The text of an SPF record (RFC 7208 §4.5, §4.6.1, §5, §6, §12).
#ifndef HELOVET_CORE_CHECKS_SPF_RECORD_H_
#define HELOVET_CORE_CHECKS_SPF_RECORD_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "helovet/ip_address.h"
#include "helovet/result.h"

namespace helovet::spf {

// RFC 7208 §4.5: the text begins with the version, and with nothing that only begins like it.
[[nodiscard]] bool IsRecord(std::string_view text);

// One term of a record.
struct Term {
  enum class Kind : std::uint8_t {
    kAll,
    kInclude,
    kA,
    kMx,
    kPtr,
    kIp4,
    kIp6,
    kExists,
    kRedirect,
    kExplanation,
    kUnknownModifier,
  };
  Kind kind = Kind::kAll;
  // Of a mechanism: what the domain says of a client that matches. kPass, kFail, kSoftfail or
  // kNeutral.
  Result qualifier = Result::kPass;
  // As it was written; empty where the current domain is meant.
  std::string_view domain_spec = {};
  // Of kIp4 (the first four octets) and kIp6.
  std::array<std::uint8_t, 16> network = {};
  // Of kA, kMx, kIp4 and kIp6.
  int v4_bits = 32;
  int v6_bits = 128;

  // A mechanism whose evaluation takes questions, which RFC 7208 §4.6.4 counts. (redirect= counts
  // likewise where it is followed.)
  [[nodiscard]] bool asks() const;
  // Of kIp4 and kIp6: the network has `client`. IPv4 clients are only in networks of kIp4.
  [[nodiscard]] bool HoldsClient(const IpAddress& client) const;
  // Of kA and kMx: `client` is in the network around `address`.
  [[nodiscard]] bool Matches(const IpAddress& address, const IpAddress& client) const;
};

// A record of which every term follows the syntax. `text` of Parse must outlive it.
class Record {
 public:
  // `text` must be a record by IsRecord. Empty for any syntax error, wherever it is (RFC 7208
  // §4.6), and for a second redirect= or exp= (§6).
  [[nodiscard]] static std::optional<Record> Parse(std::string_view text);

  // Takes the terms one by one, so that a record of 64 KiB takes no more memory than its text.
  class Terms {
   public:
    explicit Terms(const Record& record) : rest_(record.terms_) {}
    // Empty at the end.
    [[nodiscard]] std::optional<Term> Next();

   private:
    std::string_view rest_;
  };

  // The domain-specs of the two modifiers; empty: there is none.
  [[nodiscard]] std::string_view redirect() const { return redirect_; }
  [[nodiscard]] std::string_view explanation() const { return explanation_; }

 private:
  explicit Record(std::string_view terms) : terms_(terms) {}

  std::string_view terms_;
  std::string_view redirect_;
  std::string_view explanation_;
};

}  // namespace helovet::spf

#endif  // HELOVET_CORE_CHECKS_SPF_RECORD_H_
