// What a supervisor wants to know of a service (sd_notify(3)), and the signals that it ends it by.
#pragma once

#include <string_view>

namespace cassette::cli {

// Sends `state` ("READY=1", "STOPPING=1") to the socket that NOTIFY_SOCKET names, if any.
void NotifyServiceManager(std::string_view state);

// Holds back SIGTERM, SIGINT and SIGHUP for this thread and those that it starts, ignores SIGPIPE, and lets many files
// be open. Call it
// before any thread is started.
void PrepareService();

// Waits for one of the signals held back, and returns it.
int WaitForSignal();

}  // namespace cassette::cli
