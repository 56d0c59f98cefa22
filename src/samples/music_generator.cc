#include "samples/music_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "io/file_system.h"
#include "types/calendar.h"

namespace cassette::samples {
namespace {

constexpr int64_t kFirstDayMs = 1'541'030'400'000;  // 2018-11-01T00:00:00Z

constexpr const char* kFirstNames[] = {"Ada",   "Bela",  "Carla", "Dario", "Edith", "Farid", "Greta",
                                       "Hugo",  "Ines",  "Jonas", "Katja", "Liam",  "Mina",  "Noor",
                                       "Oskar", "Paula", "Quinn", "Rosa",  "Sven",  "Tessa"};
constexpr const char* kLastNames[] = {"Abbott",  "Brandt", "Castro",  "Dubois", "Eriksen",  "Fontana",
                                      "Gruber",  "Hansen", "Ivanova", "Jensen", "Kaplan",   "Lindgren",
                                      "Moretti", "Novak",  "Okafor",  "Peters", "Quintero", "Rossi"};
constexpr const char* kCities[] = {"Zurich-Winterthur, ZH", "Portland-Salem, OR",    "Leeds-Bradford, WY",
                                   "Lyon-Villeurbanne, RA", "Austin-Round Rock, TX", "Malmo-Lund, SK",
                                   "Porto-Gaia, PT",        "Graz-Leoben, ST"};
constexpr const char* kAdjectives[] = {"Silent", "Golden", "Broken", "Electric", "Distant",
                                       "Velvet", "Paper",  "Wild",   "Lonely",   "Neon"};
constexpr const char* kNouns[] = {"River",  "Garden", "Engine", "Harbour", "Mirror",
                                  "Winter", "Signal", "Orchid", "Highway", "Lantern"};
constexpr const char* kOtherPages[] = {"Home", "Home", "Home", "Logout", "Help", "Settings", "Upgrade", "About"};

template <typename T, size_t kCount>
T Pick(const T (&items)[kCount], base::Random* random) {
  return items[random->Below(kCount)];
}

struct Song {
  std::string artist;
  std::string title;
  std::string length;
};

struct User {
  uint32_t id;
  const char* first_name;
  const char* last_name;
  char gender;
  bool paid;
  const char* city;
  int64_t registered_ms;
};

// One visit: its rows follow one another in time.
struct Visit {
  uint64_t session_id;
  const User* user;  // Null: not logged in.
  uint32_t next_item;
  int64_t next_ms;
  uint32_t rows_left;
};

// What Latin-1 readers make of UTF-8 when they write it out as UTF-8 again.
std::string EncodeAgain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

void AppendField(std::string_view text, std::string* out) {
  if (text.find_first_of(",\"\n") == std::string_view::npos) {
    out->append(text);
    return;
  }
  out->push_back('"');
  for (const char c : text) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

// A count of milliseconds as a spreadsheet shows it: six digits.
std::string Rounded(int64_t ms) { return fmt::format("{:.5E}", static_cast<double>(ms)); }

class MusicGenerator {
 public:
  explicit MusicGenerator(const MusicSettings& settings) : settings_(settings), random_(settings.seed) {
    MakeUsers();
    MakeSongs();
  }

  // The rows of day `day`, in the order of their time.
  void AppendDay(uint32_t day, MusicFigures* figures, std::string* out) {
    *out +=
        "artist,auth,firstName,gender,itemInSession,lastName,length,level,location,method,page,registration,"
        "sessionId,song,status,ts,userId\r\n";
    const int64_t day_ms = kFirstDayMs + day * types::kMillisPerDay;
    const bool is_weekend = types::DayOfWeek(types::DaysFromMillis(day_ms)) >= 6;
    const double factor = (is_weekend ? 0.6 : 1.15) * (0.7 + 0.6 * random_.Uniform());
    const uint64_t row_count = std::max<uint64_t>(1, static_cast<uint64_t>(settings_.rows_per_file * factor));
    std::vector<Visit> open;
    for (uint64_t row = 0; row < row_count; ++row) {
      const int64_t now_ms =
          day_ms + static_cast<int64_t>(row) * types::kMillisPerDay / static_cast<int64_t>(row_count);
      if (open.size() < 3 || random_.Below(12) == 0) open.push_back(NewVisit(now_ms));
      const size_t chosen = random_.Below(open.size());
      AppendRow(&open[chosen], now_ms, figures, out);
      if (--open[chosen].rows_left == 0) open.erase(open.begin() + static_cast<ptrdiff_t>(chosen));
    }
    figures->rows += row_count;
  }

 private:
  void MakeUsers() {
    const uint32_t count = std::clamp<uint32_t>(settings_.rows_per_file / 3, 20, 100'000);
    for (uint32_t id = 2; id < count + 2; ++id) {
      users_.push_back({id, Pick(kFirstNames, &random_), Pick(kLastNames, &random_), random_.Below(2) == 0 ? 'F' : 'M',
                        random_.Below(4) == 0, Pick(kCities, &random_),
                        kFirstDayMs - static_cast<int64_t>(random_.Below(60)) * types::kMillisPerDay});
    }
  }

  void MakeSongs() {
    const size_t count =
        std::clamp<size_t>(static_cast<size_t>(settings_.rows_per_file) * settings_.files / 2, 500, 200'000);
    for (size_t i = 0; i < count; ++i) {
      Song song;
      song.artist = fmt::format("The {} {}s", Pick(kAdjectives, &random_), Pick(kNouns, &random_));
      song.title = fmt::format("{} {} No. {}", Pick(kAdjectives, &random_), Pick(kNouns, &random_), i + 1);
      const uint64_t quirk = random_.Below(200);
      if (quirk < 5) song.artist = EncodeAgain(EncodeAgain("Caf\xc3\xa9 " + song.artist));
      if (quirk == 5) song.title += ' ';
      if (quirk == 6) song.title = fmt::format("{} (\"Live\")", song.title);
      if (quirk > 190) song.title += ", Part Two";
      song.length = fmt::format("{:.5f}", 90.0 + 300.0 * random_.Uniform());
      while (song.length.ends_with('0')) song.length.pop_back();
      songs_.push_back(std::move(song));
    }
  }

  Visit NewVisit(int64_t now_ms) {
    const User* user = random_.Below(28) == 0 ? nullptr : &users_[random_.Below(users_.size())];
    const uint32_t rows = user == nullptr ? 1 + static_cast<uint32_t>(random_.Below(3))
                                          : 1 + static_cast<uint32_t>(random_.Below(6) * random_.Below(8));
    return {++last_session_id_, user, 0, now_ms, rows};
  }

  // Popular songs are heard more often.
  const Song& PickSong() {
    const double u = random_.Uniform();
    return songs_[static_cast<size_t>(u * u * static_cast<double>(songs_.size()))];
  }

  void AppendRow(Visit* visit, int64_t now_ms, MusicFigures* figures, std::string* out) {
    const bool is_song = visit->user != nullptr && random_.Below(100) < 88;
    const Song* song = is_song ? &PickSong() : nullptr;
    const User* user = visit->user;
    figures->songs += is_song;
    if (song != nullptr) AppendField(song->artist, out);
    fmt::format_to(std::back_inserter(*out), ",{},{},{},{},{},{},{},", user ? "Logged In" : "Logged Out",
                   user ? user->first_name : "", user ? std::string(1, user->gender) : "", visit->next_item++,
                   user ? user->last_name : "", song ? song->length : "", user && user->paid ? "paid" : "free");
    if (user != nullptr) AppendField(user->city, out);
    const char* page = song ? "NextSong" : Pick(kOtherPages, &random_);
    fmt::format_to(std::back_inserter(*out), ",{},{},{},{},", song ? "PUT" : "GET", page,
                   user ? Rounded(user->registered_ms) : "", visit->session_id);
    if (song != nullptr) AppendField(song->title, out);
    fmt::format_to(std::back_inserter(*out), ",200,{},{}\r\n", Rounded(now_ms), user ? std::to_string(user->id) : "");
  }

  const MusicSettings settings_;
  base::Random random_;
  std::vector<User> users_;
  std::vector<Song> songs_;
  uint64_t last_session_id_ = 0;
};

}  // namespace

base::Result<MusicFigures> GenerateMusic(io::FileSystem& file_system, const std::string& directory,
                                         const MusicSettings& settings) {
  if (settings.files < 1 || settings.files > MusicSettings::kMaxFiles) {
    return base::InvalidArgument(fmt::format("files must be 1 to {}", MusicSettings::kMaxFiles));
  }
  if (settings.rows_per_file < 1 || settings.rows_per_file > MusicSettings::kMaxRowsPerFile) {
    return base::InvalidArgument(fmt::format("rows per file must be 1 to {}", MusicSettings::kMaxRowsPerFile));
  }
  CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(directory));
  MusicGenerator generator(settings);
  MusicFigures figures;
  std::string text;
  for (uint32_t day = 0; day < settings.files; ++day) {
    text.clear();
    generator.AppendDay(day, &figures, &text);
    const types::CivilDate date = types::CivilFromDays(types::DaysFromMillis(kFirstDayMs) + day);
    const std::string name = fmt::format("{:04}-{:02}-{:02}-events.csv", date.year, date.month, date.day);
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<io::WritableFile> file,
                              file_system.CreateWritable(io::JoinPath(directory, name)));
    CASSETTE_RETURN_IF_ERROR(file->Append(text));
    CASSETTE_RETURN_IF_ERROR(file->Close());
    figures.bytes += text.size();
  }
  return figures;
}

}  // namespace cassette::samples
