#include "dns/master_file.h"

#include <ostream>
#include <string>
#include <vector>

#include "dns/record_data.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

constexpr int kSoaType = 6;

std::string Hex(const std::string& octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    text += {kDigits[value >> 4], kDigits[value & 0xf]};
  }
  return text;
}

// "OWNER TTL TYPE DATA", the data in hexadecimal where DnsType does not know the type.
std::string Describe(const MasterRecord& record) {
  std::string text = record.owner.ToString() + ' ' + std::to_string(record.ttl) + ' ';
  const std::vector<std::uint8_t> rdata(record.rdata.begin(), record.rdata.end());
  const auto type = KnownType(record.type);
  if (!type) return text + "TYPE" + std::to_string(record.type) + ' ' + Hex(record.rdata);
  const auto data = ReadData(rdata, 0, rdata.size(), *type);
  if (!data) return text + "malformed";
  return text + std::string(ToString(*type)) + ' ' +
         DnsRecord{.owner = record.owner, .type = *type, .ttl = 0, .data = *data}.DataToString();
}

// Every record of `text`, or what its first error says, as the last line.
std::string Read(const std::string& text) {
  std::string result;
  MasterFile file("zone", text);
  while (true) {
    const auto record = file.Next();
    if (!record) return result + record.error().ToString() + '\n';
    if (!*record) return result;
    result += Describe(**record) + '\n';
  }
}

struct Case {
  std::string what;
  std::string text;
  std::string want;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(Read(c.text), c.want) << c.what << '\n' << c.text;
}

TEST(MasterFileTest, ReadsRfc1035Entries) {
  const std::string start = "$ORIGIN example.org.\n$TTL 60\n";
  Check({
      {"nothing", "", ""},
      {"only white space and comments", "\n  \t\r\n; c\n   ; \"(\n;\n", ""},
      {"the example of RFC 1035 §5.3, in short",
       "@   IN  SOA     VENERA.example.      Action\\.domains.example. (\n"
       "                                 20     ; SERIAL\n"
       "                                 7200   ; REFRESH\n"
       "                                 600    ; RETRY\n"
       "                                 3600000; EXPIRE\n"
       "                                 60)    ; MINIMUM\n",
       "zone:1:1: '@' is relative to an origin, but no $ORIGIN comes before it\n"},
      {"relative and absolute owners", start + "a A 192.0.2.1\nb.net. A 192.0.2.2\n@ A 192.0.2.3\n",
       "a.example.org 60 A 192.0.2.1\nb.net 60 A 192.0.2.2\nexample.org 60 A 192.0.2.3\n"},
      {"owner left out", start + "a A 192.0.2.1\n A 192.0.2.2\n\tA 192.0.2.3\n",
       "a.example.org 60 A 192.0.2.1\na.example.org 60 A 192.0.2.2\na.example.org 60 A "
       "192.0.2.3\n"},
      {"$ORIGIN inside, absolute and relative",
       start + "$ORIGIN sub\na A 192.0.2.1\n$ORIGIN net.\n A 192.0.2.2\nb A 192.0.2.3\n",
       "a.sub.example.org 60 A 192.0.2.1\na.sub.example.org 60 A 192.0.2.2\nb.net 60 A "
       "192.0.2.3\n"},
      {"the root as origin", "$ORIGIN .\na 60 PTR b\n", "a 60 PTR b\n"},
      {"TTL and class in both orders",
       start + "a 5 IN A 192.0.2.1\na IN 6 A 192.0.2.2\na in A 192.0.2.3\na class1 A 192.0.2.4\n",
       "a.example.org 5 A 192.0.2.1\na.example.org 6 A 192.0.2.2\n"
       "a.example.org 60 A 192.0.2.3\na.example.org 60 A 192.0.2.4\n"},
      {"owners that look like classes, types and numbers",
       start + "IN IN A 192.0.2.1\nA A 192.0.2.2\n60 A 192.0.2.3\nTXT 7 TXT TXT\n",
       "in.example.org 60 A 192.0.2.1\na.example.org 60 A 192.0.2.2\n"
       "60.example.org 60 A 192.0.2.3\ntxt.example.org 7 TXT \"TXT\"\n"},
      {"types in any case", start + "a sRv 1 2 0 b\na Type1 \\# 4 C0000201\n",
       "a.example.org 60 SRV 1 2 0 b.example.org\na.example.org 60 A 192.0.2.1\n"},
      {"names in data",
       start + "a SRV 1 2 0 @\na SRV 1 2 0 .\na PTR x.net.\na CNAME *.b\n"
               "a MX 10 @\na MX 0 .\n",
       "a.example.org 60 SRV 1 2 0 example.org\na.example.org 60 SRV 1 2 0 .\n"
       "a.example.org 60 PTR x.net\na.example.org 60 CNAME *.b.example.org\n"
       "a.example.org 60 MX 10 example.org\na.example.org 60 MX 0 .\n"},
      {"a dot that is escaped ends no name", start + "a\\. PTR b\\.\nc PTR d\\\\.\n",
       "a\\..example.org 60 PTR b\\..example.org\nc.example.org 60 PTR d\\\\\n"},
      {"escapes in names", start + "a\\ b\\;\\(\\\"\\065 A 192.0.2.1\n",
       "a\\032b;(\"a.example.org 60 A 192.0.2.1\n"},
      {"no final newline", start + "a A 192.0.2.1", "a.example.org 60 A 192.0.2.1\n"},
      {"no final newline after a comment", start + "a A 192.0.2.1;c",
       "a.example.org 60 A 192.0.2.1\n"},
      {"CRLF", "$ORIGIN example.org.\r\n$TTL 60\r\na TXT \"x\"\r\n A ( 192.0.2.1\r\n )\r\n",
       "a.example.org 60 TXT \"x\"\na.example.org 60 A 192.0.2.1\n"},
      {"octets beyond ASCII", start + "\xc3\xa4 TXT \xc3\xa9 \"\xff\"\n",
       "\\195\\164.example.org 60 TXT \"\\195\\169\\255\"\n"},
  });
}

TEST(MasterFileTest, ReadsParentheses) {
  const std::string start = "$ORIGIN example.org.\n$TTL 60\n";
  Check({
      {"over lines, with comments and blank lines",
       start + "a TXT ( x ; one (\n\n y\n z )\nb A 192.0.2.1\n",
       "a.example.org 60 TXT \"xyz\"\nb.example.org 60 A 192.0.2.1\n"},
      {"close to words", start + "a TXT(x)y(\nz)\n", "a.example.org 60 TXT \"xyz\"\n"},
      {"around all", start + "( a A 192.0.2.1 )\n", "a.example.org 60 A 192.0.2.1\n"},
      {"after the owner", start + "a (\nA 192.0.2.1)\n", "a.example.org 60 A 192.0.2.1\n"},
      {"lines inside have no owner", start + "a MX 10 (\nm\n)\nc A 192.0.2.1\n",
       "a.example.org 60 MX 10 m.example.org\n"
       "c.example.org 60 A 192.0.2.1\n"},
      {"empty", start + "()\na A 192.0.2.1\n", "a.example.org 60 A 192.0.2.1\n"},
      {"in quotes, escaped and in comments", start + "a TXT \"(\" \\( \\) ; (\n",
       "a.example.org 60 TXT \"(()\"\n"},
      {"never closed", start + "a A 192.0.2.1 (\nb A 192.0.2.2\n",
       "zone:3:15: a parenthesis that is never closed\n"},
      {"never opened", start + "a A 192.0.2.1 )\n",
       "zone:3:15: a closing parenthesis that was never opened\n"},
      {"nested", start + "a TXT ((x))\n", "zone:3:8: a parenthesis inside parentheses\n"},
  });
  std::string deep = start + "a TXT ";
  deep.append(1000000, '(');
  EXPECT_EQ(Read(deep), "zone:3:8: a parenthesis inside parentheses\n");
}

TEST(MasterFileTest, ReadsTtls) {
  const std::string origin = "$ORIGIN example.org.\n";
  const std::string a = "a A 192.0.2.1\n";
  Check({
      // RFC 2308 §4, RFC 1035 §5.1; the last as NSD has it.
      {"$TTL", origin + "$TTL 5\n" + a + "$ttl 6\n" + a,
       "a.example.org 5 A 192.0.2.1\na.example.org 6 A 192.0.2.1\n"},
      {"$TTL before the last one", origin + "$TTL 5\na 9 A 192.0.2.1\n" + a,
       "a.example.org 9 A 192.0.2.1\na.example.org 5 A 192.0.2.1\n"},
      {"the last one", origin + "a 9 A 192.0.2.1\n" + a,
       "a.example.org 9 A 192.0.2.1\na.example.org 9 A 192.0.2.1\n"},
      {"neither", origin + a, "a.example.org 3600 A 192.0.2.1\n"},
      {"zero", origin + "$TTL 0\n" + a, "a.example.org 0 A 192.0.2.1\n"},
      {"units", origin + "$TTL 1w2d3H4m5S\n" + a + "a 1h30 A 192.0.2.1\n",
       "a.example.org 788645 A 192.0.2.1\na.example.org 3630 A 192.0.2.1\n"},
      {"the longest, RFC 2181 §8", origin + "a 2147483647 A 192.0.2.1\n",
       "a.example.org 2147483647 A 192.0.2.1\n"},
      {"longer", origin + "a 2147483648 A 192.0.2.1\n", "zone:2:3: '2147483648' is not a TTL\n"},
      {"more than 32 bits", origin + "a 4294967296 A 192.0.2.1\n",
       "zone:2:3: '4294967296' is not a TTL\n"},
      {"more than 64 bits", origin + "a 18446744073709551617 A 192.0.2.1\n",
       "zone:2:3: '18446744073709551617' is not a TTL\n"},
      {"unit that overflows", origin + "a 99999w A 192.0.2.1\n",
       "zone:2:3: '99999w' is not a TTL\n"},
      {"unknown unit", origin + "a 1x A 192.0.2.1\n", "zone:2:3: '1x' is not a TTL\n"},
      {"two", origin + "a 1 2 A 192.0.2.1\n", "zone:2:5: '2' is not a known record type\n"},
      {"$TTL of words", origin + "$TTL abc\n", "zone:2:6: 'abc' is not a TTL\n"},
      {"$TTL of nothing", origin + "$TTL\n", "zone:2:1: $TTL takes one time\n"},
      {"$TTL of two", origin + "$TTL 1 2\n", "zone:2:8: $TTL takes one time\n"},
  });
}

TEST(MasterFileTest, ReadsStrings) {
  const std::string start = "$ORIGIN example.org.\n$TTL 60\n";
  const std::string most(255, 'x');
  Check({
      {"quoted and not", start + "a TXT x \"y z\" \"\" \"a\"\"b\"\n",
       "a.example.org 60 TXT \"xy zab\"\n"},
      {"comment signs", start + "a TXT \"a;b\" c\\;d e;f\n", "a.example.org 60 TXT \"a;bc;de\"\n"},
      {"escapes", start + "a TXT \"\\\"\\\\\\065\\000\" \\065\\\"\n",
       "a.example.org 60 TXT \"\\\"\\\\A\\000A\\\"\"\n"},
      {"255 octets", start + "a TXT " + most + "\n", "a.example.org 60 TXT \"" + most + "\"\n"},
      {"256 octets", start + "a TXT x" + most + "\n",
       "zone:3:7: a string of more than 255 octets\n"},
      {"256 octets as escapes", start + "a TXT \\065" + most + "\n",
       "zone:3:7: a string of more than 255 octets\n"},
      {"broken escapes", start + "a TXT \\256\n",
       "zone:3:7: an escape is neither \\X nor \\000 to \\255\n"},
      {"short escape", start + "a TXT \"\\1\"\n",
       "zone:3:8: an escape is neither \\X nor \\000 to \\255\n"},
      {"no end on the line", start + "a TXT \"abc\nb TXT \"d\"\n",
       "zone:3:11: a quoted string must end on its line\n"},
      {"no end at all", start + "a TXT \"abc", "zone:3:11: a quoted string must end on its line\n"},
      {"escaped end", start + "a TXT \"abc\\\"\n",
       "zone:3:13: a quoted string must end on its line\n"},
      {"mark in a word", start + "a TXT a\"b c\"d\n", "zone:3:8: a quotation mark inside a word\n"},
      {"backslash at the end of the line", start + "a TXT x\\\n",
       "zone:3:9: a backslash with nothing after it\n"},
      {"and of a line with CRLF", start + "a TXT x\\\r\n",
       "zone:3:9: a backslash with nothing after it\n"},
      {"and of the file", start + "a TXT x\\", "zone:3:9: a backslash with nothing after it\n"},
      {"and in quotes", start + "a TXT \"x\\\n\"\n",
       "zone:3:10: a backslash with nothing after it\n"},
      {"a NUL octet", start + std::string("a TXT x\0y\n", 10), "zone:3:8: a NUL octet\n"},
      {"in quotes", start + std::string("a TXT \"\0\"\n", 10), "zone:3:8: a NUL octet\n"},
      {"escaped", start + std::string("a TXT \\\0\n", 9), "zone:3:8: a NUL octet\n"},
      {"in a comment", start + std::string("a TXT x;\0y\n", 11), "a.example.org 60 TXT \"x\"\n"},
  });
}

TEST(MasterFileTest, SaysWhatIsWrong) {
  const std::string start = "$ORIGIN example.org.\n$TTL 60\n";
  const std::string label(64, 'a');
  Check({
      {"no owner yet", start + " A 192.0.2.1\n", "zone:3:2: the first record has no owner\n"},
      {"no origin for a name in data", "a. SRV 1 2 0 b\n",
       "zone:1:14: 'b' is relative to an origin, but no $ORIGIN comes before it\n"},
      {"no origin for $ORIGIN", "$ORIGIN example.org\n",
       "zone:1:9: 'example.org' is relative to an origin, but no $ORIGIN comes before it\n"},
      {"only an owner", start + "a\n", "zone:3:1: a record without a type\n"},
      {"only owner, TTL and class", start + "a 60 IN\n", "zone:3:6: a record without a type\n"},
      {"class", start + "a CH TXT x\n", "zone:3:3: the class must be IN\n"},
      {"class by number", start + "a 5 class3 TXT x\n", "zone:3:5: the class must be IN\n"},
      {"two classes", start + "a IN IN A 192.0.2.1\n",
       "zone:3:6: 'IN' is not a known record type\n"},
      {"type", start + "a FOO x\n", "zone:3:3: 'FOO' is not a known record type\n"},
      {"type number", start + "a TYPE65536 \\# 0\n",
       "zone:3:3: 'TYPE65536' is not a known record type\n"},
      {"type 0", start + "a TYPE0 \\# 0\n", "zone:3:3: 'TYPE0' is not a known record type\n"},
      {"type and letters", start + "a TYPE1x \\# 0\n",
       "zone:3:3: 'TYPE1x' is not a known record type\n"},
      {"quoted type", start + "a \"A\" 192.0.2.1\n", "zone:3:4: 'A' is not a known record type\n"},
      {"a type of questions", start + "a ANY x\n",
       "zone:3:3: 'ANY' is not a type of records in a zone\n"},
      {"OPT", start + "a TYPE41 \\# 0\n",
       "zone:3:3: 'TYPE41' is not a type of records in a zone\n"},
      {"octets in a message", start + "a \xff\n", "zone:3:3: '\\xff' is not a known record type\n"},
      {"a long word in a message", start + "a " + std::string(100, 'b') + "\n",
       "zone:3:3: '" + std::string(60, 'b') + "...' is not a known record type\n"},
      {"$INCLUDE", start + "$INCLUDE /etc/passwd\n",
       "zone:3:1: $INCLUDE is not supported; put the file's text here\n"},
      {"$GENERATE", start + "$GENERATE 1-3 a$ A 192.0.2.$\n",
       "zone:3:1: '$GENERATE' is not a known directive\n"},
      {"$ORIGIN of nothing", "$ORIGIN\n", "zone:1:1: $ORIGIN takes one name\n"},
      {"$ORIGIN of two", "$ORIGIN a. b.\n", "zone:1:12: $ORIGIN takes one name\n"},
      {"empty label", start + "a..b A 192.0.2.1\n", "zone:3:1: 'a..b' is not a domain name\n"},
      {"64 octets in a label", start + label + " A 192.0.2.1\n",
       "zone:3:1: '" + label.substr(0, 60) + "...' is not a domain name\n"},
      {"too long with the origin",
       start + "a PTR " + std::string(62, 'a') + "." + std::string(62, 'a') + "." +
           std::string(62, 'a') + "." + std::string(62, 'a') + "\n",
       "zone:3:7: '" + label.substr(0, 60) + "...' is not a domain name\n"},
      {"quoted owner", start + "\"a\" A 192.0.2.1\n", "zone:3:2: 'a' is not a domain name\n"},
      {"quoted name", start + "a PTR \"b\"\n", "zone:3:8: a quoted string is not meant here\n"},
      {"quoted address", start + "a A \"192.0.2.1\"\n",
       "zone:3:6: a quoted string is not meant here\n"},
      {"address", start + "a A 192.0.2.256\n",
       "zone:3:5: '192.0.2.256' is not what this type of record holds\n"},
      {"leading zero", start + "a A 192.0.2.01\n",
       "zone:3:5: '192.0.2.01' is not what this type of record holds\n"},
      {"IPv6 in an A", start + "a A ::1\n",
       "zone:3:5: '::1' is not what this type of record holds\n"},
      {"IPv4 in an AAAA", start + "a AAAA 192.0.2.1\n",
       "zone:3:8: '192.0.2.1' is not what this type of record holds\n"},
      {"two addresses", start + "a A 192.0.2.1 192.0.2.2\n",
       "zone:3:15: more data than type A has\n"},
      {"no address", start + "a A\n", "zone:3:3: less data than type A needs\n"},
      {"no string", start + "a TXT\n", "zone:3:3: less data than type TXT needs\n"},
      {"half an SRV", start + "a SRV 1 2\n", "zone:3:9: less data than type SRV needs\n"},
      {"the line of an error in parentheses", start + "\n\na SRV ( 1\n2\nx b )\n",
       "zone:7:1: 'x' is not a number from 0 to 65535\n"},
  });
}

// What ldns 1.8.3 alone makes of these stands in the comments.
TEST(MasterFileTest, DoesNotTakeOverWhatLdnsMisreads) {
  const std::string start = "$ORIGIN example.org.\n$TTL 60\n";
  Check({
      // SRV 4464 65534 0
      {"numbers out of range", start + "a SRV 70000 2 0 t\n",
       "zone:3:7: '70000' is not a number from 0 to 65535\n"},
      {"negative numbers", start + "a SRV 1 -2 0 t\n",
       "zone:3:9: '-2' is not a number from 0 to 65535\n"},
      {"numbers of 8 bits", start + "a NSEC3PARAM 1 256 0 -\n",
       "zone:3:16: '256' is not a number from 0 to 255\n"},
      // example.org, as if for "@"
      {"owners that begin with @", start + "@x A 192.0.2.1\n", "@x.example.org 60 A 192.0.2.1\n"},
      {"names that begin with @", start + "a PTR @.b.\na PTR \\@\n",
       "a.example.org 60 PTR @.b\na.example.org 60 PTR @.example.org\n"},
      // A under the TTL 1; 3600; 0
      {"TTLs with wrong units", start + "a 1x A 192.0.2.1\n", "zone:3:3: '1x' is not a TTL\n"},
      {"wrong $TTL", start + "$TTL x\na A 192.0.2.1\n", "zone:3:6: 'x' is not a TTL\n"},
      {"TTLs beyond 32 bits", start + "a 4294967296 A 192.0.2.1\n",
       "zone:3:3: '4294967296' is not a TTL\n"},
      // The first half of the file, silently
      {"parenthesis never closed", start + "a A 192.0.2.1 (",
       "zone:3:15: a parenthesis that is never closed\n"},
      // "abc", silently
      {"string never closed", start + "a TXT \"abc\n",
       "zone:3:11: a quoted string must end on its line\n"},
      // Relative to the root
      {"relative $ORIGIN", start + "$ORIGIN sub\na A 192.0.2.1\n",
       "a.sub.example.org 60 A 192.0.2.1\n"},
      // A record of type 0
      {"unknown directives", start + "$FOO x\n", "zone:3:1: '$FOO' is not a known directive\n"},
      // Syntax error
      {"TTL after the class", start + "a IN 5 A 192.0.2.1\n", "a.example.org 5 A 192.0.2.1\n"},
      {"a line that begins with a parenthesis", start + "(a A 192.0.2.1)\n",
       "a.example.org 60 A 192.0.2.1\n"},
      {"a CAA value without quotes", start + "a CAA 0 issue ca.net\n",
       "a.example.org 60 TYPE257 0005697373756563612e6e6574\n"},
      // Records of class CH beside the others
      {"other classes", start + "a CH TXT x\n", "zone:3:3: the class must be IN\n"},
      // Uninitialised memory
      {"odd hexadecimal digits", start + "a A \\# 4 c000020\n",
       "zone:3:10: the data after \\# are not hexadecimal\n"},
      // Later lines have wrong numbers
      {"line numbers after blank lines", "\n\n\n" + start + "\n\n\na FOO\n",
       "zone:9:3: 'FOO' is not a known record type\n"},
  });
  // Lines of more than LDNS_MAX_LINELEN, and data that do not fit LDNS_MAX_PACKETLEN as text.
  std::string long_line = start + "a TXT";
  std::string want = "a.example.org 60 TXT \"";
  for (int i = 0; i < 250; ++i) {
    long_line += " \"" + std::string(255, 'x') + '"';
    want += std::string(255, 'x');
  }
  EXPECT_EQ(Read(long_line + "\nb A 192.0.2.1\n"), want + "\"\nb.example.org 60 A 192.0.2.1\n");
  for (int i = 0; i < 10; ++i) long_line += " \"" + std::string(255, 'x') + '"';
  EXPECT_EQ(Read(long_line), "zone:3:65798: more than 65535 octets of data\n");
}

TEST(MasterFileTest, ReadsOtherTypes) {
  const std::string start = "$ORIGIN o.\n$TTL 60\n";
  Check({
      {"SOA", start + "@ SOA ns host 1 2h 3 4 5\n",
       "o 60 TYPE6 026e73016f0004686f7374016f000000000100001c20000000030000000400000005\n"},
      {"SOA before any $ORIGIN", "O. SOA ns @ 1 2 3 4 5\nA A 192.0.2.1\n",
       "o 3600 TYPE6 026e73016f00016f000000000100000002000000030000000400000005\n"
       "a.o 3600 A 192.0.2.1\n"},
      {"NS", start + "@ NS ns\n", "o 60 TYPE2 026e73016f00\n"},
      {"KX (RFC 2230 §3)", start + "@ KX 10 m\n", "o 60 TYPE36 000a016d016f00\n"},
      {"SSHFP over tokens", start + "@ SSHFP 1 1 (abcd\n ef01)\n", "o 60 TYPE44 0101abcdef01\n"},
      {"NAPTR", start + "@ NAPTR 1 2 \"u\" \"E2U+sip\" \"!^.*$!x!\" .\n",
       "o 60 TYPE35 00010002017507453255"
       "2b736970"
       "08215e2e2a2421782100\n"},
      {"SVCB with quotes inside", start + "@ HTTPS 1 . alpn=\"h2,h3\" port=8443\n",
       "o 60 TYPE65 000100000100060268320268330003000220fb\n"},
      {"HIP", start + "@ HIP 2 20010db8 AQID rvs\n",
       "o 60 TYPE55 0402000320010db801020303727673016f00\n"},
      {"RFC 3597 §5: any type", start + "@ TYPE65280 \\# 3 ab cd 01\n@ TYPE65280 \\# 0\n",
       "o 60 TYPE65280 abcd01\no 60 TYPE65280 \n"},
      {"known types in that form", start + "@ SRV \\# 9 0001 0002 0000 016d 00\n",
       "o 60 SRV 1 2 0 m\n"},
      {"data that are not the type's", start + "@ A \\# 3 c00002\n",
       "zone:3:8: the data are not those of type A\n"},
      {"SOA that is none", start + "@ SOA \\# 2 0000\n",
       "zone:3:10: the data are not those of type SOA\n"},
      {"a name that is none", start + "@ NS \\# 1 01\n",
       "zone:3:9: the data are not those of type NS\n"},
      {"a pointer into nowhere", start + "@ CNAME \\# 2 c00c\n",
       "zone:3:12: the data are not those of type CNAME\n"},
      {"a pointer at itself", start + "@ CNAME \\# 2 c000\n",
       "zone:3:12: the data are not those of type CNAME\n"},
      {"strings over the end", start + "@ TXT \\# 2 0561\n",
       "zone:3:10: the data are not those of type TXT\n"},
      {"other length", start + "@ A \\# 5 c0000201\n",
       "zone:3:8: the data have another length than \\# says\n"},
      {"no length", start + "@ A \\#\n", "zone:3:5: \\# without a length\n"},
      {"length of words", start + "@ A \\# x\n", "zone:3:8: 'x' is not a length\n"},
      {"length over 16 bits", start + "@ TYPE65280 \\# 65536 00\n",
       "zone:3:16: '65536' is not a length\n"},
      {"no hexadecimal", start + "@ A \\# 4 c00002zz\n",
       "zone:3:10: the data after \\# are not hexadecimal\n"},
      {"types without a known form", start + "@ TYPE65280 abc\n",
       "zone:3:13: data of this type must have the form \\# LENGTH HEX\n"},
      {"wrong data of other types", start + "@ DS 1 8 2 xyz\n",
       "zone:3:12: 'xyz' is not what this type of record holds\n"},
  });
}

TEST(MasterFileTest, TellsTheLineOfARecord) {
  MasterFile file("zone", "\n$ORIGIN o.\n\n@ SOA ns host (\n1 2 3\n4 5 )\n\na A 192.0.2.1\n");
  const auto soa = file.Next();
  ASSERT_TRUE(soa && *soa);
  EXPECT_EQ((*soa)->type, kSoaType);
  EXPECT_EQ((*soa)->line, 4);
  const auto a = file.Next();
  ASSERT_TRUE(a && *a);
  EXPECT_EQ((*a)->line, 8);
}

}  // namespace
}  // namespace helovet
