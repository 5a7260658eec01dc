// An answer that is known when its question is asked.
#ifndef HELOVET_CORE_DNS_POSTED_ANSWER_H_
#define HELOVET_CORE_DNS_POSTED_ANSWER_H_

#include <utility>

#include "dns/dns.h"
#include "helovet/loop.h"

namespace helovet {

// Takes `reply` to `done` through the loop, as Dns::Ask promises; destroying it takes it back. The
// loop must outlive this.
class PostedAnswer final : public Dns::Query {
 public:
  PostedAnswer(Loop& loop, DnsReply reply, Dns::Done done)
      : posted_(loop.Post([reply = std::move(reply), done = std::move(done)]() mutable {
          done(std::move(reply));
        })) {}

 private:
  Loop::Handle posted_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_POSTED_ANSWER_H_
