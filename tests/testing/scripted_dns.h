// A Dns whose every answer the test has written; what the test did not expect fails it.
#ifndef HELOVET_TESTS_TESTING_SCRIPTED_DNS_H_
#define HELOVET_TESTS_TESTING_SCRIPTED_DNS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "dns/dns.h"
#include "helovet/loop.h"

namespace helovet::testing {

// A question and its reply, as text:
//   {"mail.example.com A", "192.0.2.1 | 192.0.2.2"}        records of the asked type and owner
//   {"www.example.com A", "CNAME mail.example.com"}        an alias
//   {"... SRV", "1 2 0 mail.example.com | + mail.example.com A 192.0.2.1"}   additional data
//   {"... MX", "10 mail.example.com | 20 mx.example.net"}
//   {"... APL", "1:192.0.2.0/24 !2:2001:db8::/32"}
//   {"... PTR", "CNAME 1.b.test | = 1.b.test PTR a.test"}  an answer of another owner
//   {"... A", "cached | 192.0.2.1"}                        from memory
//   {"... TXT", "all list | \"v=spf1 -all \""}             quotes where blanks at the ends count
//   {"... SRV", "untrusted | 1 2 0 mail.example.com"}      from a server that is not trusted
//   {"... SRV", "ad | 1 2 0 mail.example.com"}             with the AD bit
//   {"... SRV", "nodata"}, "nxdomain", "servfail", ...     DnsOutcome's tokens
//   {"... SRV", "silence"}                                 no reply, ever
struct ScriptLine {
  std::string question;
  std::string reply;
};

inline DnsName Name(const std::string& text) {
  const std::optional<DnsName> name = DnsName::Parse(text);
  if (!name) ADD_FAILURE() << "no name: " << text;
  return name.value_or(DnsName());
}

inline IpAddress Address(const std::string& text) {
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  if (!address) ADD_FAILURE() << "no address: " << text;
  return address.value_or(IpAddress::FromV4({}));
}

// `last` in reply to `type` after `aliases` CNAMEs from `first` on.
inline std::vector<ScriptLine> AliasChain(const std::string& first, const std::string& type,
                                          int aliases, const std::string& last) {
  std::vector<ScriptLine> lines;
  std::string name = first;
  for (int i = 1; i <= aliases; ++i) {
    const std::string next = "alias" + std::to_string(i) + ".test";
    lines.push_back({name + " " + type, "CNAME " + next});
    name = next;
  }
  lines.push_back({name + " " + type, last});
  return lines;
}

inline std::vector<ScriptLine> operator+(std::vector<ScriptLine> lines,
                                         const std::vector<ScriptLine>& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

class ScriptedDns final : public Dns {
 public:
  // In which order replies to questions that are under way together arrive.
  enum class Order : std::uint8_t { kAsAsked, kReversed };

  explicit ScriptedDns(Loop& loop, const std::vector<ScriptLine>& script = {},
                       Order order = Order::kAsAsked)
      : loop_(loop), order_(order) {
    for (const ScriptLine& line : script) {
      replies_.emplace(ParseQuestion(line.question), line.reply);
    }
  }

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override {
    const std::string text = question.name.ToString() + " " + std::string(ToString(question.type));
    asked_.push_back(text);
    log_.push_back("ask " + text);
    auto query = std::make_unique<ScriptedQuery>();
    const auto scripted = replies_.find(question);
    if (scripted == replies_.end()) {
      ADD_FAILURE() << "unexpected question: " << text;
    } else if (scripted->second == "silence") {
      return query;
    }
    DnsReply reply =
        scripted == replies_.end() ? DnsReply() : ParseReply(question, scripted->second);
    query->handle = loop_.CallAt(
        NextDue(), [this, text, reply = std::move(reply), done = std::move(done)]() mutable {
          log_.push_back("answer " + text);
          done(std::move(reply));
        });
    return query;
  }

  // The questions in the order asked, such as "mail.example.com A".
  [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }
  // "ask ..." and "answer ..." in the order in which they happened.
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }
  // The questions that left before the first answer came.
  [[nodiscard]] std::set<std::string> FirstWave() const {
    std::set<std::string> wave;
    for (const std::string& event : log_) {
      if (!event.starts_with("ask ")) break;
      wave.insert(event.substr(4));
    }
    return wave;
  }

 private:
  struct ScriptedQuery final : Query {
    Loop::Handle handle;
  };

  static DnsType ParseType(const std::string& text) {
    for (const DnsType type : {DnsType::kA, DnsType::kAaaa, DnsType::kCname, DnsType::kPtr,
                               DnsType::kSrv, DnsType::kMx, DnsType::kTxt, DnsType::kApl}) {
      if (text == ToString(type)) return type;
    }
    ADD_FAILURE() << "no type: " << text;
    return DnsType::kA;
  }

  static DnsQuestion ParseQuestion(const std::string& text) {
    std::istringstream words(text);
    std::string name;
    std::string type;
    words >> name >> type;
    return {Name(name), ParseType(type)};
  }

  static AplData::Item ParsePrefix(std::string text) {
    AplData::Item item = {.negated = text.starts_with('!')};
    if (item.negated) text.erase(0, 1);
    const std::size_t colon = text.find(':');
    const std::size_t slash = text.rfind('/');
    item.family = static_cast<std::uint16_t>(std::stoul(text.substr(0, colon)));
    item.prefix_bits = static_cast<std::uint8_t>(std::stoul(text.substr(slash + 1)));
    if (item.family != kAplIpv4 && item.family != kAplIpv6) return item;
    const IpAddress address = Address(text.substr(colon + 1, slash - colon - 1));
    std::copy(address.bytes().begin(), address.bytes().end(), item.address.begin());
    return item;
  }

  static DnsRecord ParseRecord(const DnsName& owner, DnsType type, std::istringstream& words) {
    DnsRecord record = {.owner = owner, .type = type, .ttl = 300};
    std::string text;
    if (type == DnsType::kSrv) {
      SrvData srv;
      words >> srv.priority >> srv.weight >> srv.port >> text;
      srv.target = Name(text);
      record.data = srv;
      return record;
    }
    if (type == DnsType::kMx) {
      MxData mx;
      words >> mx.preference >> text;
      mx.exchange = Name(text);
      record.data = mx;
      return record;
    }
    if (type == DnsType::kApl) {
      AplData apl;
      while (words >> text) apl.items.push_back(ParsePrefix(text));
      record.data = apl;
      return record;
    }
    if (type == DnsType::kTxt) {
      std::getline(words >> std::ws, text);
      text.erase(text.find_last_not_of(' ') + 1);
      const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
      record.data = quoted ? text.substr(1, text.size() - 2) : text;
      return record;
    }
    words >> text;
    if (type == DnsType::kA || type == DnsType::kAaaa) {
      record.data = Address(text);
    } else {
      record.data = Name(text);
    }
    return record;
  }

  static std::optional<DnsOutcome> ParseOutcome(const std::string& word) {
    for (const DnsOutcome outcome :
         {DnsOutcome::kNxDomain, DnsOutcome::kTimeout, DnsOutcome::kServFail, DnsOutcome::kRefused,
          DnsOutcome::kNotImp, DnsOutcome::kFormErr, DnsOutcome::kMalformed,
          DnsOutcome::kUnreachable}) {
      if (word == ToString(outcome)) return outcome;
    }
    if (word == "nodata") return DnsOutcome::kOk;  // NOERROR without records.
    return std::nullopt;
  }

  static void ParsePart(const DnsQuestion& question, const std::string& part, DnsReply& reply) {
    std::istringstream words(part);
    std::string first;
    words >> first;
    if (const std::optional<DnsOutcome> outcome = ParseOutcome(first)) {
      reply.outcome = *outcome;
    } else if (first == "untrusted") {
      reply.trusted = false;
    } else if (first == "ad") {
      reply.ad = true;
    } else if (first == "cached") {
      reply.cached = true;
    } else if (first == "+" || first == "=") {
      std::string owner;
      std::string type;
      words >> owner >> type;
      (first == "+" ? reply.additional : reply.answers)
          .push_back(ParseRecord(Name(owner), ParseType(type), words));
    } else if (first == "CNAME") {
      reply.answers.push_back(ParseRecord(question.name, DnsType::kCname, words));
    } else {
      words = std::istringstream(part);
      reply.answers.push_back(ParseRecord(question.name, question.type, words));
    }
  }

  static DnsReply ParseReply(const DnsQuestion& question, const std::string& text) {
    DnsReply reply;
    reply.outcome = DnsOutcome::kOk;
    reply.negative_ttl = 60;
    reply.trusted = true;
    reply.server = "script";
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, '|');) ParsePart(question, part, reply);
    return reply;
  }

  // Always due already, but the loop calls what is due in order of its time.
  Loop::TimePoint NextDue() const {
    if (order_ == Order::kAsAsked) return Loop::TimePoint::min();
    return Loop::TimePoint::min() + std::chrono::hours(1) - std::chrono::seconds(asked_.size());
  }

  Loop& loop_;
  Order order_;
  std::map<DnsQuestion, std::string> replies_;
  std::vector<std::string> asked_;
  std::vector<std::string> log_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_TESTING_SCRIPTED_DNS_H_
