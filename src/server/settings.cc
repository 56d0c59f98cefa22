#include "server/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

namespace cassette::server {
namespace {

constexpr uint16_t kDefaultPort = 9042;
constexpr uint64_t kMaxThreads = 256;

base::Status ParseNumber(std::string_view text, uint64_t least, uint64_t most, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error == std::errc() && end == text.data() + text.size() && *number >= least && *number <= most) {
    return base::Status::Ok();
  }
  return base::InvalidArgument(fmt::format("expected a whole number from {} to {}", least, most));
}

// Sizes take K, M and G.
base::Status ParseSize(std::string_view text, uint64_t least, uint64_t most, uint64_t* bytes) {
  std::string_view digits = text;
  uint64_t factor = 1;
  if (!digits.empty()) {
    const char unit = digits.back();
    factor = unit == 'K' ? 1ull << 10 : unit == 'M' ? 1ull << 20 : unit == 'G' ? 1ull << 30 : 1;
    if (factor != 1) digits.remove_suffix(1);
  }
  uint64_t number = 0;
  if (!ParseNumber(digits, 0, most / factor, &number).ok() || number * factor < least) {
    return base::InvalidArgument(
        fmt::format("expected a size from {} to {} bytes; write 256M, 64K or 1G", least, most));
  }
  *bytes = number * factor;
  return base::Status::Ok();
}

// A row's function for a member of the limits.
template <auto member, uint64_t least, uint64_t most>
base::Status SetNumber(std::string_view text, Options* options) {
  uint64_t number = 0;
  CASSETTE_RETURN_IF_ERROR(ParseNumber(text, least, most, &number));
  options->limits.*member = static_cast<uint32_t>(number);
  return base::Status::Ok();
}

template <auto member, uint64_t least, uint64_t most>
base::Status SetSize(std::string_view text, Options* options) {
  uint64_t bytes = 0;
  CASSETTE_RETURN_IF_ERROR(ParseSize(text, least, most, &bytes));
  options->limits.*member = static_cast<std::remove_reference_t<decltype(options->limits.*member)>>(bytes);
  return base::Status::Ok();
}

template <auto member>
base::Status SetThreads(std::string_view text, Options* options) {
  uint64_t number = 0;
  CASSETTE_RETURN_IF_ERROR(ParseNumber(text, 1, kMaxThreads, &number));
  options->*member = static_cast<uint32_t>(number);
  return base::Status::Ok();
}

// Loops share the memtables' locks and cache lines: with a loop for each CPU they meet there more than they gain, and
// clients on the same machine find none free.
base::Status SetEventLoops(std::string_view text, Options* options) {
  if (text != "auto") return SetThreads<&Options::event_loops>(text, options);
  options->event_loops = std::max(1u, std::thread::hardware_concurrency() / 2);
  return base::Status::Ok();
}

base::Status SetListen(std::string_view text, Options* options) {
  CASSETTE_ASSIGN_OR_RETURN(options->listen, net::ParseEndpoint(text, kDefaultPort));
  return base::Status::Ok();
}

base::Status SetAuthenticator(std::string_view text, Options* options) {
  if (text != "AllowAllAuthenticator" && text != "PasswordAuthenticator") {
    return base::InvalidArgument("expected AllowAllAuthenticator or PasswordAuthenticator");
  }
  options->requires_password = text == "PasswordAuthenticator";
  return base::Status::Ok();
}

base::Status SetAllowAnonymous(std::string_view text, Options* options) {
  if (text != "true" && text != "false") return base::InvalidArgument("expected true or false");
  options->allow_anonymous = text == "true";
  return base::Status::Ok();
}

template <auto member>
base::Status SetTlsFile(std::string_view text, Options* options) {
  options->tls.*member = text;
  return base::Status::Ok();
}

constexpr uint64_t kMillion = 1'000'000;
constexpr uint64_t kMinuteMillis = 60'000;
constexpr uint64_t kDayMillis = 86'400'000;
constexpr uint64_t kMaxEnvelopeBytes = 256 << 20;

constexpr SettingRow kRows[] = {
    {"listen", "127.0.0.1:9042", "where to listen: an address, a port or both", SetListen},
    {"allow_anonymous", "false", "listen beyond this machine although nobody has to log in", SetAllowAnonymous},
    {"authenticator", "AllowAllAuthenticator", "PasswordAuthenticator: a role and its password, or nothing",
     SetAuthenticator},
    {"client_encryption_certificate", "", "a file of certificates (PEM), the server's first: TLS, and nothing else",
     SetTlsFile<&net::TlsFiles::certificate>},
    {"client_encryption_key", "", "the file of its private key (PEM)", SetTlsFile<&net::TlsFiles::key>},
    {"client_encryption_authorities", "", "a file of certificates (PEM), one of which must have signed each client's",
     SetTlsFile<&net::TlsFiles::authorities>},
    {"event_loops", "auto", "threads that read, execute and answer; auto: one for two CPUs", SetEventLoops},
    {"native_transport_max_threads", "2", "threads for requests that may run long: scans, aggregates, schema changes",
     SetThreads<&Options::workers>},
    {"native_transport_max_concurrent_connections", "20000", "connections at once; beyond they are closed",
     SetNumber<&Limits::connections_max, 1, kMillion>},
    {"native_transport_max_concurrent_connections_per_ip", "0", "connections at once of one address; 0: no bound",
     SetNumber<&Limits::connections_per_address_max, 0, kMillion>},
    {"native_transport_max_frame_size", "16M", "bytes of a request's envelope",
     SetSize<&Limits::envelope_bytes_max, 1024, kMaxEnvelopeBytes>},
    {"native_transport_max_response_size", "256M",
     "bytes of an answer's envelope; beyond: an error, for drivers take no more",
     SetSize<&Limits::response_bytes_max, 1024, 1 << 30>},
    {"native_transport_max_requests_per_connection", "2048", "requests in flight on a connection; beyond: OVERLOADED",
     SetNumber<&Limits::requests_per_connection_max, 1, 32768>},
    {"native_transport_max_requests", "100000", "requests in flight in all; beyond: OVERLOADED",
     SetNumber<&Limits::requests_max, 1, 100 * kMillion>},
    {"native_transport_max_request_data_in_flight", "256M", "bytes of requests in flight; beyond: OVERLOADED",
     SetSize<&Limits::request_bytes_max, 1024, 1ull << 40>},
    {"native_transport_max_unsent_data_per_connection", "4M",
     "answers that wait for a client; one that reads slower is not read from",
     SetSize<&Limits::unsent_bytes_max, 1024, 1 << 30>},
    {"native_transport_idle_timeout_ms", "0", "a connection without requests is closed after; 0: never",
     SetNumber<&Limits::idle_timeout_ms, 0, kDayMillis>},
    {"native_transport_startup_timeout_ms", "10000", "a connection that is not ready by then is closed",
     SetNumber<&Limits::startup_timeout_ms, 1, kDayMillis>},
    {"native_transport_stop_timeout_ms", "10000", "when it stops, requests that are not answered by then are dropped",
     SetNumber<&Limits::stop_timeout_ms, 0, kDayMillis>},
    {"native_transport_max_logins", "128", "passwords that wait to be checked; beyond: OVERLOADED, and closed",
     SetNumber<&Limits::logins_max, 1, kMillion>},
    {"failed_login_delay_ms", "500", "a wrong password is answered after, and the connection closed",
     SetNumber<&Limits::failed_login_delay_ms, 0, kMinuteMillis>},
    {"batch_size_warn_threshold", "5K", "bytes of a batch of several partitions; beyond: a warning; 0: none",
     SetSize<&Limits::batch_warn_bytes, 0, kMaxEnvelopeBytes>},
    {"batch_size_fail_threshold", "50K", "bytes of a batch of several partitions; beyond: refused; 0: none",
     SetSize<&Limits::batch_fail_bytes, 0, kMaxEnvelopeBytes>},
    {"unlogged_batch_across_partitions_warn_threshold", "10",
     "partitions of a batch without a log; beyond: a warning; 0: none",
     SetNumber<&Limits::batch_warn_partitions, 0, kMillion>},
    {"prepared_statements_max", "10000", "prepared statements kept; the least recently used is forgotten",
     SetNumber<&Limits::prepared_statements_max, 1, 10 * kMillion>},
    {"page_size_max", "0", "rows of a page; larger ones, and answers without pages, are cut to it; 0: no bound",
     SetNumber<&Limits::page_rows_max, 0, 100 * kMillion>},
    {"statement_size_max", "1M", "bytes of a statement's text",
     SetSize<&Limits::statement_bytes_max, 64, kMaxEnvelopeBytes>},
};

}  // namespace

std::span<const SettingRow> SettingRows() { return kRows; }

base::Result<Options> MakeOptions(const std::function<std::string(std::string_view)>& text_of) {
  Options options;
  for (const SettingRow& row : kRows) {
    const std::string text = text_of(row.name);
    options.settings.emplace_back(row.name, text);
    const base::Status status = row.apply(text, &options);
    if (!status.ok()) return status.WithContext(fmt::format("{}: '{}': ", row.name, text));
  }
  if (options.tls.certificate.empty() != options.tls.key.empty()) {
    return base::InvalidArgument("client_encryption_certificate and client_encryption_key: one needs the other");
  }
  if (!options.listen.is_loopback() && !options.requires_password && !options.allow_anonymous) {
    return base::InvalidArgument(fmt::format(
        "listen: '{}' can be reached from other machines, and nobody has to log in; listen on 127.0.0.1, or "
        "say --authenticator PasswordAuthenticator or --allow-anonymous",
        options.listen.ToString()));
  }
  return options;
}

}  // namespace cassette::server
