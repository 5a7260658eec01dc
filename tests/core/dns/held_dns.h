// A Dns that holds every question until the test answers it.
#ifndef HELOVET_TESTS_CORE_DNS_HELD_DNS_H_
#define HELOVET_TESTS_CORE_DNS_HELD_DNS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/dns.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

inline std::string QuestionText(const DnsQuestion& question) {
  return question.name.ToString() + " " + std::string(ToString(question.type));
}

class HeldDns final : public Dns {
 public:
  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override {
    log_.push_back("ask " + QuestionText(question));
    held_.emplace(++last_id_, Held{question, std::move(done)});
    return std::make_unique<HeldQuery>(*this, last_id_);
  }

  // Answers the oldest question that is open with this text.
  void Answer(const std::string& question, DnsReply reply) {
    for (auto& [id, held] : held_) {
      if (QuestionText(held.question) != question) continue;
      Done done = std::move(held.done);
      held_.erase(id);
      log_.push_back("answer " + question);
      done(std::move(reply));
      return;
    }
    ADD_FAILURE() << "not open: " << question;
  }

  // The questions that wait for an answer, the oldest first.
  [[nodiscard]] std::vector<std::string> open() const {
    std::vector<std::string> texts;
    for (const auto& [id, held] : held_) texts.push_back(QuestionText(held.question));
    return texts;
  }
  // "ask ...", "answer ...", "withdraw ...", since the last call.
  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }

 private:
  struct Held {
    DnsQuestion question;
    Done done;
  };
  struct HeldQuery final : Query {
    HeldQuery(HeldDns& dns, std::uint64_t id) : dns_(dns), id_(id) {}
    ~HeldQuery() override {
      const auto held = dns_.held_.extract(id_);
      if (held.empty()) return;
      dns_.log_.push_back("withdraw " + QuestionText(held.mapped().question));
    }
    HeldDns& dns_;
    std::uint64_t id_;
  };

  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Held> held_;
  std::vector<std::string> log_;
};

inline DnsRecord Record(const std::string& owner, std::uint32_t ttl, DnsType type, DnsData data) {
  return {.owner = Name(owner), .type = type, .ttl = ttl, .data = std::move(data)};
}
inline DnsRecord ARecord(const std::string& owner, std::uint32_t ttl,
                         const std::string& address = "192.0.2.1") {
  return Record(owner, ttl, DnsType::kA, Address(address));
}
inline DnsRecord CnameRecord(const std::string& owner, std::uint32_t ttl,
                             const std::string& target) {
  return Record(owner, ttl, DnsType::kCname, Name(target));
}

inline DnsReply Reply(DnsOutcome outcome, std::vector<DnsRecord> answers = {},
                      std::uint32_t negative_ttl = 0) {
  DnsReply reply;
  reply.outcome = outcome;
  reply.answers = std::move(answers);
  reply.negative_ttl = negative_ttl;
  reply.trusted = true;
  reply.server = "192.0.2.53:53";
  return reply;
}
inline DnsReply OkReply(std::vector<DnsRecord> answers) {
  return Reply(DnsOutcome::kOk, std::move(answers));
}

// The whole of a reply, for comparison: "ok from 192.0.2.53:53, mail.test 300 A 192.0.2.1".
inline std::string ReplyText(const DnsReply& reply) {
  std::string text = std::string(ToString(reply.outcome)) + " from " + reply.server;
  if (reply.cached) text += ", cached";
  if (reply.ad) text += ", ad";
  if (!reply.trusted) text += ", untrusted";
  if (reply.negative_ttl != 0) text += ", SOA " + std::to_string(reply.negative_ttl);
  const auto add = [&text](const char* before, const std::vector<DnsRecord>& records) {
    for (const DnsRecord& record : records) {
      text += before + record.owner.ToString() + " " + std::to_string(record.ttl) + " " +
              std::string(ToString(record.type)) + " " + record.DataToString();
    }
  };
  add(", ", reply.answers);
  add(", + ", reply.additional);
  return text;
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_DNS_HELD_DNS_H_
