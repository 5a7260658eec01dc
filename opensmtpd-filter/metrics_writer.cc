#include "metrics_writer.h"

namespace helovet {

MetricsWriter::MetricsWriter(Loop& loop, const Config::Metrics& settings, const Metrics& metrics,
                             Log& log)
    : loop_(loop), settings_(settings), metrics_(metrics), log_(log) {
  Write();
  WriteAgainLater();
}

void MetricsWriter::Write() {
  if (settings_.file.empty()) return;
  const FileErrorOr<void> written = WriteMetricsFile(settings_.file, metrics_.ToPrometheus());
  if (!written && !failed_) log_.Write(written.error().ToString());
  failed_ = !written;
}

void MetricsWriter::WriteAgainLater() {
  if (settings_.file.empty()) return;
  next_ = loop_.CallAt(loop_.Now() + settings_.interval, [this] {
    Write();
    WriteAgainLater();
  });
}

}  // namespace helovet
