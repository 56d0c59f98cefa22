// Music events like a music service's log: one CSV file a day, with the quirks that such files have. CRLF, quoted
// commas, doubled quotes, time stamps that a spreadsheet rounded to six digits (1.54112E+12), text that was encoded to
// UTF-8 twice too often, blanks around titles, pages without a song, visitors without a user.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::samples {

struct MusicSettings {
  uint32_t files = 30;           // Days, from 2018-11-01. 1 to kMaxFiles.
  uint32_t rows_per_file = 268;  // On average; weekends have fewer.
  uint64_t seed = 1;

  static constexpr uint32_t kMaxFiles = 10'000;
  static constexpr uint32_t kMaxRowsPerFile = 10'000'000;
};

struct MusicFigures {
  uint64_t rows = 0;
  uint64_t songs = 0;  // Rows with an artist.
  uint64_t bytes = 0;
};

// Writes YYYY-MM-DD-events.csv files into `directory` (made when missing). The same settings give the same bytes.
base::Result<MusicFigures> GenerateMusic(io::FileSystem& file_system, const std::string& directory,
                                         const MusicSettings& settings);

}  // namespace cassette::samples
