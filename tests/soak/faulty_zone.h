// What the soak's DNS says of a name, and what goes wrong on the way: both can be read off the
// name, so that whoever plays sessions knows each verdict beforehand.
//
// h<N>.<kind>.soak.example has the address 10.(N>>16).(N>>8).N and an SRV record for CSA of the
// kind (FaultyAnswer has the table); N.10.in-addr.arpa leads to h<N>.good.soak.example. Of clients,
// the two highest bits of the second octet say more: 10.64/10 is on dnsbl.soak.example, the list
// fails for 10.128/10, and the PTR records fail for 10.192/10.
#ifndef HELOVET_TESTS_SOAK_FAULTY_ZONE_H_
#define HELOVET_TESTS_SOAK_FAULTY_ZONE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace helovet {

// RFC 1035 §4.1.1, §3.2.2; RFC 2782.
inline constexpr int kNoError = 0, kServfail = 2, kNxdomain = 3;
inline constexpr int kTypeA = 1, kTypePtr = 12, kTypeMx = 15, kTypeTxt = 16, kTypeSrv = 33;

enum class Fault : std::uint8_t {
  kNone,
  kSilent,     // No answer ever.
  kTruncated,  // TC over UDP, whole over TCP.
  kCutOff,     // TC over UDP, and the TCP connection is closed at the question.
  kForged,     // Before the answer come others: of another id, question and source.
  kGarbage,    // A record that points into itself.
};

struct FaultyAnswer {
  int rcode = kNxdomain;
  std::vector<std::string> data = {};  // Of each record of the question's name and type, as octets.
  Fault fault = Fault::kNone;
  std::chrono::milliseconds delay{0};
};

// `name`: lower case, without a final dot.
FaultyAnswer AnswerOf(std::string_view name, int type);

// The SRV data that a forger would send: the name is authorised nowhere.
std::string ForgedSrv();

// FNV-1a, for whatever is to happen to the same share of questions in each run.
std::uint64_t HashOf(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_TESTS_SOAK_FAULTY_ZONE_H_
