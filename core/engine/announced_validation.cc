#include "engine/announced_validation.h"

#include <utility>

namespace helovet {

AnnouncedValidation::AnnouncedValidation(Loop& loop, Done done)
    : loop_(loop), done_(std::move(done)) {}

Verdict AnnouncedValidation::TakeVerdict() { return std::move(*std::exchange(verdict_, nullptr)); }

// From the loop, outside every frame of the tasks: the host may destroy this from `done_`.
void AnnouncedValidation::Conclude(Verdict verdict) {
  verdict_ = std::make_unique<Verdict>(std::move(verdict));
  announce_ = loop_.Post([this] {
    // A host may keep the verdict for hours: withdraw the questions that nobody needs any more.
    BeforeAnnouncement(*verdict_);
    auto done = std::move(done_);
    done(*verdict_);
  });
}

}  // namespace helovet
