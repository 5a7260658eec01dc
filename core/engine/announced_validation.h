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

// What validations need of their engine.
struct ValidationContext {
  Loop& loop;
  Dns& dns;
  const Config& config;
  const LocalLists& lists;
  EngineStore& store;
  Trail trail;
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

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_ANNOUNCED_VALIDATION_H_
