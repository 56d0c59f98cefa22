#include "cli/program.h"

int main(int argc, char** argv) { return cassette::cli::RunProgram(argc, argv); }
