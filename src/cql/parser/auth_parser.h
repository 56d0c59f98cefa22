// Statements on roles, permissions and identities.
#pragma once

#include "cql/parser/ast.h"
#include "cql/parser/token_reader.h"

namespace cassette::cql::parser {

// The parts of CREATE, ALTER and DROP. `position` is that of the first keyword, which was taken.
CreateRoleStatement ParseCreateRole(TokenReader& in, SourcePosition position);
AlterRoleStatement ParseAlterRole(TokenReader& in, SourcePosition position);
DropRoleStatement ParseDropRole(TokenReader& in, SourcePosition position);
DropIdentityStatement ParseDropIdentity(TokenReader& in, SourcePosition position);

// Each begins at its first keyword. REQUIRES: that keyword is current.
StatementNode ParseGrant(TokenReader& in);
StatementNode ParseRevoke(TokenReader& in);
StatementNode ParseListStatement(TokenReader& in);
AddIdentityStatement ParseAddIdentity(TokenReader& in);

}  // namespace cassette::cql::parser
