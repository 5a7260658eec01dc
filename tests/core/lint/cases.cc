// The cases as data.
#include "lint_case.h"

namespace helovet::testing {
namespace {

using Lines = std::vector<std::string>;

// A host as BCP part 1 and CSA-02 §5 to §7 have it: record, address, name of the address, and
// Explicit at its domain.
const std::string kAddress = "mail.example.com. 3600 IN A 192.0.2.1";
const std::string kReverse = "1.2.0.192.in-addr.arpa. 3600 IN PTR mail.example.com.";
const std::string kExplicit = "_client._smtp.example.com. 3600 IN SRV 1 1 1 example.com.";
const std::string kCsa = "_client._smtp.mail.example.com. 3600 IN SRV 1 2 0 mail.example.com.";
const std::string kPointer = "mail.example.com. 3600 IN PTR _vouch._smtp.accredit.example.";
const std::string kReport = "mail.example.com.accredit.example. 3600 IN TXT \"MARID,1,A\"";

Lines operator+(Lines lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

const std::string kMailDefault = "*.ipv4.relays._email_.mail.example.com. 3600 IN A 0.0.0.0";

const Lines kHost = {kAddress, kReverse, kExplicit};
const Lines kClean = kHost + Lines{kCsa};

// `data` for the CSA record of mail.example.com.
std::string Csa(const std::string& data) {
  return "_client._smtp.mail.example.com. 3600 IN SRV " + data;
}

std::string Txt(const std::string& owner, const std::string& text) {
  return owner + " 3600 IN TXT \"" + text + "\"";
}

std::string Spf(const std::string& text) { return Txt("example.com.", "v=spf1" + text); }

// COUNT records with "#" replaced by a number from 1 on.
Lines Many(int count, const std::string& record) {
  Lines lines;
  for (int i = 1; i <= count; ++i) {
    std::string line;
    for (const char octet : record)
      line += octet == '#' ? std::to_string(i) : std::string(1, octet);
    lines.push_back(line);
  }
  return lines;
}

// Accreditors that each recommend mail.example.com.
Lines Accreditors(int count) {
  return Many(count, "mail.example.com. 3600 IN PTR _vouch._smtp.a#.accredit.example.") +
         Many(count, "mail.example.com.a#.accredit.example. 3600 IN TXT \"MARID,1,A\"");
}

std::string Hosts(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += " a:s" + std::to_string(i) + ".example.com";
  return text + " -all";
}

const Lines kHosts = Many(11, "s#.example.com. 3600 IN A 192.0.2.#");
const Lines kEntry = {Txt("1.2.0.192.in-addr._smtp-client.example.com.", "dmp=allow")};
const Lines kParticipation = {Txt("_smtp-client.example.com.", "dmp=")};
const Lines kEntries = kEntry + kParticipation;

using Id = FindingId;

Lines Chain(int aliases) {
  Lines lines;
  for (int i = 0; i < aliases; ++i) {
    lines.push_back("_client._smtp." + std::string(i == 0 ? "mail" : "c" + std::to_string(i)) +
                    ".example.com. 3600 IN CNAME _client._smtp.c" + std::to_string(i + 1) +
                    ".example.com.");
  }
  lines.push_back("_client._smtp.c" + std::to_string(aliases) +
                  ".example.com. 3600 IN SRV 1 2 0 mail.example.com.");
  return lines;
}

const std::string kLongLabel(50, 'x');
// 203 octets as text.
const std::string kLongName = kLongLabel + "." + kLongLabel + "." + kLongLabel + "." +
                              kLongLabel.substr(0, 38) + ".example.com.";
const std::string kTooLongName = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx." + kLongName;

std::vector<LintCase> GeneralCases() {
  return {
      {Id::kNotLookedAt, "RFC 1034 §4.2.1", kHost + Lines{Csa("1 2 0 mail.elsewhere.example.")},
       kClean},
      {Id::kAliasChain, "docs/rules.md §8", kHost + Lines{kPointer, kReport} + Chain(9),
       kHost + Lines{kPointer, kReport} + Chain(8)},
      {Id::kNameTooLong,
       "RFC 1035 §2.3.4",
       {kTooLongName + " 3600 IN PTR _vouch._smtp.accredit.example."},
       {kLongName + " 3600 IN PTR _vouch._smtp.accredit.example."}},
      {Id::kTtlUnequal, "RFC 2181 §5.2", kClean + Lines{"mail.example.com. 60 IN A 192.0.2.2"},
       kClean + Lines{"mail.example.com. 3600 IN A 192.0.2.2"}},
      {Id::kTtlUnequal, "RFC 2181 §5.2",
       kEntries + Lines{"1.2.0.192.in-addr._smtp-client.example.com. 60 IN TXT other"},
       kEntries + Lines{"1.2.0.192.in-addr._smtp-client.example.com. 3600 IN TXT other"}},
      // 12 + 34 for the question, 12 + 24 for the record, 16 for each address: 26 make 498.
      {Id::kReplyTooLarge, "RFC 1035 §4.2.1",
       Lines{kReverse, kExplicit, kCsa} + Many(27, "mail.example.com. 3600 IN A 192.0.2.#"),
       Lines{kReverse, kExplicit, kCsa} + Many(26, "mail.example.com. 3600 IN A 192.0.2.#")},
      {Id::kReplyTooLarge,
       "RFC 7208 §3.4",
       {Spf(" -all"), Txt("example.com.", std::string(250, 'a')),
        Txt("example.com.", std::string(250, 'b'))},
       {Spf(" -all"), Txt("example.com.", std::string(250, 'a'))}},
  };
}

std::vector<LintCase> CsaCases() {
  const std::string other = "other.example.com. 3600 IN A 192.0.2.1";
  const Lines aliased = {"alias.example.com. 3600 IN CNAME mail.example.com."};
  const Lines hosts = Many(5, "t#.example.com. 3600 IN A 192.0.2.#") +
                      Many(5, "#.2.0.192.in-addr.arpa. 3600 IN PTR t#.example.com.");
  const std::string deep = "a.b.c.d.e.example.com.";   // Seven levels.
  const std::string shallow = "b.c.d.e.example.com.";  // Six.
  return {
      {Id::kCsaNoRecord, "BCP part 1", {kAddress}, kClean, {"mail.example.com"}},
      {Id::kCsaRefusedByParent, "CSA-02 §7", kHost + Lines{kPointer, kReport},
       kClean + Lines{kPointer, kReport}},
      {Id::kCsaRefusedByParent,
       "CSA-02 §7",
       {kExplicit},
       {kExplicit, Csa("1 1 0 mail.example.com.")},
       {"mail.example.com"}},
      {Id::kCsaWrongVersion, "CSA-02 §5", kHost + Lines{Csa("2 2 0 mail.example.com.")}, kClean},
      {Id::kCsaWrongVersion, "CSA-02 §5", kClean + Lines{Csa("0 2 0 mail.example.com.")}, kClean},
      {Id::kCsaWrongVersion, "CSA-02 §5",
       kHost + Lines{Csa("0 2 0 mail.example.com."), Csa("2 2 0 mail.example.com.")}, kClean},
      {Id::kCsaReservedWeight, "CSA-02 §5", kHost + Lines{Csa("1 6 0 mail.example.com.")}, kClean},
      {Id::kCsaReservedWeight, "CSA-02 §5", kHost + Lines{Csa("1 4 0 mail.example.com.")}, kClean},
      {Id::kCsaZeroWeight, "CSA-02 §5", kHost + Lines{Csa("1 0 0 mail.example.com.")}, kClean},
      {Id::kCsaReservedPort, "CSA-02 §5", kHost + Lines{Csa("1 2 2 mail.example.com.")},
       kHost + Lines{Csa("1 2 1 mail.example.com.")}},
      {Id::kCsaConflicting, "CSA-02 §5", kClean + Lines{Csa("1 1 0 mail.example.com.")}, kClean},
      {Id::kCsaSeveralRecords, "docs/rules.md §4.3", kClean + Lines{Csa("1 2 1 mail.example.com.")},
       kClean},
      {Id::kCsaSeveralRecords, "docs/rules.md §4.3",
       kClean + Lines{Csa("1 2 0 other.example.com."), other}, kClean + Lines{other}},
      {Id::kCsaPlaceholderTarget, "CSA-02 §5", kHost + Lines{Csa("1 1 0 .")},
       kHost + Lines{Csa("1 1 0 mail.example.com.")}},
      {Id::kCsaPlaceholderTarget, "CSA-02 §5", kHost + Lines{Csa("1 3 0 other.example.com.")},
       kHost + Lines{Csa("1 3 0 mail.example.com.")}},
      {Id::kCsaTargetAlias, "RFC 2782", kHost + aliased + Lines{Csa("1 2 0 alias.example.com.")},
       kClean + aliased},
      {Id::kCsaTargetNoAddress, "CSA-02 §4", kHost + Lines{Csa("1 2 0 none.example.com.")}, kClean},
      {Id::kCsaTargetNoAddress, "CSA-02 §4", kHost + Lines{Csa("1 2 0 .")}, kClean},
      {Id::kCsaTargetNoAddress, "CSA-02 §4", {kExplicit, kCsa}, kClean},
      {Id::kCsaTooManyTargets, "docs/rules.md §4.4",
       Lines{kExplicit} + hosts + Many(5, Csa("1 2 0 t#.example.com.")),
       Lines{kExplicit} + hosts + Many(4, Csa("1 2 0 t#.example.com."))},
      {Id::kCsaExplicitTooDeep,
       "CSA-02 §6",
       {kExplicit, "_client._smtp." + deep + " 3600 IN SRV 1 1 1 " + deep},
       {kExplicit, "_client._smtp." + shallow + " 3600 IN SRV 1 1 1 " + shallow}},
      {Id::kCsaExplicitMissing, "CSA-02 §7", {kAddress, kReverse, kCsa}, kClean},
      {Id::kCsaExplicitMissing,
       "CSA-02 §7",
       {kAddress, kReverse, kCsa, "_client._smtp.example.com. 3600 IN SRV 1 1 0 example.com."},
       kClean},
      {Id::kCsaTtlDiffers, "CSA-02 §6",
       kHost + Lines{"_client._smtp.mail.example.com. 60 IN SRV 1 2 0 mail.example.com."}, kClean},
      {Id::kHostNoAddress,
       "BCP part 1",
       {kExplicit, "t.example.com. 3600 IN A 192.0.2.1",
        "1.2.0.192.in-addr.arpa. 3600 IN PTR t.example.com.", Csa("1 2 0 t.example.com.")},
       kClean},
      {Id::kHostNoAddress,
       "BCP part 1",
       {kExplicit, Csa("1 3 0 mail.example.com.")},
       kHost + Lines{Csa("1 3 0 mail.example.com.")}},
      {Id::kHostOtherAddress, "CSV-02 §B.3",
       kHost + Lines{"other.example.com. 3600 IN A 192.0.2.2", Csa("1 2 0 other.example.com.")},
       kHost + Lines{other, Csa("1 2 0 other.example.com.")}},
      {Id::kHostNoReverse, "RFC 8601 §3", {kAddress, kExplicit, kCsa}, kClean},
      {Id::kHostNoReverse,
       "RFC 8601 §3",
       {kAddress, kExplicit, kCsa, "1.2.0.192.in-addr.arpa. 3600 IN PTR pool.example.com."},
       kClean},
      {Id::kHostShared, "BCP part 1",
       Lines{kExplicit, kCsa} + Many(5, "mail.example.com. 3600 IN A 192.0.2.#"),
       Lines{kExplicit, kCsa} + Many(4, "mail.example.com. 3600 IN A 192.0.2.#")},
  };
}

std::vector<LintCase> DnaCases() {
  const Lines accredited = kClean + Lines{kPointer, kReport};
  const auto reported = [](const std::string& text) {
    return kClean + Lines{kPointer, Txt("mail.example.com.accredit.example.", text)};
  };
  return {
      {Id::kDnaTooManyAccreditors, "BCP part 1", kClean + Accreditors(7), kClean + Accreditors(6)},
      {Id::kDnaNoReport, "DNA-02 §6", kClean + Lines{kPointer}, accredited},
      {Id::kDnaReportUnreadable, "DNA-02 §6", reported("trusted since 2004"), accredited},
      {Id::kDnaReportUnreadable, "DNA-02 §6", reported("MARID,2,A"), accredited},
      {Id::kDnaNotRecommended, "DNA-02 §6", reported("MARID,1,D"), accredited},
      {Id::kDnaNotRecommended, "DNA-02 §6", reported("marid,1,e;spam"), reported("marid,1,b;")},
      {Id::kDnaNoOpinion, "DNA-02 §6", reported("MARID,1,C"), reported("MARID,1,B")},
      {Id::kDnaPointerIgnored, "DNA-02 §4",
       accredited + Lines{"mail.example.com. 3600 IN PTR _vouch._tcp.accredit.example."},
       accredited},
      {Id::kDnaContradiction, "docs/rules.md §6.1",
       accredited + Lines{Txt("mail.example.com.accredit.example.", "MARID,1,B")},
       accredited + Lines{Txt("mail.example.com.accredit.example.", "OTHER,1,B")}},
      {Id::kDnaReportMalformed,
       "DNA-02 §6",
       {Txt("mail.example.com.accredit.example.", "MARID,1,F")},
       {kReport}},
  };
}

std::vector<LintCase> DmpCases() {
  const std::string wild = "*.in-addr._smtp-client.example.com.";
  const Lines reached = {Txt(wild, "dmp=deny"),
                         Txt("*.192.in-addr._smtp-client.example.com.", "dmp=deny"),
                         Txt("*.0.192.in-addr._smtp-client.example.com.", "dmp=deny"),
                         Txt("*.2.0.192.in-addr._smtp-client.example.com.", "dmp=deny")};
  const std::string nibbles =
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._smtp-client."
      "example.com.";
  return {
      {Id::kDmpNoParticipation, "DMP-01 §4", kEntry, kEntries},
      {Id::kDmpMalformed, "DMP-01 §4",
       kParticipation + Lines{Txt("1.2.0.192.in-addr._smtp-client.example.com.", "dmp=allowed")},
       kEntries},
      {Id::kDmpMalformed, "DMP-01 §4", kEntry + Lines{Txt("_smtp-client.example.com.", "dmp=yes")},
       kEntries},
      {Id::kDmpMalformed, "DMP-01 §4", kEntries + Lines{Txt("_smtp-client.example.com.", "dmp=no")},
       kEntries + Lines{Txt("_smtp-client.example.com.", "something else")}},
      {Id::kDmpContradiction, "DMP-01 §5",
       kEntries + Lines{Txt("1.2.0.192.in-addr._smtp-client.example.com.", "dmp=deny")}, kEntries},
      {Id::kDmpAllowsAll, "DMP-01 §9.3", kParticipation + Lines{Txt(wild, "dmp=allow")},
       kParticipation + Lines{Txt(wild, "dmp=deny")}},
      {Id::kDmpAllowsAll, "DMP-01 §9.3",
       kParticipation + Lines{Txt("*.ip6._smtp-client.example.com.", "DMP=Allow")},
       kParticipation + Lines{Txt(nibbles, "dmp=allow")}},
      {Id::kDmpWildcardShort, "RFC 4592 §2.2.3", kEntries + Lines{Txt(wild, "dmp=deny")},
       kEntries + reached},
      {Id::kDmpEntryName, "DMP-01 §4",
       kEntries + Lines{Txt("2.0.192.in-addr._smtp-client.example.com.", "dmp=allow")},
       kEntries + Lines{Txt("*._smtp-client.example.com.", "dmp=deny")}},
      {Id::kDmpEntryName, "DMP-01 §4",
       kEntries + Lines{Txt("256.2.0.192.in-addr._smtp-client.example.com.", "dmp=allow")},
       kEntries},
      {Id::kDmpEntryName, "DMP-01 §4",
       kEntries + Lines{Txt("1.2.0.192.in-addr.arpa._smtp-client.example.com.", "dmp=allow")},
       kEntries},
  };
}

std::vector<LintCase> DripCases() {
  const std::string relay = "192_0_2_1.ipv4.relays._email_.example.com. 3600 IN A ";
  const std::string wild = "*.ipv4.relays._email_.example.com. 3600 IN A ";
  const std::string relay6 =
      "2001_0db8_0000_0000_0000_0000_0000_0001.ipv6.relays._email_.example.com. 3600 IN AAAA ";
  const std::string short6 = "2001_db8__1.ipv6.relays._email_.example.com. 3600 IN AAAA ";
  return {
      {Id::kDripSeveralRecords,
       "DRIP-02 §4.2",
       {relay + "192.0.2.1", relay + "192.0.2.2"},
       {relay + "192.0.2.1"}},
      {Id::kDripSeveralRecords,
       "DRIP-02 §4.2",
       {wild + "0.0.0.0", wild + "0.0.0.1"},
       {wild + "0.0.0.0"}},
      {Id::kDripNotEqual, "DRIP-02 §4.2", {relay + "192.0.2.2"}, {relay + "192.0.2.1"}},
      {Id::kDripNotEqual, "DRIP-02 §3.2", {relay + "192.0.2.2"}, {relay + "0.0.0.0"}},
      {Id::kDripNotEqual,
       "DRIP-02 §3.5.1",
       kClean + Lines{kMailDefault},
       {kAddress, kMailDefault},
       {"mail.example.com"}},
      {Id::kDripNotEqual, "DRIP-02 §3.4", {relay6 + "2001:db8::2"}, {relay6 + "2001:db8::1"}},
      {Id::kDripEntryName, "DRIP-02 §3.4", {short6 + "2001:db8::1"}, {relay6 + "2001:db8::1"}},
      {Id::kDripEntryName,
       "DRIP-02 §3.3",
       {"192.0.2.1.ipv4.relays._email_.example.com. 3600 IN A 192.0.2.1"},
       {relay + "192.0.2.1"}},
  };
}

std::vector<LintCase> SpfCases() {
  const Lines mail = {"a.example.com. 3600 IN A 192.0.2.1"};
  const Lines exchanges = Many(11, "example.com. 3600 IN MX # m#.example.com.");
  return {
      {Id::kSpfSyntax,
       "RFC 7208 §4.6",
       {Spf(" ipv4:192.0.2.1 -all")},
       {Spf(" ip4:192.0.2.1 -all")}},
      {Id::kSpfSyntax,
       "RFC 7208 §6",
       {Spf(" exp=a.example.com exp=b.example.com -all")},
       {Spf(" exp=a.example.com -all")}},
      {Id::kSpfSeveralRecords,
       "RFC 7208 §4.5",
       {Spf(" -all"), Spf(" ~all")},
       {Spf(" -all"), Txt("example.com.", "v=spf10 ~all")}},
      {Id::kSpfTooManyLookups, "RFC 7208 §4.6.4", kHosts + Lines{Spf(Hosts(11))},
       kHosts + Lines{Spf(Hosts(10))}},
      {Id::kSpfTooManyLookups, "RFC 7208 §4.6.4", exchanges + Lines{Spf(" mx -all")},
       Many(10, "example.com. 3600 IN MX # m#.example.com.") + Lines{Spf(" mx -all")}},
      // A record that includes itself.
      {Id::kSpfTooManyLookups,
       "RFC 7208 §4.6.4",
       {Spf(" include:example.com -all")},
       {Spf(" -all include:example.com")}},
      {Id::kSpfVoidLookups,
       "RFC 7208 §4.6.4",
       {Spf(" a:x.example.com mx:y.example.com exists:z.example.com -all")},
       {Spf(" a:x.example.com mx:y.example.com exists:%{i}.example.com -all")}},
      {Id::kSpfVoidLookups,
       "RFC 7208 §4.6.4",
       {Spf(" include:s.example.com a -all"),
        Txt("s.example.com.", "v=spf1 a:x.example.com mx:y.example.com exists:z.example.com -all")},
       {Spf(" include:s.example.com a -all"),
        Txt("s.example.com.", "v=spf1 a:x.example.com -all")}},
      {Id::kSpfBadInclude,
       "RFC 7208 §5.2",
       {Spf(" include:none.example.com -all")},
       {Spf(" include:s.example.com -all"), Txt("s.example.com.", "v=spf1 -all")}},
      {Id::kSpfBadInclude,
       "RFC 7208 §6.1",
       {Spf(" redirect=none.example.com")},
       {Spf(" redirect=s.example.com"), Txt("s.example.com.", "v=spf1 -all")}},
      {Id::kSpfPassesAll, "RFC 7208 §11.4", {Spf(" +all")}, {Spf(" ~all")}},
      {Id::kSpfPassesAll,
       "RFC 7208 §11.4",
       {Spf(" ip4:0.0.0.0/0 -all")},
       {Spf(" ip4:0.0.0.0/1 -all")}},
      {Id::kSpfPassesAll,
       "RFC 7208 §5.2",
       {Spf(" include:s.example.com -all"), Txt("s.example.com.", "v=spf1 all")},
       {Spf(" ?include:s.example.com -all"), Txt("s.example.com.", "v=spf1 ?all")}},
      {Id::kSpfNoAll, "RFC 7208 §4.7", mail + Lines{Spf(" a:a.example.com")},
       mail + Lines{Spf(" a:a.example.com ?all")}},
      {Id::kSpfAfterAll,
       "RFC 7208 §5.1",
       {Spf(" -all ip4:192.0.2.1")},
       {Spf(" ip4:192.0.2.1 -all exp=why.example.com")}},
      {Id::kSpfAfterAll, "RFC 7208 §6.1", {Spf(" redirect=a.example.com -all")}, {Spf(" -all")}},
      {Id::kSpfPtr, "RFC 7208 §5.5", {Spf(" ptr -all")}, {Spf(" ip4:192.0.2.1 -all")}},
      {Id::kSpfType, "RFC 7208 §3.1", {"example.com. 3600 IN SPF \"v=spf1 -all\""}, {Spf(" -all")}},
      {Id::kSpfType,
       "RFC 7208 §3.1",
       {"example.com. 3600 IN SPF \"v=spf1 -all\"", Spf(" -all")},
       {Spf(" -all")}},
  };
}

std::vector<LintCase> RmxCases() {
  const std::string owner = "_rmx.example.com.";
  return {
      {Id::kRmxSyntax,
       "RMX-04 §4",
       {Txt(owner, "ipv4:192.0.2.0/24 ipv4:300.0.2.1")},
       {Txt(owner, "ipv4:192.0.2.0/24 !ipv4:192.0.2.1")}},
      {Id::kRmxSyntax, "RMX-04 §6.2", {Txt(owner, "host")}, {Txt(owner, "host:mail.example.com")}},
      {Id::kRmxSyntax,
       "RMX-04 §4",
       {Txt(owner, "full:"), Txt("user." + owner, "!unused:")},
       {Txt(owner, "full:"), Txt("user." + owner, "unused:")}},
  };
}

}  // namespace

const std::vector<LintCase>& LintCases() {
  static const std::vector<LintCase> cases = [] {
    std::vector<LintCase> all;
    for (std::vector<LintCase> part : {GeneralCases(), CsaCases(), DnaCases(), DmpCases(),
                                       DripCases(), SpfCases(), RmxCases()}) {
      std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    return all;
  }();
  return cases;
}

}  // namespace helovet::testing
