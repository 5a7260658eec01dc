// The end of a validation, the same for all.
#ifndef HELOVET_CORE_ENGINE_ANNOUNCED_VALIDATION_H_
#define HELOVET_CORE_ENGINE_ANNOUNCED_VALIDATION_H_

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "dns/dns.h"
#include "engine/engine_store.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/local_lists.h"
#include "helovet/loop.h"
#include "helovet/verdict.h"

namespace helovet {

class VerdictMemory;

// What validations need of their engine.
struct ValidationContext {
  Loop& loop;
  Dns& dns;
  const Config& config;
  const LocalLists& lists;
  EngineStore& store;
  Trail trail;
  VerdictMemory* memory;  // Null: it remembers none.
};

// What is common to all: a verdict is announced from the loop, once.
class AnnouncedValidation : public Validation {
 public:
  using Done = absl::AnyInvocable<void(const Verdict&)>;

  [[nodiscard]] const Verdict* verdict() const override { return verdict_.get(); }
  [[nodiscard]] Verdict TakeVerdict() override;

 protected:
  AnnouncedValidation(Loop& loop, Done done);

  // Keeps `verdict` and lets the loop announce it. The host may destroy this when it is told.
  void Conclude(Verdict verdict);
  // Called from the loop: what is still open is not needed any more, and `verdict` can be counted.
  virtual void BeforeAnnouncement(const Verdict& /*verdict*/) {}

 private:
  Loop& loop_;
  Done done_;
  std::unique_ptr<Verdict> verdict_;
  Loop::Handle announce_;
};

// A verdict that is there from the start.
class KnownVerdict final : public AnnouncedValidation {
 public:
  KnownVerdict(Loop& loop, Verdict verdict, Done done)
      : AnnouncedValidation(loop, std::move(done)) {
    Conclude(std::move(verdict));
  }
};

// One that is remembered: it has cost nothing, and counts like any other.
class RecalledVerdict final : public AnnouncedValidation {
 public:
  // `counts_session`: as RunningValidation has it.
  RecalledVerdict(Loop& loop, EngineStore& store, bool counts_session, Verdict verdict, Done done)
      : AnnouncedValidation(loop, std::move(done)), store_(store), counts_session_(counts_session) {
    Conclude(std::move(verdict));
  }

 private:
  void BeforeAnnouncement(const Verdict& verdict) override {
    if (counts_session_) store_.CountSession(verdict);
    if (verdict.session.mail_from) store_.CountMessage(verdict);
  }

  EngineStore& store_;
  const bool counts_session_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_ANNOUNCED_VALIDATION_H_
