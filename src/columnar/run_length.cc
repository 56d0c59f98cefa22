#include "columnar/run_length.h"

#include "columnar/corruption.h"
#include "columnar/frame.h"

namespace cassette::columnar {

void AppendRunLengths(const int64_t* lengths, uint32_t runs, std::string* out) {
  codec::AppendVarint(runs, out);
  AppendFrame(lengths, runs, out);
}

base::Status ReadRunLengths(uint32_t count, codec::ByteReader* reader, uint32_t* runs, int64_t* lengths) {
  uint64_t stored_runs = 0;
  if (!reader->ReadVarint(&stored_runs)) return Malformed("run lengths end early");
  if (stored_runs == 0 || stored_runs > count) return Malformed("an impossible number of runs");
  *runs = static_cast<uint32_t>(stored_runs);
  CASSETTE_RETURN_IF_ERROR(ReadFrame(*runs, reader, lengths));
  uint64_t total = 0;
  for (uint32_t i = 0; i < *runs; ++i) {
    if (lengths[i] < 1 || lengths[i] > count) return Malformed("an impossible run length");
    total += static_cast<uint64_t>(lengths[i]);
  }
  if (total != count) return Malformed("run lengths do not sum up to the count");
  return base::Status::Ok();
}

}  // namespace cassette::columnar
