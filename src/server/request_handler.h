// RequestHandler: what each message of a connection means: handshake, statements, events. Runs them on the connection's
// session, in its loop when they are short, on a worker when they may not be; answers when the answer may be given.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/compression.h"
#include "protocol/envelope.h"
#include "protocol/error.h"
#include "protocol/requests.h"
#include "server/context.h"
#include "session/session.h"

namespace cassette::server {

class Connection;

// Thread safety: belongs to the connection's loop. Lifetime: the connection owns it.
class RequestHandler {
 public:
  RequestHandler(Context& context, Connection& connection);
  ~RequestHandler();

  void Handle(const protocol::EnvelopeHeader& header, std::string_view body);
  void OnClosed();
  // Answers what waits for its time.
  void CheckTime(int64_t now_ms);

  // Whether the handshake is done.
  bool is_ready() const { return state_ == State::kReady; }
  uint32_t requests_in_flight() const { return in_flight_; }

 private:
  enum class State : uint8_t { kNew, kAuthenticating, kReady };

  // What an answer needs of its request.
  struct Asked {
    int16_t stream = 0;
    uint32_t body_bytes = 0;
    bool skip_metadata = false;
    std::shared_ptr<Trace> trace;             // Null unless the client asked for one.
    const PreparedEntry* prepared = nullptr;  // EXECUTE; held by last_prepared_, then by its Call.
    std::string metadata_id;                  // EXECUTE in v5: what the client knows.
  };
  using Page = base::Result<session::ResultPage>;
  // A statement that the session has, from Run to its answer. Owned by Run, and by the callback once Run has returned
  // without an answer: then it holds what it needs, and counts as in flight.
  struct Call {
    RequestHandler* handler = nullptr;
    Asked asked;
    std::shared_ptr<Connection> connection;
    PreparedEntryPtr prepared;
    bool is_answered = false;
  };
  // A wrong password, answered later than it could be.
  struct FailedLogin {
    Asked asked;
    protocol::Error error;
    int64_t due_ms = 0;
  };

  void HandleStartup(const Asked& asked, std::string_view body);
  void HandleAuthResponse(Asked&& asked, std::string_view body);
  // The end of a handshake, either way.
  void FinishLogin(const Asked& asked, const std::string& role, const base::Status& status);
  void AnswerFailedLogin();
  void HandleOptions(const Asked& asked);
  void HandleRegister(const Asked& asked, std::string_view body);
  void HandleQuery(Asked&& asked, std::string_view body);
  void HandlePrepare(const Asked& asked, std::string_view body);
  void HandleExecute(Asked&& asked, std::string_view body);
  void HandleBatch(Asked&& asked, std::string_view body);

  bool CheckState(const Asked& asked, const protocol::OpcodeRow& row);
  base::Result<protocol::Compression> ChooseCompression(const protocol::StartupRequest& request) const;
  void StartTrace(protocol::Opcode opcode, Asked* asked);
  // False: OVERLOADED was answered.
  bool Admit(const Asked& asked);
  base::Status CheckStatement(std::string_view text) const;
  void LimitPage(session::QueryOptions* options) const;
  // Held by last_prepared_; null when there is none.
  const PreparedEntry* FindPrepared(std::string_view id);
  // The statements of a batch; kept alive by `statements`.
  base::Status CollectBatch(const protocol::BatchRequest& request, std::vector<session::PreparedPtr>* statements,
                            std::vector<session::BatchEntry>* entries, std::string* missing_id);

  void Begin(const Asked& asked);
  void End(const Asked& asked);
  void Execute(const session::PreparedPtr& statement, const session::Values& values,
               const session::QueryOptions& options, Asked&& asked);
  // Calls `start` with what takes the session's answer.
  template <typename Start>
  void Run(Asked&& asked, const Start& start);
  // From any thread; answers in the loop's.
  void Finish(Call* call, Page&& page);
  void Answer(const Asked& asked, const Page& page);
  void AnswerPage(const Asked& asked, const session::ResultPage& page);
  void AnswerRows(const Asked& asked, const session::ResultPage& page, std::string* out);
  // A response, behind what the header's flags announce.
  template <typename AppendBody>
  void Respond(const Asked& asked, protocol::Opcode opcode, std::span<const std::string> warnings,
               AppendBody append_body);
  void RespondError(const Asked& asked, const protocol::Error& error);
  void RespondStatus(const Asked& asked, const base::Status& status);
  // The body was not as its opcode says.
  void RespondMalformed(const Asked& asked, const base::Status& status);
  void RespondOverloaded(const Asked& asked, std::string_view bound);
  void RespondUnprepared(const Asked& asked, std::string_view id);
  void TraceQuery(const Asked& asked, std::string_view query) const;
  void RegisterClient();
  // The view that `statement` reads, as it is now.
  base::Status RefreshView(const session::PreparedStatement& statement);
  void PublishSchemaChange(const session::ResultPage& page);

  Context& context_;
  Connection& connection_;
  const std::shared_ptr<session::Session> session_;
  State state_ = State::kNew;
  uint32_t in_flight_ = 0;
  uint8_t event_types_ = 0;
  std::string role_;  // Empty when nobody logged in.
  std::optional<FailedLogin> failed_login_;
  std::atomic<bool> is_closed_ = false;  // For the thread that checks passwords.
  const std::shared_ptr<std::atomic<uint64_t>> request_count_;
  std::vector<std::pair<std::string, std::string>> client_options_;

  // Decoded requests, one after the other: their memory is used again.
  protocol::QueryRequest query_;
  protocol::ExecuteRequest execute_;
  protocol::BatchRequest batch_;
  std::unique_ptr<Call> spare_call_;
  // The statement executed last: most often the next one, too.
  PreparedEntryPtr last_prepared_;
  uint64_t last_generation_ = 0;
  uint32_t last_prepared_hits_ = 0;
};

}  // namespace cassette::server
