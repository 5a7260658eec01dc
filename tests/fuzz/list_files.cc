// Lists in files: the administrator's allow and deny lists (helovet/local_lists.h) and an
// accreditor's list (helovet/accreditation.h). The first octet chooses which.
#include <sys/mman.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/list_entry.h"
#include "base/list_lines.h"
#include "dns/name.h"
#include "fuzz.h"
#include "helovet/accreditation.h"
#include "helovet/local_lists.h"
#include "lists/list_file.h"

namespace helovet::fuzz {
namespace {

// A file in memory.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view octets) : file_(memfd_create("list", MFD_CLOEXEC)) {
    Hold(file_ && WriteAll(file_, octets), "the system gives a file");
  }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  OwnedDescriptor file_;
};

void HoldErrors(const std::vector<FileError>& errors, std::size_t most, std::string_view input) {
  Hold(errors.size() <= most + 1, "complaints are bounded");
  const auto lines = std::ranges::count(input, '\n') + 1;
  for (const FileError& error : errors) {
    Hold(IsPrintable(error.ToString()) && !error.message.empty(), "a complaint is printable");
    Hold(error.line >= 0 && error.line <= lines, "a complaint's line is one of the file");
  }
}

using Lines = std::vector<std::string>;

Lines LinesOf(std::string_view input, std::size_t piece, std::size_t most) {
  Lines taken;
  ListLines lines(most);
  const auto take = [&](const ListLine& line) {
    // Of a line that is none, the text is as much as was there to be cut.
    const std::string_view text = line.fault.empty() ? line.text : std::string_view();
    taken.push_back(std::to_string(line.number) + ' ' + std::string(text) + ' ' + line.fault + ' ' +
                    std::to_string(line.fault_at));
    Hold(line.text.size() <= most + 1 || !line.fault.empty(), "a line is bounded");
  };
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    lines.TakePiece(input.substr(0, piece), take);
  }
  lines.Finish(take);
  return taken;
}

// Each entry is found again, and nothing that is no entry is.
void HoldEntries(std::string_view input, const LocalLists& lists) {
  ListLines lines(kMaxListLineOctets);
  const auto take = [&](const ListLine& line) {
    if (!line.fault.empty()) return;
    std::string_view text = WithoutListComment(line.text);
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const auto entry = ParseListEntry(text);
    if (!entry) return;
    if (entry->network) {
      Hold(lists.FindAddress(entry->network->base()).listing == Listing::kDeny,
           "an address of a network that is listed is found");
      return;
    }
    std::string name = entry->name;
    const bool is_sender = name.starts_with('@');
    if (is_sender) name.erase(0, 1);
    if (name.starts_with('.')) name.insert(0, "x");
    // A label more may be one too many.
    if (name.size() > 253) return;
    const ListMatch match = is_sender ? lists.FindSenderDomain(name) : lists.FindName(name);
    Hold(match.listing == Listing::kDeny, "a name that is listed is found");
    Hold(IsPrintable(match.entry) && !match.place.empty(), "a match says where it stands");
  };
  lines.TakePiece(input, take);
  lines.Finish(take);
}

void TryLocalLists(std::string_view input) {
  Hold(
      LinesOf(input, 1, kMaxListLineOctets) == LinesOf(input, input.size() + 1, kMaxListLineOctets),
      "lines are the same octet by octet");
  const MemoryFile file(input);
  LocalLists lists({}, {file.path()});
  HoldErrors(lists.TakeComplaints(), kMaxListComplaints, input);
  Hold(lists.TakeComplaints().empty(), "a mistake is told once");
  HoldEntries(input, lists);
}

void TryAccreditation(std::string_view input) {
  constexpr std::string_view kZone = "accredit.example";
  const MemoryFile file(input);
  const auto list = AccreditationList::Read(file.path(), kZone, Rating::kC);
  if (!list) {
    HoldErrors(list.error(), kMaxAccreditedComplaints, input);
    Hold(!list.error().empty(), "who refuses a list says why");
    return;
  }
  std::optional<DnsName> before;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const AccreditationList::Entry entry = list->At(i);
    const std::optional<DnsName> name = DnsName::Parse(entry.domain);
    Hold(name && name->ToString() == entry.domain, "a domain is written in its normal form");
    Hold(!before || *before < *name, "domains are in canonical order, each once");
    Hold(DnsName::Parse(kZone)->WithPrefix(entry.domain).has_value(), "a domain fits its zone");
    const std::string report = ReportText(entry);
    Hold(IsPrintable(report) && report.size() <= 255, "a report is one character-string");
    before = name;
  }
}

}  // namespace

void Try(std::string_view input) {
  Choices choices(input);
  if (choices.Octet() % 2 == 0) {
    TryLocalLists(choices.rest());
  } else {
    TryAccreditation(choices.rest());
  }
}

}  // namespace helovet::fuzz
