#include "server/request_handler.h"

#include <fmt/format.h>

#include <utility>

#include "protocol/responses.h"
#include "server/connection.h"

namespace cassette::server {
namespace {

using protocol::Opcode;
using protocol::ProtocolError;
using session::PreparedPtr;
using session::ResultPage;

constexpr char kCqlVersion[] = "3.4.7";
constexpr char kPasswordAuthenticator[] = "org.apache.cassandra.auth.PasswordAuthenticator";
// So often a connection executes its last statement before it tells the cache that it is in use.
constexpr uint32_t kHitsUntold = 1024;

bool ReadsView(const session::PreparedStatement& statement) {
  if (statement.result_columns().empty()) return false;
  const session::ColumnSpec& column = statement.result_columns().front();
  return SystemViews::IsView(column.keyspace, column.table);
}

protocol::SchemaChange SchemaChangeOf(const ResultPage& page) {
  return {page.schema_change, page.schema_target, page.keyspace, page.schema_name, {}};
}

}  // namespace

template <typename AppendBody>
void RequestHandler::Respond(const Asked& asked, Opcode opcode, std::span<const std::string> warnings,
                             AppendBody append_body) {
  if (asked.trace != nullptr) {
    context_.tracer.AddEvent("Request complete", asked.trace.get());
    context_.tracer.Finish(*asked.trace);
  }
  uint8_t flags = 0;
  if (asked.trace != nullptr) flags |= protocol::kFlagTracing;
  if (!warnings.empty()) flags |= protocol::kFlagWarning;
  connection_.Respond(asked.stream, flags, opcode, [&](std::string* out) {
    if (asked.trace != nullptr) protocol::AppendTracingId(asked.trace->id, out);
    if (!warnings.empty()) protocol::AppendWarnings(warnings, out);
    append_body(out);
  });
}

RequestHandler::RequestHandler(Context& context, Connection& connection)
    : context_(context),
      connection_(connection),
      session_(context.database.NewSession()),
      request_count_(std::make_shared<std::atomic<uint64_t>>(0)) {
  RegisterClient();
}

RequestHandler::~RequestHandler() = default;

void RequestHandler::RegisterClient() {
  ClientInfo client;
  client.peer = connection_.peer();
  client.stage = state_ == State::kReady            ? "ready"
                 : state_ == State::kAuthenticating ? "authenticating"
                                                    : "established";
  client.protocol_version = connection_.version();
  client.options = client_options_;
  client.tls_protocol = connection_.security();
  if (!role_.empty()) client.username = role_;
  client.request_count = request_count_;
  context_.clients.Put(this, std::move(client));
}

void RequestHandler::Handle(const protocol::EnvelopeHeader& header, std::string_view body) {
  context_.counts.requests.fetch_add(1, std::memory_order_relaxed);
  request_count_->store(request_count_->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  Asked asked;
  asked.stream = header.stream;
  asked.body_bytes = header.body_bytes;
  const protocol::OpcodeRow* row = protocol::FindOpcode(header.opcode);
  if (row == nullptr || !row->is_request) {
    return RespondError(asked, ProtocolError(fmt::format("Unknown opcode {}", header.opcode)));
  }
  if (!CheckState(asked, *row)) return;
  if ((header.flags & protocol::kFlagCustomPayload) != 0) {
    // As Cassandra's own query handler, which leaves payloads to others.
    protocol::WireReader reader(body);
    reader.SkipBytesMap();
    if (!reader.ok()) return RespondError(asked, ProtocolError("The custom payload is not whole"));
    body.remove_prefix(body.size() - reader.rest_bytes());
  }
  if ((header.flags & protocol::kFlagTracing) != 0) StartTrace(row->opcode, &asked);
  switch (row->opcode) {
    case Opcode::kStartup:
      return HandleStartup(asked, body);
    case Opcode::kAuthResponse:
      return HandleAuthResponse(std::move(asked), body);
    case Opcode::kOptions:
      return HandleOptions(asked);
    case Opcode::kRegister:
      return HandleRegister(asked, body);
    case Opcode::kQuery:
      return HandleQuery(std::move(asked), body);
    case Opcode::kPrepare:
      return HandlePrepare(asked, body);
    case Opcode::kExecute:
      return HandleExecute(std::move(asked), body);
    case Opcode::kBatch:
      return HandleBatch(std::move(asked), body);
    default:
      return RespondError(asked, ProtocolError(fmt::format("Unexpected message {}", row->name)));
  }
}

void RequestHandler::StartTrace(Opcode opcode, Asked* asked) {
  std::string_view request;
  if (opcode == Opcode::kQuery) request = "Execute CQL3 query";
  if (opcode == Opcode::kPrepare) request = "Preparing CQL3 query";
  if (opcode == Opcode::kExecute) request = "Execute CQL3 prepared query";
  if (opcode == Opcode::kBatch) request = "Execute batch of CQL3 queries";
  if (request.empty()) return;  // The others ignore the flag.
  asked->trace = std::make_shared<Trace>(context_.tracer.Begin(request, connection_.peer()));
}

void RequestHandler::TraceQuery(const Asked& asked, std::string_view query) const {
  if (asked.trace == nullptr) return;
  asked.trace->query = WithoutPasswords(query);
  context_.tracer.AddEvent("Parsing " + asked.trace->query, asked.trace.get());
}

bool RequestHandler::CheckState(const Asked& asked, const protocol::OpcodeRow& row) {
  const bool is_greeting = row.opcode == Opcode::kStartup || row.opcode == Opcode::kOptions;
  if (state_ == State::kNew && !is_greeting) {
    RespondError(asked, ProtocolError(fmt::format("Unexpected message {}, expecting STARTUP or OPTIONS", row.name)));
    return false;
  }
  if (state_ == State::kAuthenticating && row.opcode != Opcode::kAuthResponse && row.opcode != Opcode::kOptions) {
    RespondError(asked, ProtocolError(fmt::format("Unexpected message {}, expecting AUTH_RESPONSE", row.name)));
    return false;
  }
  if (state_ == State::kReady && (row.opcode == Opcode::kStartup || row.opcode == Opcode::kAuthResponse)) {
    RespondError(asked, ProtocolError(fmt::format("Unexpected message {}, the connection is ready", row.name)));
    return false;
  }
  return true;
}

base::Result<protocol::Compression> RequestHandler::ChooseCompression(const protocol::StartupRequest& request) const {
  const std::string_view name = request.Option("COMPRESSION");
  if (name.empty()) return protocol::Compression::kNone;
  CASSETTE_ASSIGN_OR_RETURN(const protocol::Compression compression, protocol::ParseCompression(name));
  if (compression == protocol::Compression::kSnappy && connection_.version() >= 5) {
    return base::InvalidArgument("Snappy compression is not supported in protocol V5");
  }
  return compression;
}

void RequestHandler::HandleStartup(const Asked& asked, std::string_view body) {
  protocol::StartupRequest request;
  const base::Status status = protocol::DecodeStartup(body, &request);
  if (!status.ok()) return RespondMalformed(asked, status);
  if (request.Option("CQL_VERSION").empty()) {
    return RespondError(asked, ProtocolError("Missing value CQL_VERSION in STARTUP message"));
  }
  const base::Result<protocol::Compression> compression = ChooseCompression(request);
  if (!compression.ok()) return RespondMalformed(asked, compression.status());
  client_options_ = std::move(request.options);
  state_ = context_.options.requires_password ? State::kAuthenticating : State::kReady;
  RegisterClient();
  if (state_ == State::kReady) {
    Respond(asked, Opcode::kReady, {}, [](std::string*) {});
  } else {
    Respond(asked, Opcode::kAuthenticate, {},
            [](std::string* out) { protocol::AppendAuthenticate(kPasswordAuthenticator, out); });
  }
  connection_.UseCompression(*compression);
  if (connection_.version() >= 5) connection_.BeginFrames();
}

void RequestHandler::HandleAuthResponse(Asked&& asked, std::string_view body) {
  std::string token;
  const base::Status status = protocol::DecodeAuthResponse(body, &token);
  if (!status.ok()) return RespondMalformed(asked, status);
  if (in_flight_ > 0) return RespondError(asked, ProtocolError("One AUTH_RESPONSE after the other"));
  // SASL's PLAIN: an identity to act for (none), the role, the password, each behind a zero byte.
  const size_t first = token.find('\0');
  const size_t second = first == std::string::npos ? first : token.find('\0', first + 1);
  if (second == std::string::npos) return RespondError(asked, ProtocolError("The credentials are not SASL PLAIN's"));
  if (context_.counts.logins_waiting.fetch_add(1) >= context_.options.limits.logins_max) {
    --context_.counts.logins_waiting;
    RespondOverloaded(asked, "too many logins at once");
    return connection_.CloseAfterFlush();
  }
  Begin(asked);
  // In a thread of its own: hashing a password is slow on purpose.
  context_.logins.Submit([self = connection_.shared_from_this(), this, asked = std::move(asked),
                          role = token.substr(first + 1, second - first - 1), password = token.substr(second + 1)] {
    // Who left meanwhile costs nothing.
    const base::Status login = is_closed_ ? base::Cancelled("the client left") : session_->Login(role, password);
    --context_.counts.logins_waiting;
    connection_.loop().Post([self, this, asked, role, login] {
      FinishLogin(asked, role, login);
      connection_.FlushResponses();
    });
  });
}

void RequestHandler::FinishLogin(const Asked& asked, const std::string& role, const base::Status& status) {
  if (connection_.is_closed()) return End(asked);
  if (status.ok()) {
    End(asked);
    state_ = State::kReady;
    role_ = role;
    RegisterClient();
    return Respond(asked, Opcode::kAuthSuccess, {}, [](std::string* out) { protocol::AppendAuthSuccess(out); });
  }
  context_.logger.Warning("a login as '{}' from {} failed", role, connection_.peer().ToString());
  protocol::Error error;
  error.code = protocol::ErrorCode::kBadCredentials;
  error.message = status.message();
  const int64_t now_ms = context_.clock.SteadyNanos() / 1'000'000;
  failed_login_ = FailedLogin{asked, std::move(error), now_ms + context_.options.limits.failed_login_delay_ms};
  CheckTime(now_ms);
}

void RequestHandler::CheckTime(int64_t now_ms) {
  if (!failed_login_ || now_ms < failed_login_->due_ms) return;
  AnswerFailedLogin();
  connection_.FlushResponses();
}

void RequestHandler::AnswerFailedLogin() {
  const FailedLogin failed = *std::exchange(failed_login_, std::nullopt);
  End(failed.asked);
  RespondError(failed.asked, failed.error);
  // Whoever guesses has to connect for each guess.
  connection_.CloseAfterFlush();
}

void RequestHandler::HandleOptions(const Asked& asked) {
  const protocol::Multimap options = {
      {"PROTOCOL_VERSIONS", {"4/v4", "5/v5"}}, {"COMPRESSION", {"snappy", "lz4"}}, {"CQL_VERSION", {kCqlVersion}}};
  Respond(asked, Opcode::kSupported, {}, [&](std::string* out) { protocol::AppendSupported(options, out); });
}

void RequestHandler::HandleRegister(const Asked& asked, std::string_view body) {
  std::vector<std::string> names;
  const base::Status status = protocol::DecodeRegister(body, &names);
  if (!status.ok()) return RespondMalformed(asked, status);
  for (const std::string& name : names) {
    const base::Result<EventType> type = ParseEventType(name);
    if (!type.ok()) return RespondMalformed(asked, type.status());
    event_types_ |= *type;
  }
  const std::weak_ptr<Connection> weak = connection_.weak_from_this();
  context_.events.Register(&connection_, event_types_, [weak, &loop = connection_.loop()](const std::string& event) {
    loop.Post([weak, event] {
      const std::shared_ptr<Connection> connection = weak.lock();
      if (connection == nullptr) return;
      connection->Respond(protocol::kEventStream, 0, Opcode::kEvent, [&](std::string* out) { out->append(event); });
      connection->FlushResponses();
    });
  });
  Respond(asked, Opcode::kReady, {}, [](std::string*) {});
}

bool RequestHandler::Admit(const Asked& asked) {
  const Limits& limits = context_.options.limits;
  Counts& counts = context_.counts;
  std::string_view bound;
  if (in_flight_ >= limits.requests_per_connection_max) {
    bound = "too many requests in flight on this connection";
  } else if (counts.requests_in_flight.load(std::memory_order_relaxed) >= limits.requests_max) {
    bound = "too many requests in flight";
  } else if (counts.request_bytes_in_flight.load(std::memory_order_relaxed) + asked.body_bytes >
             limits.request_bytes_max) {
    bound = "too many bytes of requests in flight";
  } else {
    return true;
  }
  RespondOverloaded(asked, bound);
  return false;
}

void RequestHandler::RespondOverloaded(const Asked& asked, std::string_view bound) {
  ++context_.counts.requests_overloaded;
  protocol::Error error;
  error.code = protocol::ErrorCode::kOverloaded;
  error.message = fmt::format("Server is overloaded: {}", bound);
  RespondError(asked, error);
}

base::Status RequestHandler::CheckStatement(std::string_view text) const {
  const uint32_t most = context_.options.limits.statement_bytes_max;
  if (text.size() <= most) return base::Status::Ok();
  return base::InvalidArgument(
      fmt::format("The statement has {} bytes; at most {} are allowed: bind large values "
                  "instead of writing them out",
                  text.size(), most));
}

void RequestHandler::LimitPage(session::QueryOptions* options) const {
  options->share_columns = true;
  const int32_t most = static_cast<int32_t>(context_.options.limits.page_rows_max);
  if (most > 0 && (options->page_rows <= 0 || options->page_rows > most)) options->page_rows = most;
}

void RequestHandler::HandleQuery(Asked&& asked, std::string_view body) {
  const base::Status decoded = protocol::DecodeQuery(body, connection_.version(), &query_);
  if (!decoded.ok()) return RespondMalformed(asked, decoded);
  if (!Admit(asked)) return;
  if (const base::Status status = CheckStatement(query_.query); !status.ok()) return RespondStatus(asked, status);
  TraceQuery(asked, query_.query);
  session::PrepareOptions options;
  options.keyspace = query_.parameters.keyspace;
  options.keep = false;
  base::Result<PreparedPtr> statement = session_->Prepare(query_.query, options);
  if (!statement.ok()) return RespondStatus(asked, statement.status());
  LimitPage(&query_.parameters.options);
  asked.skip_metadata = query_.parameters.skip_metadata;
  Execute(*statement, query_.parameters.values, query_.parameters.options, std::move(asked));
}

void RequestHandler::HandlePrepare(const Asked& asked, std::string_view body) {
  protocol::PrepareRequest request;
  const base::Status decoded = protocol::DecodePrepare(body, connection_.version(), &request);
  if (!decoded.ok()) return RespondMalformed(asked, decoded);
  if (const base::Status status = CheckStatement(request.query); !status.ok()) return RespondStatus(asked, status);
  TraceQuery(asked, request.query);
  session::PrepareOptions options;
  options.keyspace = request.keyspace;
  base::Result<PreparedPtr> statement = session_->Prepare(request.query, options);
  if (!statement.ok()) return RespondStatus(asked, statement.status());
  const std::string keyspace = request.keyspace.empty() ? session_->keyspace() : std::string(request.keyspace);
  const PreparedEntryPtr entry = context_.prepared.Insert(PreparedId(keyspace, request.query), *std::move(statement));
  const std::shared_ptr<const ResultMetadata> metadata = entry->metadata();
  protocol::PreparedDescription description;
  description.id = entry->id();
  description.result_metadata_id = metadata->id;
  description.markers = entry->statement()->markers();
  description.partition_key_markers = entry->statement()->partition_key_markers();
  description.result_columns = *metadata->columns;
  Respond(asked, Opcode::kResult, {},
          [&](std::string* out) { protocol::AppendPreparedResult(description, connection_.version(), out); });
}

const PreparedEntry* RequestHandler::FindPrepared(std::string_view id) {
  const uint64_t generation = context_.prepared.generation();
  const bool is_last = last_prepared_ != nullptr && generation == last_generation_ && last_prepared_->id() == id &&
                       ++last_prepared_hits_ % kHitsUntold != 0;
  if (!is_last) last_prepared_ = context_.prepared.Find(id);
  last_generation_ = generation;
  return last_prepared_.get();
}

void RequestHandler::HandleExecute(Asked&& asked, std::string_view body) {
  const base::Status status = protocol::DecodeExecute(body, connection_.version(), &execute_);
  if (!status.ok()) return RespondMalformed(asked, status);
  if (!Admit(asked)) return;
  asked.prepared = FindPrepared(execute_.id);
  if (asked.prepared == nullptr) return RespondUnprepared(asked, execute_.id);
  const PreparedPtr& statement = asked.prepared->statement();
  TraceQuery(asked, statement->text());
  LimitPage(&execute_.parameters.options);
  asked.skip_metadata = execute_.parameters.skip_metadata;
  asked.metadata_id = execute_.result_metadata_id;
  Execute(statement, execute_.parameters.values, execute_.parameters.options, std::move(asked));
}

base::Status RequestHandler::CollectBatch(const protocol::BatchRequest& request, std::vector<PreparedPtr>* statements,
                                          std::vector<session::BatchEntry>* entries, std::string* missing_id) {
  session::PrepareOptions options;
  options.keyspace = request.keyspace;
  options.keep = false;
  entries->reserve(request.entry_count);
  for (size_t i = 0; i < request.entry_count; ++i) {
    const protocol::BatchRequest::Entry& entry = request.entries[i];
    if (entry.is_prepared && i > 0 && request.entries[i - 1].is_prepared &&
        entry.query_or_id == request.entries[i - 1].query_or_id) {
      entries->push_back({statements->back().get(), &entry.values});  // Most batches repeat one statement.
      continue;
    }
    if (entry.is_prepared) {
      const PreparedEntry* prepared = FindPrepared(entry.query_or_id);
      if (prepared == nullptr) {
        *missing_id = entry.query_or_id;
        return base::Unprepared("Prepared query not found");
      }
      statements->push_back(prepared->statement());
    } else {
      CASSETTE_RETURN_IF_ERROR(CheckStatement(entry.query_or_id));
      CASSETTE_ASSIGN_OR_RETURN(PreparedPtr statement, session_->Prepare(entry.query_or_id, options));
      statements->push_back(std::move(statement));
    }
    entries->push_back({statements->back().get(), &entry.values});
  }
  return base::Status::Ok();
}

void RequestHandler::HandleBatch(Asked&& asked, std::string_view body) {
  const base::Status decoded = protocol::DecodeBatch(body, connection_.version(), &batch_);
  if (!decoded.ok()) return RespondMalformed(asked, decoded);
  if (!Admit(asked)) return;
  std::vector<PreparedPtr> statements;
  std::vector<session::BatchEntry> entries;
  std::string missing_id;
  const base::Status collected = CollectBatch(batch_, &statements, &entries, &missing_id);
  if (!missing_id.empty()) return RespondUnprepared(asked, missing_id);
  if (!collected.ok()) return RespondStatus(asked, collected);
  batch_.options.share_columns = true;
  Run(std::move(asked), [&](session::PageCallback&& done) {
    session_->ExecuteBatchAsync(batch_.kind, entries, batch_.options, std::move(done));
  });
}

void RequestHandler::Begin(const Asked& asked) {
  ++in_flight_;
  context_.counts.requests_in_flight.fetch_add(1, std::memory_order_relaxed);
  context_.counts.request_bytes_in_flight.fetch_add(asked.body_bytes, std::memory_order_relaxed);
}

void RequestHandler::End(const Asked& asked) {
  --in_flight_;
  context_.counts.requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
  context_.counts.request_bytes_in_flight.fetch_sub(asked.body_bytes, std::memory_order_relaxed);
}

void RequestHandler::Execute(const PreparedPtr& statement, const session::Values& values,
                             const session::QueryOptions& options, Asked&& asked) {
  Run(std::move(asked), [&](session::PageCallback&& done) {
    if (!statement->may_run_long() && !ReadsView(*statement)) {
      return session_->ExecuteAsync(statement, values, options, std::move(done));
    }
    context_.workers.Submit([this, statement, values, options, done = std::move(done)] {
      const base::Status refreshed = RefreshView(*statement);
      done(refreshed.ok() ? session_->Execute(*statement, values, options) : Page(refreshed));
    });
  });
}

// Most answers come before `start` returns: for them nothing is held, counted or allocated.
template <typename Start>
void RequestHandler::Run(Asked&& asked, const Start& start) {
  std::unique_ptr<Call> call = spare_call_ == nullptr ? std::make_unique<Call>() : std::move(spare_call_);
  call->handler = this;
  call->asked = std::move(asked);
  call->is_answered = false;
  start([started = call.get()](Page&& page) { started->handler->Finish(started, std::move(page)); });
  if (call->is_answered) {
    spare_call_ = std::move(call);
    return;
  }
  call->connection = connection_.shared_from_this();
  if (call->asked.prepared != nullptr) call->prepared = last_prepared_;
  Begin(call->asked);
  (void)call.release();
}

void RequestHandler::Finish(Call* call, Page&& page) {
  if (connection_.loop().InLoopThread()) {  // Within Run.
    Answer(call->asked, page);
    call->is_answered = true;
    return;
  }
  connection_.loop().Post([call = std::shared_ptr<Call>(call), shared_page = std::make_shared<Page>(std::move(page))] {
    RequestHandler& handler = *call->handler;
    handler.End(call->asked);
    handler.Answer(call->asked, *shared_page);
    handler.connection_.FlushResponses();
  });
}

base::Status RequestHandler::RefreshView(const session::PreparedStatement& statement) {
  if (!ReadsView(statement)) return base::Status::Ok();
  const session::ColumnSpec& column = statement.result_columns().front();
  return context_.views.Refresh(column.keyspace, column.table);
}

void RequestHandler::Answer(const Asked& asked, const Page& page) {
  if (!page.ok()) return RespondStatus(asked, page.status());
  if (page->kind == ResultPage::Kind::kSchemaChange) PublishSchemaChange(*page);
  AnswerPage(asked, *page);
}

void RequestHandler::AnswerPage(const Asked& asked, const ResultPage& page) {
  Respond(asked, Opcode::kResult, page.warnings, [&](std::string* out) {
    switch (page.kind) {
      case ResultPage::Kind::kVoid:
        return protocol::AppendVoidResult(out);
      case ResultPage::Kind::kRows:
        return AnswerRows(asked, page, out);
      case ResultPage::Kind::kSetKeyspace:
        return protocol::AppendSetKeyspaceResult(page.keyspace, out);
      case ResultPage::Kind::kSchemaChange:
        return protocol::AppendSchemaChangeResult(SchemaChangeOf(page), out);
    }
  });
}

void RequestHandler::AnswerRows(const Asked& asked, const ResultPage& page, std::string* out) {
  protocol::RowsOptions options;
  options.version = connection_.version();
  std::shared_ptr<const ResultMetadata> metadata;  // Holds what the options show.
  // Conditions answer columns of their own, which no client can know before.
  if (asked.prepared != nullptr && !asked.prepared->statement()->result_columns().empty()) {
    options.skip_metadata = asked.skip_metadata;
    if (options.version < 5) {
      options.skip_metadata &= asked.prepared->IsToldToAll(page.shared_columns);
    } else {
      metadata = asked.prepared->MetadataOf(page.shared_columns);
      if (metadata->id != asked.metadata_id) options.new_metadata_id = metadata->id;
    }
  }
  protocol::AppendRowsResult(page, *page.shared_columns, options, out);
}

void RequestHandler::RespondError(const Asked& asked, const protocol::Error& error) {
  Respond(asked, Opcode::kError, {},
          [&](std::string* out) { protocol::AppendErrorBody(error, connection_.version(), out); });
}

void RequestHandler::RespondStatus(const Asked& asked, const base::Status& status) {
  RespondError(asked, protocol::ErrorOf(status));
}

void RequestHandler::RespondMalformed(const Asked& asked, const base::Status& status) {
  context_.counts.protocol_errors.fetch_add(1, std::memory_order_relaxed);
  RespondError(asked, ProtocolError(std::string(status.message())));
}

void RequestHandler::RespondUnprepared(const Asked& asked, std::string_view id) {
  protocol::Error error;
  error.code = protocol::ErrorCode::kUnprepared;
  std::string hex;
  for (const char byte : id) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  error.message = fmt::format(
      "Prepared query with ID {} not found (either the query was not prepared on this host (maybe the host has been "
      "restarted?) or you have prepared too many queries and it has been evicted from the internal cache)",
      hex);
  error.prepared_id = id;
  RespondError(asked, error);
}

void RequestHandler::PublishSchemaChange(const ResultPage& page) {
  std::string body;
  protocol::AppendSchemaChangeEvent(SchemaChangeOf(page), &body);
  context_.events.Publish(kSchemaChange, body);
}

void RequestHandler::OnClosed() {
  is_closed_ = true;
  if (failed_login_) End(std::exchange(failed_login_, std::nullopt)->asked);
  context_.clients.Erase(this);
  if (event_types_ != 0) context_.events.Unregister(&connection_);
}

}  // namespace cassette::server
