// The file that tells Prometheus what the filter has counted.
#ifndef HELOVET_OPENSMTPD_FILTER_METRICS_WRITER_H_
#define HELOVET_OPENSMTPD_FILTER_METRICS_WRITER_H_

#include "helovet/config.h"
#include "helovet/loop.h"
#include "helovet/metrics.h"
#include "log.h"

namespace helovet {

// Writes Config::Metrics::file at once and then in every interval. Does nothing where no file is
// set. Everything must outlive it.
class MetricsWriter {
 public:
  MetricsWriter(Loop& loop, const Config::Metrics& settings, const Metrics& metrics, Log& log);
  MetricsWriter(const MetricsWriter&) = delete;
  MetricsWriter& operator=(const MetricsWriter&) = delete;

  // Writes now. A failure is logged, and then no other until the file has been written again.
  void Write();

 private:
  void WriteAgainLater();

  Loop& loop_;
  const Config::Metrics settings_;
  const Metrics& metrics_;
  Log& log_;
  bool failed_ = false;  // The last time.
  Loop::Handle next_;
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_METRICS_WRITER_H_
