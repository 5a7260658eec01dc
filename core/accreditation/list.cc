// Reading an accreditor's list.
#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accreditation/list_builder.h"
#include "base/ascii.h"
#include "base/host_name.h"
#include "base/input_file.h"
#include "base/list_lines.h"
#include "base/read_file.h"
#include "helovet/accreditation.h"

namespace helovet {
namespace {

constexpr std::size_t kPieceOctets = std::size_t{64} * 1024;
// Of DOMAIN.ZONE without a final dot.
constexpr std::size_t kMaxJoinedOctets = kMaxHostNameOctets;

// RFC 1123 §2.1: an address's last part is a number, a name's is not.
bool EndsInNumber(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0.
  return std::all_of(last.begin(), last.end(), IsAsciiDigit);
}

// Takes a file's octets, cut anywhere, and makes entries and mistakes of its lines.
class Parser {
 public:
  Parser(const std::string& path, std::string_view zone, std::optional<Rating> default_rating)
      : builder_(path), zone_(zone), default_rating_(default_rating) {}

  void TakePiece(std::string_view piece) {
    lines_.TakePiece(piece, [this](const ListLine& line) { TakeLine(line); });
  }
  // The end of the file, and of its last line.
  [[nodiscard]] tl::expected<AccreditationList, std::vector<FileError>> Finish() &&;

 private:
  void TakeLine(const ListLine& line);
  void TakeFields(std::string_view line);
  [[nodiscard]] std::optional<std::string> TakeDomain(std::string_view line,
                                                      std::string_view field);
  // About what stands in `line` from `place` on.
  void Complain(std::string_view line, const char* place, std::string message) {
    builder_.Complain(line_, static_cast<std::size_t>(place - line.data()) + 1, std::move(message));
  }

  AccreditationListBuilder builder_;
  std::string_view zone_;
  std::optional<Rating> default_rating_;
  std::uint32_t line_ = 0;  // The number of the line that TakeLine is at.
  ListLines lines_{kMaxAccreditedLineOctets};
};

void Parser::TakeLine(const ListLine& line) {
  line_ = line.number;
  if (!line.fault.empty()) {
    return Complain(line.text, line.text.data() + line.fault_at, line.fault);
  }
  TakeFields(WithoutListComment(line.text));
}

// Takes what stands before the next blank off the front of `text`, and the blanks after it.
std::string_view TakeField(std::string_view& text) {
  const auto end = std::find_if(text.begin(), text.end(), IsListBlank);
  const std::string_view field(text.data(), static_cast<std::size_t>(end - text.begin()));
  const auto next = std::find_if_not(end, text.end(), IsListBlank);
  text.remove_prefix(static_cast<std::size_t>(next - text.begin()));
  return field;
}

void Parser::TakeFields(std::string_view line) {
  std::string_view rest = line;
  while (!rest.empty() && IsListBlank(rest.front())) rest.remove_prefix(1);
  if (rest.empty()) return;
  const std::optional<std::string> domain = TakeDomain(line, TakeField(rest));
  if (!domain) return;
  std::optional<Rating> rating = default_rating_;
  if (!rest.empty()) {
    const std::string_view field = TakeField(rest);
    rating = ParseRating(field);
    if (!rating) {
      return Complain(line, field.data(), QuotedInList(field) + " is not a rating from A to E");
    }
  }
  if (!rating) {
    return Complain(line, line.data() + line.size(), "a rating from A to E is missing");
  }
  const auto odd = std::find_if_not(rest.begin(), rest.end(), IsAsciiPrintable);
  if (odd != rest.end()) {
    return Complain(line, rest.data() + (odd - rest.begin()), "the info must be printable ASCII");
  }
  if (rest.size() > kMaxAccreditedInfoOctets) {
    return Complain(
        line, rest.data() + kMaxAccreditedInfoOctets,
        "the info has more than " + std::to_string(kMaxAccreditedInfoOctets) + " octets");
  }
  builder_.Add(*domain, *rating, rest, line_);
}

std::optional<std::string> Parser::TakeDomain(std::string_view line, std::string_view field) {
  std::optional<std::string> domain = DomainOf(field);
  if (!domain) {
    // Where its bad label is, if the name has one and is not longer than any name.
    const std::string_view name = field.ends_with('.') ? field.substr(0, field.size() - 1) : field;
    const bool converted = std::any_of(name.begin(), name.end(), [](char octet) {
      return static_cast<unsigned char>(octet) >= 0x80;
    });
    const std::size_t bad = converted ? 0 : FindBadLabel(name).value_or(0);
    Complain(line, field.data() + bad, QuotedInList(field) + " is not a domain name");
    return std::nullopt;
  }
  if (EndsInNumber(*domain)) {
    Complain(line, field.data(), QuotedInList(field) + " ends in a number, as addresses do");
    return std::nullopt;
  }
  if (domain->size() + 1 + zone_.size() > kMaxJoinedOctets) {
    Complain(line, field.data(),
             QuotedInList(field) + " with \"." + std::string(zone_) + "\" has more than " +
                 std::to_string(kMaxJoinedOctets) + " octets");
    return std::nullopt;
  }
  return domain;
}

tl::expected<AccreditationList, std::vector<FileError>> Parser::Finish() && {
  lines_.Finish([this](const ListLine& line) { TakeLine(line); });
  return std::move(builder_).Finish();
}

// 0, or the errno(3) value that says why the file cannot be read to its end.
int ReadThrough(InputFile& file, Parser& parser, const TaskProgress& progress) {
  const auto total = static_cast<std::uint64_t>(file.identity().size);
  if (total > kMaxAccreditedFileOctets) return EFBIG;
  std::vector<char> buffer(kPieceOctets);
  std::uint64_t octets = 0;
  for (;;) {
    const tl::expected<std::size_t, int> count = file.Read(buffer);
    if (!count) return count.error();
    if (*count == 0) return 0;
    octets += *count;
    if (octets > kMaxAccreditedFileOctets) return EFBIG;
    parser.TakePiece({buffer.data(), *count});
    if (progress) progress(octets, total);
  }
}

}  // namespace

tl::expected<AccreditationList, std::vector<FileError>> AccreditationList::Read(
    const std::string& path, std::string_view zone, std::optional<Rating> default_rating,
    const TaskProgress& progress) {
  tl::expected<InputFile, int> file = InputFile::Open(path);
  Parser parser(path, zone, default_rating);
  const int error = file ? ReadThrough(*file, parser, progress) : file.error();
  if (error == 0) return std::move(parser).Finish();
  return tl::make_unexpected(
      std::vector<FileError>{{path, 0, 0, WhyUnreadable(error, kMaxAccreditedFileOctets)}});
}

}  // namespace helovet
