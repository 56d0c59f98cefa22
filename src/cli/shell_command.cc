#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/command.h"
#include "cli/line_editor.h"
#include "cli/output.h"
#include "cql/parser/split.h"
#include "io/file_system.h"

namespace cassette::cli {
namespace {

constexpr uint64_t kMaxScriptBytes = 256 << 20;
constexpr size_t kStreamBytes = 64 * 1024;
constexpr int kSourceDepthMax = 16;

constexpr const char* kKeywords[] = {
    "ALLOW",      "ALTER",   "AND",       "APPLY",  "AS",     "ASC",       "BATCH",     "BEGIN",    "BY",
    "CLUSTERING", "COUNT",   "CREATE",    "DELETE", "DESC",   "DESCRIBE",  "DISTINCT",  "DROP",     "EXISTS",
    "EXIT",       "EXPLAIN", "FILTERING", "FROM",   "GROUP",  "HELP",      "IF",        "IN",       "INSERT",
    "INTO",       "KEY",     "KEYSPACE",  "LIMIT",  "NOT",    "ORDER",     "PARTITION", "PER",      "PRIMARY",
    "SELECT",     "SET",     "SOURCE",    "STATIC", "TABLE",  "TIMESTAMP", "TOKEN",     "TRUNCATE", "TTL",
    "UNLOGGED",   "UPDATE",  "USE",       "USING",  "VALUES", "WHERE",     "WITH",      "WRITETIME"};

constexpr char kHelp[] =
    "CQL statements end with ';' and may take several lines.\n"
    "  HELP             this text\n"
    "  SOURCE 'FILE'    run the statements of a file\n"
    "  EXPLAIN SELECT   what a SELECT reads, and what would make it cheaper\n"
    "  EXIT             leave (also QUIT, Ctrl-D)\n";

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n;") - begin + 1));
}

// Runs statements on a session and prints what they answer.
class Shell {
 public:
  Shell(const Environment& environment, session::Session& session, OutputFormat format)
      : environment_(environment), session_(session), format_(format) {}

  // Every complete statement of `script`; stops at the first failure, which names file and place when `file` is given.
  base::Status RunScript(std::string_view script, const std::string& file) {
    for (const cql::parser::StatementText& statement : cql::parser::SplitStatements(script)) {
      if (has_left_) break;
      const base::Status status = RunOne(std::string(statement.text));
      if (!status.ok() && !file.empty()) {
        const uint64_t line = 1 + CountLines(script.substr(0, statement.position.offset));
        return status.WithContext(fmt::format("{}:{}: ", file, line));
      }
      CASSETTE_RETURN_IF_ERROR(status);
    }
    return base::Status::Ok();
  }

  // Standard input's statements as they arrive: whoever writes into a pipe gets each answer before the next statement.
  base::Status RunStream() {
    std::string pending;
    uint64_t lines = 0;  // Before `pending`.
    std::vector<char> buffer(kStreamBytes);
    for (bool at_end = false; !at_end && !has_left_;) {
      const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return base::IoError(fmt::format("standard input: {}", std::strerror(errno)));
      at_end = count == 0;
      const std::string_view chunk(buffer.data(), static_cast<size_t>(count));
      pending += chunk;
      if (!at_end && chunk.find(';') == std::string_view::npos) continue;
      if (pending.size() > kMaxScriptBytes) {
        return base::ResourceExhausted(
            fmt::format("standard input:{}: a statement of more than {} bytes", lines + 1, kMaxScriptBytes));
      }
      CASSETTE_ASSIGN_OR_RETURN(const size_t done, RunArrived(pending, at_end, lines));
      lines += CountLines(std::string_view(pending).substr(0, done));
      pending.erase(0, done);
    }
    return base::Status::Ok();
  }

  base::Status RunOne(const std::string& statement) {
    const std::string word = Upper(statement.substr(0, statement.find_first_of(" \t\r\n")));
    if (word == "SOURCE") return Source(Trim(std::string_view(statement).substr(word.size())));
    if (IsWord(statement, {"EXIT", "QUIT"})) {
      has_left_ = true;
      return base::Status::Ok();
    }
    if (IsWord(statement, {"HELP"})) {
      fmt::print("{}", kHelp);
      return base::Status::Ok();
    }
    session::QueryOptions options;
    RowPrinter printer(format_, stdout);
    do {
      CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page,
                                session_.Execute(statement, session::Values(), options));
      for (const std::string& warning : page.warnings) fmt::print(stderr, "warning: {}\n", warning);
      if (IsDescription(page)) {
        PrintStatements(page);
      } else if (page.kind == session::ResultPage::Kind::kRows) {
        printer.Add(page);
      }
      options.paging_state = page.paging_state;
    } while (!options.paging_state.empty());
    printer.Finish();
    return base::Status::Ok();
  }

  // Reads lines until the end of input. Failures are printed and do not end it.
  void RunInteractive() {
    const char* home = std::getenv("HOME");
    LineEditor editor(home == nullptr ? "" : fmt::format("{}/.cassette_history", home),
                      [this](std::string_view before) { return Complete(before); });
    fmt::print("Cassette 0.1.0, CQL 3.4.7. HELP; for help, EXIT to leave.\n");
    std::string pending;
    for (;;) {
      const std::string keyspace = session_.keyspace();
      const std::string name = keyspace.empty() ? "cassette" : "cassette:" + keyspace;
      const std::optional<std::string> line =
          editor.ReadLine(pending.empty() ? name + "> " : std::string(name.size() - 3, ' ') + "...> ");
      if (!line) break;
      pending += *line + "\n";
      const bool is_word = IsWord(pending, {"EXIT", "QUIT", "HELP"});  // They need no semicolon.
      if (Trim(pending).empty()) pending.clear();
      if (pending.empty() || !(is_word || IsComplete(pending))) continue;
      if (!is_word) editor.AddHistory(Trim(pending) + ";");
      const base::Status status = RunScript(pending, "");
      std::fflush(stdout);
      if (!status.ok()) PrintFailure(status);
      if (has_left_) break;
      pending.clear();
    }
    fmt::print("\n");
  }

  static void PrintFailure(const base::Status& status) {
    fmt::print(stderr, "error 0x{:04x}: {}\n", base::CqlErrorCode(status.code()), status.message());
  }

 private:
  // Of DESCRIBE: to be read, and run again, by whoever asked for no other format.
  bool IsDescription(const session::ResultPage& page) const {
    return format_ == OutputFormat::kTable && page.columns.size() == 4 && page.columns[1].name == "type" &&
           page.columns[3].name == "create_statement";
  }

  static void PrintStatements(const session::ResultPage& page) {
    for (uint64_t row = 0; row < page.row_count(); ++row) fmt::print("\n{}\n", page.Text(row, 3));
    if (page.row_count() > 0) fmt::print("\n");
  }

  static uint64_t CountLines(std::string_view text) {
    return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }

  // Runs the complete statements of `pending`; returns where the rest begins.
  base::Result<size_t> RunArrived(std::string_view pending, bool at_end, uint64_t lines_before) {
    size_t done = 0;
    for (const cql::parser::StatementText& statement : cql::parser::SplitStatements(pending)) {
      if (has_left_ || (!statement.complete && !at_end)) break;
      const base::Status status = RunOne(std::string(statement.text));
      std::fflush(stdout);
      if (!status.ok()) {
        const uint64_t line = 1 + lines_before + CountLines(pending.substr(0, statement.position.offset));
        return status.WithContext(fmt::format("standard input:{}: ", line));
      }
      done = statement.position.offset + statement.text.size();
    }
    return done;
  }

  static bool IsWord(std::string_view line, std::initializer_list<std::string_view> words) {
    const std::string word = Upper(Trim(line));
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  static bool IsComplete(std::string_view script) {
    const std::vector<cql::parser::StatementText> statements = cql::parser::SplitStatements(script);
    return statements.empty() || statements.back().complete;
  }

  base::Status Source(std::string path) {
    if (path.size() >= 2 && path.front() == '\'' && path.back() == '\'') path = path.substr(1, path.size() - 2);
    if (source_depth_ == kSourceDepthMax) {
      return base::InvalidArgument(
          fmt::format("SOURCE '{}': files may be nested at most {} deep", path, kSourceDepthMax));
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::string script, io::ReadFile(*environment_.file_system, path, kMaxScriptBytes));
    ++source_depth_;
    const base::Status status = RunScript(script, path);
    --source_depth_;
    return status;
  }

  // Keywords, and the names of keyspaces, tables and columns.
  std::vector<std::string> Complete(std::string_view before) {
    const size_t at = before.find_last_of(" \t\n(),;=<>");
    const std::string typed(at == std::string_view::npos ? before : before.substr(at + 1));
    std::vector<std::string> words;
    const bool is_lower = !typed.empty() && std::islower(static_cast<unsigned char>(typed[0])) != 0;
    for (const char* keyword : kKeywords) {
      if (Upper(typed) == std::string_view(keyword).substr(0, typed.size())) {
        words.push_back(is_lower ? Lower(keyword) : keyword);
      }
    }
    for (const std::string& name : SchemaNames()) {
      if (name.starts_with(typed)) words.push_back(name);
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  }

  std::vector<std::string> SchemaNames() {
    std::vector<std::string> names;
    const base::Result<session::ResultPage> columns =
        session_.Execute("SELECT keyspace_name, table_name, column_name FROM system_schema.columns");
    if (!columns.ok()) return names;
    const std::string keyspace = session_.keyspace();
    for (uint64_t row = 0; row < columns->row_count(); ++row) {
      const std::string table_keyspace = columns->Text(row, 0);
      names.push_back(table_keyspace);
      names.push_back(table_keyspace + "." + columns->Text(row, 1));
      if (table_keyspace != keyspace) continue;
      names.push_back(columns->Text(row, 1));
      names.push_back(columns->Text(row, 2));
    }
    return names;
  }

  const Environment& environment_;
  session::Session& session_;
  const OutputFormat format_;
  int source_depth_ = 0;
  bool has_left_ = false;  // EXIT
};

class ShellCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    const Parser parser = parent.Sub("shell", "CQL, interactively or not",
                                     "\nExamples:\n  cassette shell --on music-data\n"
                                     "  cassette shell -e \"SELECT * FROM music.users_by_song LIMIT 3\"\n"
                                     "  cassette shell -f schema.cql\n  echo 'USE music;' | cassette shell");
    parser.Option("-e,--execute", &statements_, "run these statements and leave");
    parser.Option("-f,--file", &file_, "run the statements of this file and leave");
    parser.Option("-k,--keyspace", &keyspace_, "USE this keyspace first");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    CASSETTE_ASSIGN_OR_RETURN(const OutputFormat format, ParseOutputFormat(environment.settings->Text("format")));
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<Place> place, Place::Open(environment));
    Shell shell(environment, place->session(), format);
    base::Status status = RunChosen(environment, shell);
    if (!status.ok()) status = status.WithContext(fmt::format("error 0x{:04x}: ", base::CqlErrorCode(status.code())));
    const base::Status closed = place->Close();
    return status.ok() ? closed : status;
  }

 private:
  base::Status RunChosen(const Environment& environment, Shell& shell) {
    if (!keyspace_.empty()) CASSETTE_RETURN_IF_ERROR(shell.RunOne("USE \"" + keyspace_ + "\""));
    if (!statements_.empty()) return shell.RunScript(statements_, "");
    if (!file_.empty()) {
      CASSETTE_ASSIGN_OR_RETURN(const std::string script,
                                io::ReadFile(*environment.file_system, file_, kMaxScriptBytes));
      return shell.RunScript(script, file_);
    }
    if (isatty(STDIN_FILENO) == 1) {
      shell.RunInteractive();
      return base::Status::Ok();
    }
    return shell.RunStream();
  }

  std::string statements_;
  std::string file_;
  std::string keyspace_;
};

}  // namespace

std::unique_ptr<Command> MakeShellCommand() { return std::make_unique<ShellCommand>(); }

}  // namespace cassette::cli
