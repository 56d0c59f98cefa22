// The program: options, settings and sub-commands. apps/cassette has main().
#pragma once

namespace cassette::cli {

// Runs the command line. Returns the exit status: 0 done, 1 the work failed, 2 the command line is wrong.
int RunProgram(int argc, char** argv);

}  // namespace cassette::cli
