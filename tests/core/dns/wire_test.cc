// DNS messages: what is sent, and that no octets whatever are read wrongly.
#include "dns/wire.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/dns/reply_builder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kPointerToQuestion;
using testing::Octets;
using testing::ReplyBuilder;
using testing::Section;
using ::testing::SizeIs;
using testing::ToOctets;
using testing::Uint16;
using testing::Uint32;
using testing::WireName;

constexpr std::uint16_t kId = 0x1234;
constexpr std::uint16_t kClassChaos = 3;
constexpr std::uint32_t kRrsig = 46;
const std::string kAddress("\xc0\x00\x02\x01", 4);

DnsQuestion Question(DnsType type = DnsType::kA, std::string_view name = "mail.example") {
  return {*DnsName::Parse(name), type};
}

ReplyBuilder ReplyTo(const DnsQuestion& question) {
  return ReplyBuilder::To(EncodeQuery(question, kId, true));
}

// "name TTL data" of each record.
std::vector<std::string> ToText(const std::vector<DnsRecord>& records) {
  std::vector<std::string> lines;
  for (const DnsRecord& record : records) {
    lines.push_back(record.owner.ToString() + " " + std::to_string(record.ttl) + " " +
                    record.DataToString());
  }
  return lines;
}

TEST(EncodeQuery, HasTheLayoutOfRfc1035) {
  const Octets got = EncodeQuery(Question(DnsType::kSrv, "a.Example"), 0xabcd, false);
  // §4.1.1: id, RD, one question; AD by RFC 6840 §5.7.
  const Octets want = ToOctets(std::string("\xab\xcd\x01\x20\0\x01\0\0\0\0\0\0", 12) +
                               WireName("a.example") + std::string("\0\x21\0\x01", 4));
  EXPECT_EQ(got, want);
}

TEST(EncodeQuery, AddsAnOptRecord) {
  const Octets plain = EncodeQuery(Question(), kId, false);
  Octets got = EncodeQuery(Question(), kId, true);
  ASSERT_EQ(got.size(), plain.size() + 11);
  EXPECT_EQ(got[11], 1) << "ARCOUNT";
  // RFC 6891 §6.1.2: root, type 41, 1232 octets, no flags, no options.
  EXPECT_EQ(Octets(got.end() - 11, got.end()),
            ToOctets(std::string("\0\0\x29\x04\xd0\0\0\0\0\0\0", 11)));
}

TEST(EncodeQuery, CarriesTheLongestName) {
  const std::string label(63, 'x');
  const std::string name = label + "." + label + "." + label + "." + std::string(61, 'x');
  EXPECT_EQ(EncodeQuery(Question(DnsType::kTxt, name), kId, true).size(), 12U + 255 + 4 + 11);
}

TEST(DecodeReply, ReadsEachType) {
  const struct {
    DnsType type;
    std::string data;
    std::string want;
  } cases[] = {
      {DnsType::kA, kAddress, "mail.example 300 192.0.2.1"},
      {DnsType::kAaaa, std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16),
       "mail.example 300 2001:db8::1"},
      {DnsType::kCname, WireName("Other.Example"), "mail.example 300 other.example"},
      {DnsType::kPtr, std::string("\x01") + "a" + std::string(kPointerToQuestion),
       "mail.example 300 a.mail.example"},
      {DnsType::kPtr, std::string(1, '\0'), "mail.example 300 ."},
      {DnsType::kSrv, Uint16(1) + Uint16(2) + Uint16(3) + std::string(kPointerToQuestion),
       "mail.example 300 1 2 3 mail.example"},
      {DnsType::kMx, Uint16(10) + "\x01" + "a" + std::string(kPointerToQuestion),
       "mail.example 300 10 a.mail.example"},
      {DnsType::kMx, Uint16(0) + std::string(1, '\0'), "mail.example 300 0 ."},
      // RFC 3123 §4: family, prefix, negation and length, address; zeros at the end left out.
      {DnsType::kApl,
       Uint16(1) + "\x18\x83\xc0" + std::string(1, '\0') + "\x02" + Uint16(2) + "\x08\x01\xff",
       "mail.example 300 !1:192.0.2.0/24 2:ff00::/8"},
      {DnsType::kApl, Uint16(1) + std::string(2, '\0'), "mail.example 300 1:0.0.0.0/0"},
      {DnsType::kApl, Uint16(3) + "\x10\x05hello", "mail.example 300 3:/16"},
      {DnsType::kApl, "", "mail.example 300 "},
  };
  for (const auto& c : cases) {
    const DnsQuestion question = Question(c.type);
    const auto reply =
        DecodeReply(ReplyTo(question).Answer(static_cast<unsigned>(c.type), c.data).Opt().message(),
                    question, kId);
    ASSERT_TRUE(reply) << c.want;
    EXPECT_EQ(reply->outcome, DnsOutcome::kOk) << c.want;
    EXPECT_THAT(ToText(reply->answers), ElementsAre(c.want));
  }
}

TEST(DecodeReply, JoinsTheStringsOfATxt) {
  const DnsQuestion question = Question(DnsType::kTxt);
  const auto reply = DecodeReply(ReplyTo(question)
                                     .Answer(16, std::string("\x03"
                                                             "abc"
                                                             "\0"
                                                             "\x02"
                                                             "de",
                                                             8))
                                     .message(),
                                 question, kId);
  ASSERT_TRUE(reply);
  ASSERT_THAT(reply->answers, SizeIs(1));
  EXPECT_EQ(std::get<std::string>(reply->answers[0].data), "abcde");
}

TEST(DecodeReply, TakesTheSectionsApart) {
  const DnsQuestion question = Question(DnsType::kSrv);
  const auto reply = DecodeReply(
      ReplyTo(question)
          .Answer(5, WireName("alias.example"), 60)
          .Answer(33, Uint16(1) + Uint16(2) + Uint16(0) + WireName("h.example"), 60)
          .Record(Section::kAuthority, WireName("example"), 2, 60, WireName("ns.example"))
          .Record(Section::kAdditional, WireName("h.example"), 1, 61, kAddress)
          .Record(Section::kAdditional, WireName("h.example"), 16, 61, "\x01x")
          .Opt()
          .Authenticated()
          .message(),
      question, kId);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outcome, DnsOutcome::kOk);
  EXPECT_TRUE(reply->ad);
  EXPECT_FALSE(reply->truncated);
  EXPECT_THAT(ToText(reply->answers),
              ElementsAre("mail.example 60 alias.example", "mail.example 60 1 2 0 h.example"));
  EXPECT_THAT(ToText(reply->additional), ElementsAre("h.example 61 192.0.2.1"));
}

TEST(DecodeReply, PassesOverWhatNobodyAskedFor) {
  const DnsQuestion question = Question();
  const auto reply =
      DecodeReply(ReplyTo(question)
                      .Answer(kRrsig, "no signature at all")
                      .Answer(65280, "")
                      .Record(Section::kAnswer, kPointerToQuestion, 1, 300, "abcde", kClassChaos)
                      .Answer(1, kAddress)
                      .Record(Section::kAuthority, kPointerToQuestion, 6, 300, "x", kClassChaos)
                      .Record(Section::kAdditional, kPointerToQuestion, 33, 300, "")
                      .message(),
                  question, kId);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outcome, DnsOutcome::kOk);
  EXPECT_THAT(ToText(reply->answers), ElementsAre("mail.example 300 192.0.2.1"));
}

TEST(DecodeReply, NegativeTtlIsTheLesserOfSoaAndMinimum) {
  const struct {
    std::uint32_t ttl;
    std::uint32_t minimum;
    std::uint32_t want;
  } cases[] = {
      {60, 300, 60},        // RFC 2308 §5
      {300, 60, 60},        //
      {0x80000000, 60, 0},  // RFC 2181 §8
      {60, 0xffffffff, 0},  //
      {0x7fffffff, 0x7fffffff, 0x7fffffff},
  };
  for (const auto& c : cases) {
    const auto reply =
        DecodeReply(ReplyTo(Question()).Rcode(3).Soa(c.ttl, c.minimum).message(), Question(), kId);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->outcome, DnsOutcome::kNxDomain);
    EXPECT_EQ(reply->negative_ttl, c.want) << c.ttl << " " << c.minimum;
  }
}

TEST(DecodeReply, TtlsBeyond31BitsAreZero) {
  const auto reply = DecodeReply(
      ReplyTo(Question()).Answer(1, kAddress, 0x7fffffff).Answer(1, kAddress, 0x80000000).message(),
      Question(), kId);
  ASSERT_TRUE(reply);
  EXPECT_THAT(ToText(reply->answers),
              ElementsAre("mail.example 2147483647 192.0.2.1", "mail.example 0 192.0.2.1"));
}

TEST(DecodeReply, MapsEveryRcode) {
  const struct {
    unsigned rcode;
    unsigned extended;
    DnsOutcome want;
  } cases[] = {
      {0, 0, DnsOutcome::kOk},         {1, 0, DnsOutcome::kFormErr},
      {2, 0, DnsOutcome::kServFail},   {3, 0, DnsOutcome::kNxDomain},
      {4, 0, DnsOutcome::kNotImp},     {5, 0, DnsOutcome::kRefused},
      {6, 0, DnsOutcome::kServFail},   {9, 0, DnsOutcome::kServFail},
      {15, 0, DnsOutcome::kServFail},  {0, 1, DnsOutcome::kFormErr},  // BADVERS, RFC 6891 §9
      {7, 1, DnsOutcome::kServFail},                                  // BADCOOKIE
      {0, 255, DnsOutcome::kServFail},
  };
  for (const auto& c : cases) {
    const auto reply =
        DecodeReply(ReplyTo(Question()).Rcode(c.rcode).Opt(c.extended).message(), Question(), kId);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->outcome, c.want) << c.rcode << " + " << c.extended << " * 16";
    EXPECT_THAT(reply->answers, IsEmpty());
  }
}

TEST(DecodeReply, PassesOverWhatIsNoReply) {
  const DnsQuestion question = Question();
  const std::string asked = WireName("mail.example");
  const std::string type_class("\0\x01\0\x01", 4);
  const struct {
    std::string what;
    Octets message;
  } cases[] = {
      {"empty", {}},
      {"11 octets", Octets(11, 0)},
      {"another id", ReplyTo(question).Octet(1, 0x35).message()},
      {"a query", ReplyTo(question).Octet(2, 0x01).message()},
      {"another opcode", ReplyTo(question).Octet(2, 0x90).message()},
      {"no question", ReplyBuilder(kId).message()},
      {"no question, SERVFAIL", ReplyBuilder(kId).Rcode(2).message()},
      {"a question cut short", ReplyBuilder(kId).Question(asked).message()},
      {"another name", ReplyBuilder(kId).Question(WireName("mail.exampla") + type_class).message()},
      {"a longer name",
       ReplyBuilder(kId).Question(WireName("x.mail.example") + type_class).message()},
      {"another type",
       ReplyBuilder(kId).Question(asked + std::string("\0\x02\0\x01", 4)).message()},
      {"another class",
       ReplyBuilder(kId).Question(asked + std::string("\0\x01\0\x03", 4)).message()},
      {"two questions", ReplyTo(question).Question(asked + type_class).message()},
      {"FORMERR to another question",
       ReplyBuilder(kId).Rcode(1).Question(WireName("other.example") + type_class).message()},
  };
  for (const auto& c : cases) EXPECT_FALSE(DecodeReply(c.message, question, kId)) << c.what;
}

TEST(DecodeReply, AcceptsTheQuestionInAnyCase) {
  const auto reply = DecodeReply(ReplyBuilder(kId)
                                     .Question("\x04MaIl\x07"
                                               "EXAMPLE" +
                                               std::string("\0\0\x01\0\x01", 5))
                                     .message(),
                                 Question(), kId);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outcome, DnsOutcome::kOk);
}

TEST(DecodeReply, FormErrAndNotImpMayLackTheQuestion) {
  for (const unsigned rcode : {1U, 4U}) {
    EXPECT_TRUE(DecodeReply(ReplyBuilder(kId).Rcode(rcode).message(), Question(), kId)) << rcode;
  }
}

TEST(DecodeReply, AnErrorNeedsOnlyItsHeader) {
  const auto reply = DecodeReply(ReplyTo(Question()).Rcode(2).Count(Section::kAdditional).message(),
                                 Question(), kId);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outcome, DnsOutcome::kServFail);
}

TEST(DecodeReply, TruncationEndsTheReading) {
  const auto reply = DecodeReply(ReplyTo(Question())
                                     .Answer(1, kAddress)
                                     .Count(Section::kAnswer)
                                     .Raw("half a rec")
                                     .Truncated()
                                     .message(),
                                 Question(), kId);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outcome, DnsOutcome::kOk);
  EXPECT_TRUE(reply->truncated);
  EXPECT_THAT(reply->answers, IsEmpty());
}

// A reply of one answer whose octets after the question are `octets`.
Octets WithAnswer(const std::string& octets) {
  return ReplyTo(Question()).Count(Section::kAnswer).Raw(octets).message();
}

TEST(DecodeReply, SaysWhatIsMalformed) {
  const std::string owner(kPointerToQuestion);
  const std::string a_head = owner + Uint16(1) + Uint16(1) + Uint32(60);
  const std::string srv_head = owner + Uint16(33) + Uint16(1) + Uint32(60);
  const std::string txt_head = owner + Uint16(16) + Uint16(1) + Uint32(60);
  const std::string mx_head = owner + Uint16(15) + Uint16(1) + Uint32(60);
  const std::string apl_head = owner + Uint16(42) + Uint16(1) + Uint32(60);
  const std::string ptr_head = owner + Uint16(12) + Uint16(1) + Uint32(60);
  // The answer starts at octet 12 + 14 + 4 = 30, its data at 42.
  const std::string self = Uint16(0xc000 + 42);
  const struct {
    std::string what;
    Octets message;
  } cases[] = {
      {"a count without a record", ReplyTo(Question()).Count(Section::kAnswer).message()},
      {"the same, authority", ReplyTo(Question()).Count(Section::kAuthority).message()},
      {"the same, additional", ReplyTo(Question()).Count(Section::kAdditional).message()},
      {"octets after the end", ReplyTo(Question()).Raw("x").message()},
      {"owner cut short", WithAnswer("\x05mail")},
      {"fixed fields cut short", WithAnswer(owner + "abcdefghi")},
      {"data cut short", WithAnswer(a_head + Uint16(4) + "abc")},
      {"A of 3 octets", WithAnswer(a_head + Uint16(3) + "abc")},
      {"A of 5 octets", WithAnswer(a_head + Uint16(5) + "abcde")},
      {"AAAA of 4 octets", ReplyTo(Question()).Answer(28, "abcd").message()},
      {"SRV of 6 octets", WithAnswer(srv_head + Uint16(6) + "abcdef")},
      {"SRV with octets after its target",
       WithAnswer(srv_head + Uint16(9) + "abcdef" + owner + "x")},
      {"MX of 1 octet", WithAnswer(mx_head + Uint16(1) + "a")},
      {"MX without an exchange", WithAnswer(mx_head + Uint16(2) + Uint16(10))},
      {"MX with octets after its exchange",
       WithAnswer(mx_head + Uint16(5) + Uint16(10) + owner + "x")},
      {"APL of 3 octets", WithAnswer(apl_head + Uint16(3) + "abc")},
      {"APL address beyond its record",
       WithAnswer(apl_head + Uint16(5) + Uint16(1) + "\x08\x02" + "a")},
      {"APL of 5 octets of IPv4",
       WithAnswer(apl_head + Uint16(9) + Uint16(1) + "\x08\x05" + "abcde")},
      {"APL of 33 bits of IPv4", WithAnswer(apl_head + Uint16(5) + Uint16(1) + "\x21\x01" + "a")},
      {"APL of 129 bits of IPv6", WithAnswer(apl_head + Uint16(5) + Uint16(2) + "\x81\x01" + "a")},
      {"TXT without a string", WithAnswer(txt_head + Uint16(0))},
      {"TXT string beyond its record", WithAnswer(txt_head + Uint16(3) + "\x03" + "ab")},
      {"PTR name beyond its record", WithAnswer(ptr_head + Uint16(3) + WireName("mail.example"))},
      {"PTR without a name", WithAnswer(ptr_head + Uint16(0))},
      {"pointer to itself", WithAnswer(ptr_head + Uint16(2) + self)},
      {"pointer beyond the end", WithAnswer(ptr_head + Uint16(2) + "\xff\xff")},
      {"half a pointer", WithAnswer(ptr_head + Uint16(1) + "\xc0")},
      {"two pointers in a circle", WithAnswer(ptr_head + Uint16(4) + Uint16(0xc000 + 44) + self)},
      {"label type 01 (RFC 6891 §5)", WithAnswer(ptr_head + Uint16(2) + "\x41" + "a")},
      {"label type 10", WithAnswer(ptr_head + Uint16(2) + "\x80" + "a")},
      // A label and then the same again, for ever.
      {"a name that repeats itself", WithAnswer(ptr_head + Uint16(4) + "\x01" + "a" + self)},
      {"SOA cut short", ReplyTo(Question())
                            .Record(Section::kAuthority, owner, 6, 60, owner + owner + "abc")
                            .message()},
  };
  for (const auto& c : cases) {
    const auto reply = DecodeReply(c.message, Question(), kId);
    ASSERT_TRUE(reply) << c.what;
    EXPECT_EQ(reply->outcome, DnsOutcome::kMalformed) << c.what;
    EXPECT_THAT(reply->answers, IsEmpty()) << c.what;
  }
}

TEST(DecodeReply, LongChainsOfPointersAreMalformed) {
  // Each pointer leads to the one before it, and all names to the last: cheap to send, dear to
  // follow.
  ReplyBuilder builder = ReplyTo(Question());
  std::string chain(kPointerToQuestion);
  const std::size_t start = builder.size() + 12;
  while (chain.size() < 16'000)
    chain += Uint16(static_cast<unsigned>(0xc000 + start + chain.size() - 2));
  builder.Answer(65280, chain);
  const std::string last = Uint16(static_cast<unsigned>(0xc000 + start + chain.size() - 2));
  while (builder.size() < 65'000) builder.Record(Section::kAnswer, last, 1, 60, kAddress);
  const auto reply = DecodeReply(builder.message(), Question(), kId);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outcome, DnsOutcome::kMalformed);
}

TEST(DecodeReply, ReadsTheLargestMessage) {
  ReplyBuilder builder = ReplyTo(Question());
  std::size_t records = 0;
  for (; builder.size() + 16 <= kMaxMessageOctets; ++records) builder.Answer(1, kAddress);
  const auto reply = DecodeReply(builder.message(), Question(), kId);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outcome, DnsOutcome::kOk);
  EXPECT_THAT(reply->answers, SizeIs(records));
}

// Valid messages that between them go through every branch of the reader.
std::vector<Octets> ValidMessages(const DnsQuestion& question) {
  const std::string srv = Uint16(1) + Uint16(2) + Uint16(0);
  const auto pointer = std::string(kPointerToQuestion);
  return {
      ReplyTo(question).Answer(1, kAddress).Opt().message(),
      ReplyTo(question).Rcode(3).Soa(60, 300).Opt().message(),
      ReplyTo(question)
          .Answer(5, WireName("a.example"))
          .Answer(33, srv + "\x02mx" + pointer)
          .Answer(12, "\x01x" + pointer)
          .Answer(16, "\x05hello\x05world")
          .Answer(kRrsig, "signature")
          .Record(Section::kAuthority, pointer, 2, 60, WireName("ns.example"))
          .Record(Section::kAdditional, WireName("a.example"), 1, 60, kAddress)
          .Record(Section::kAdditional, WireName("a.example"), 28, 60, std::string(16, 'a'))
          .Opt()
          .Authenticated()
          .message(),
  };
}

TEST(DecodeReply, SurvivesRandomMutations) {
  constexpr int kMutations = 100'000;
  const DnsQuestion question = Question(DnsType::kSrv);
  const std::vector<Octets> valid = ValidMessages(question);
  std::mt19937 random(20261122);  // Fixed: a failure can be repeated.
  const auto below = [&](std::size_t limit) { return random() % limit; };
  int replies = 0;
  for (int i = 0; i < kMutations; ++i) {
    Octets message = valid[below(valid.size())];
    for (std::size_t changes = 1 + below(4); changes > 0 && !message.empty(); --changes) {
      const std::size_t at = below(message.size());
      switch (below(5)) {
        case 0:
          message[at] = static_cast<std::uint8_t>(random());
          break;
        case 1:
          message[at] ^= static_cast<std::uint8_t>(1U << below(8));
          break;
        case 2:
          message.resize(at);
          break;
        case 3:
          message.insert(message.begin() + static_cast<std::ptrdiff_t>(at), 1 + below(8), 0xc0);
          break;
        default:
          message.erase(message.begin() + static_cast<std::ptrdiff_t>(at));
          break;
      }
    }
    message.shrink_to_fit();  // So that AddressSanitizer sees the first octet too far.
    const auto reply = DecodeReply(message, question, kId);
    if (!reply) continue;
    ++replies;
    for (const std::string& line : ToText(reply->answers)) EXPECT_FALSE(line.empty());
  }
  // Most mutations leave id and question whole, so that the sections were really read.
  EXPECT_GT(replies, kMutations / 4);
}

}  // namespace
}  // namespace helovet
