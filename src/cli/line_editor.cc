#include "cli/line_editor.h"

#include <histedit.h>

#include <algorithm>
#include <cstdio>

namespace cassette::cli {

struct LineEditor::State {
  std::string history_path;
  Completer completer;
  std::string prompt;
  EditLine* editor = nullptr;
  History* history = nullptr;
};

namespace {

// libedit calls back with the editor only; its client data leads to the state.
template <typename State>
State* StateOf(EditLine* editor) {
  void* data = nullptr;
  el_get(editor, EL_CLIENTDATA, &data);
  return static_cast<State*>(data);
}

size_t WordBegin(std::string_view text) {
  const size_t at = text.find_last_of(" \t\n(),;=<>");
  return at == std::string_view::npos ? 0 : at + 1;
}

std::string CommonPrefix(const std::vector<std::string>& words) {
  std::string prefix = words.front();
  for (const std::string& word : words) {
    size_t size = 0;
    while (size < prefix.size() && size < word.size() && prefix[size] == word[size]) ++size;
    prefix.resize(size);
  }
  return prefix;
}

}  // namespace

LineEditor::LineEditor(std::string history_path, Completer completer) : state_(std::make_unique<State>()) {
  state_->history_path = std::move(history_path);
  state_->completer = std::move(completer);
  state_->editor = el_init("cassette", stdin, stdout, stderr);
  el_set(state_->editor, EL_CLIENTDATA, state_.get());
  const auto prompt = [](EditLine* editor) -> char* { return StateOf<State>(editor)->prompt.data(); };
  el_set(state_->editor, EL_PROMPT, static_cast<char* (*)(EditLine*)>(prompt));
  el_set(state_->editor, EL_EDITOR, "emacs");
  state_->history = history_init();
  HistEvent event;
  history(state_->history, &event, H_SETSIZE, kHistoryLines);
  history(state_->history, &event, H_SETUNIQUE, 1);
  if (!state_->history_path.empty()) history(state_->history, &event, H_LOAD, state_->history_path.c_str());
  el_set(state_->editor, EL_HIST, history, state_->history);
  const auto complete = [](EditLine* editor, int) -> unsigned char {
    const LineInfo* line = el_line(editor);
    const std::string_view before(line->buffer, static_cast<size_t>(line->cursor - line->buffer));
    const std::vector<std::string> words = StateOf<State>(editor)->completer(before);
    if (words.empty()) return CC_ERROR;
    const std::string typed(before.substr(WordBegin(before)));
    const std::string insertion = words.size() == 1 ? words.front() + " " : CommonPrefix(words);
    if (insertion.size() > typed.size()) {
      el_deletestr(editor, static_cast<int>(typed.size()));
      el_insertstr(editor, insertion.c_str());
      return CC_REFRESH;
    }
    std::fputc('\n', stdout);
    for (const std::string& word : words) std::fprintf(stdout, "%s  ", word.c_str());
    std::fputc('\n', stdout);
    return CC_REDISPLAY;
  };
  // The wide call: el_set would copy both texts and never free them.
  el_wset(state_->editor, EL_ADDFN, L"complete", L"Complete the word",
          static_cast<unsigned char (*)(EditLine*, int)>(complete));
  el_set(state_->editor, EL_BIND, "^I", "complete", nullptr);
  el_set(state_->editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(state_->editor, nullptr);
}

LineEditor::~LineEditor() {
  HistEvent event;
  if (!state_->history_path.empty()) history(state_->history, &event, H_SAVE, state_->history_path.c_str());
  history_end(state_->history);
  el_end(state_->editor);
}

std::optional<std::string> LineEditor::ReadLine(const std::string& prompt) {
  state_->prompt = prompt;
  int count = 0;
  const char* line = el_gets(state_->editor, &count);
  if (line == nullptr || count <= 0) return std::nullopt;
  std::string text(line, static_cast<size_t>(count));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

void LineEditor::AddHistory(const std::string& entry) {
  HistEvent event;
  std::string one_line = entry;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  history(state_->history, &event, H_ENTER, one_line.c_str());
}

}  // namespace cassette::cli
