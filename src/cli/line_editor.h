// LineEditor: lines from a person at a terminal, with history, editing and completion (libedit).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cassette::cli {

// Thread safety: not thread safe; one at a time, since libedit keeps the terminal.
class LineEditor {
 public:
  // Words that may stand where the cursor is: given the text before it, the candidates for its last word.
  using Completer = std::function<std::vector<std::string>(std::string_view before_cursor)>;

  static constexpr int kHistoryLines = 1000;

  // `history_path` empty: history is not kept.
  LineEditor(std::string history_path, Completer completer);
  ~LineEditor();

  // The next line without its end; nullopt at the end of input (Ctrl-D).
  std::optional<std::string> ReadLine(const std::string& prompt);
  void AddHistory(const std::string& entry);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cassette::cli
