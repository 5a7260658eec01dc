// The records of designated senders: DMP-01 §4, DRIP-02 §3, RFC 7208 §3.
#ifndef HELOVET_CORE_PUBLICATION_DESIGNATIONS_H_
#define HELOVET_CORE_PUBLICATION_DESIGNATIONS_H_

#include "publication/plan.h"
#include "publication/record_list.h"

namespace helovet {

// For the domains of ReadPlan::drip, dmp and spf.
void AddDesignations(const ReadPlan& plan, RecordList& records);

}  // namespace helovet

#endif  // HELOVET_CORE_PUBLICATION_DESIGNATIONS_H_
