#include "cql/parser/auth_parser.h"

#include <utility>

#include "cql/parser/names.h"
#include "cql/parser/schema_parser.h"

namespace cassette::cql::parser {
namespace {

bool ParseBoolean(TokenReader& in) {
  const Token token = in.current();
  return in.Expect(TokenKind::kBoolean) && token.end - token.offset == 4;
}

std::vector<std::string> ParseStringSet(TokenReader& in) {
  std::vector<std::string> strings;
  in.Expect(TokenKind::kLeftBrace);
  do {
    strings.push_back(ParseString(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightBrace);
  return strings;
}

// After ACCESS: TO [ALL] DATACENTERS {...}, FROM [ALL] CIDRS {...}.
void ParseAccess(TokenReader& in, RoleOptions& options) {
  const bool datacenters = in.Accept(Keyword::kTo);
  if (!datacenters) in.Expect(Keyword::kFrom);
  const bool all = in.Accept(Keyword::kAll);
  in.Expect(datacenters ? Keyword::kDatacenters : Keyword::kCidrs);
  (datacenters ? options.all_datacenters : options.all_cidrs) = all;
  if (!all) (datacenters ? options.datacenters : options.cidrs) = ParseStringSet(in);
}

// An option stands once.
template <typename Value>
void ExpectFirst(TokenReader& in, const std::optional<Value>& value, std::string_view name) {
  if (value.has_value()) in.FailWith(in.position(), "Multiple definition for property '" + std::string(name) + "'");
}

void ParseRoleOption(TokenReader& in, RoleOptions& options) {
  if (in.Accept(Keyword::kAccess)) return ParseAccess(in, options);
  if (in.Accept(Keyword::kPassword)) {
    ExpectFirst(in, options.password, "PASSWORD");
    in.Expect(TokenKind::kEqual);
    options.password = ParseString(in);
  } else if (in.Accept(Keyword::kHashed)) {
    in.Expect(Keyword::kPassword);
    ExpectFirst(in, options.hashed_password, "HASHED PASSWORD");
    in.Expect(TokenKind::kEqual);
    options.hashed_password = ParseString(in);
  } else if (in.Accept(Keyword::kOptions)) {
    ExpectFirst(in, options.options, "OPTIONS");
    in.Expect(TokenKind::kEqual);
    options.options = ParseConstantMap(in);
  } else if (in.Accept(Keyword::kSuperuser)) {
    ExpectFirst(in, options.superuser, "SUPERUSER");
    in.Expect(TokenKind::kEqual);
    options.superuser = ParseBoolean(in);
  } else if (in.Expect(Keyword::kLogin)) {
    ExpectFirst(in, options.login, "LOGIN");
    in.Expect(TokenKind::kEqual);
    options.login = ParseBoolean(in);
  }
}

// The older syntax of CREATE USER and ALTER USER: WITH [HASHED] PASSWORD 'p' [SUPERUSER | NOSUPERUSER].
RoleOptions ParseUserOptions(TokenReader& in) {
  RoleOptions options;
  if (in.Accept(Keyword::kWith)) {
    if (in.Accept(Keyword::kHashed)) {
      in.Expect(Keyword::kPassword);
      options.hashed_password = ParseString(in);
    } else {
      in.Expect(Keyword::kPassword);
      options.password = ParseString(in);
    }
  }
  if (in.Accept(Keyword::kSuperuser)) {
    options.superuser = true;
  } else if (in.Accept(Keyword::kNosuperuser)) {
    options.superuser = false;
  }
  return options;
}

RoleOptions ParseRoleOptions(TokenReader& in, bool user) {
  if (user) return ParseUserOptions(in);
  RoleOptions options;
  if (in.Accept(Keyword::kWith)) {
    do {
      ParseRoleOption(in, options);
    } while (in.Accept(Keyword::kAnd));
  }
  if (options.password.has_value() && options.hashed_password.has_value()) {
    in.FailWith(in.position(), "PASSWORD and HASHED PASSWORD exclude each other");
  }
  return options;
}

// ROLE or USER: whether it is USER.
bool TakeRoleOrUser(TokenReader& in) {
  const bool user = in.Accept(Keyword::kUser);
  if (!user) in.Expect(Keyword::kRole);
  return user;
}

// Users are unquoted names, their case kept, or strings; roles are names of every kind or strings.
Identifier ParseRoleOrUser(TokenReader& in, bool user) {
  if (!user || in.Is(TokenKind::kString) || in.Is(TokenKind::kDollarString)) return ParseRole(in);
  if (in.Is(TokenKind::kQuotedName)) {
    in.FailWith(in.position(), "double quotes are not for user names: use ROLE, or single quotes");
    return {};
  }
  Identifier name;
  name.position = in.position();
  name.quoted = true;
  if (in.At(TokenKind::kIdentifier)) {
    name.name = std::string(in.Raw(in.Take()));
  } else {
    in.Fail();
  }
  return name;
}

constexpr std::pair<Keyword, Permission> kPermissions[] = {
    {Keyword::kCreate, Permission::kCreate},     {Keyword::kAlter, Permission::kAlter},
    {Keyword::kDrop, Permission::kDrop},         {Keyword::kSelect, Permission::kSelect},
    {Keyword::kModify, Permission::kModify},     {Keyword::kAuthorize, Permission::kAuthorize},
    {Keyword::kDescribe, Permission::kDescribe}, {Keyword::kExecute, Permission::kExecute},
    {Keyword::kUnmask, Permission::kUnmask},     {Keyword::kSelectMasked, Permission::kSelectMasked}};

std::optional<Permission> AcceptPermission(TokenReader& in) {
  for (const auto& [keyword, permission] : kPermissions) {
    if (!in.Accept(keyword)) continue;
    in.Accept(Keyword::kPermission);
    return permission;
  }
  return std::nullopt;
}

// ALL [PERMISSIONS], or permissions; none means all.
std::vector<Permission> ParsePermissions(TokenReader& in) {
  std::vector<Permission> permissions;
  if (in.Accept(Keyword::kAll)) {
    in.Accept(Keyword::kPermissions);
    return permissions;
  }
  do {
    const auto permission = AcceptPermission(in);
    if (!permission.has_value()) {
      in.Fail();
      return permissions;
    }
    permissions.push_back(*permission);
  } while (in.Accept(TokenKind::kComma));
  return permissions;
}

// GRANT x TO: a role, rather than the permissions that GRANT x ON begins with. UNMASK and SELECT_MASKED can be both.
bool AtRoleName(TokenReader& in, Keyword preposition) {
  if (in.Is(TokenKind::kString) || in.Is(TokenKind::kQuotedName) || in.Is(TokenKind::kIdentifier)) return true;
  return CanBeName(in.current()) && in.Peek().keyword == preposition;
}

// After ALL: KEYSPACES, TABLES IN KEYSPACE, FUNCTIONS [IN KEYSPACE], ROLES, MBEANS.
void ParseAllResource(TokenReader& in, Resource& resource) {
  if (in.Accept(Keyword::kKeyspaces)) {
    resource.kind = Resource::Kind::kAllKeyspaces;
  } else if (in.Accept(Keyword::kTables)) {
    resource.kind = Resource::Kind::kAllTablesInKeyspace;
    in.Expect(Keyword::kIn);
    in.Expect(Keyword::kKeyspace);
    resource.name.name = ParseKeyspace(in);
  } else if (in.Accept(Keyword::kFunctions)) {
    resource.kind = Resource::Kind::kAllFunctions;
    if (!in.Accept(Keyword::kIn)) return;
    in.Expect(Keyword::kKeyspace);
    resource.kind = Resource::Kind::kAllFunctionsInKeyspace;
    resource.name.name = ParseKeyspace(in);
  } else if (in.Accept(Keyword::kRoles)) {
    resource.kind = Resource::Kind::kAllRoles;
  } else {
    in.Expect(Keyword::kMBeans);
    resource.kind = Resource::Kind::kAllMBeans;
  }
}

// Whether the word here introduces a resource of its kind, or is itself the name of a table.
bool IntroducesResource(TokenReader& in, Keyword keyword) {
  if (!in.At(keyword)) return false;
  const Token next = in.Peek();
  return next.kind != TokenKind::kDot && next.keyword != Keyword::kTo && next.keyword != Keyword::kFrom &&
         next.kind != TokenKind::kEnd && next.kind != TokenKind::kSemicolon;
}

void ParseMBean(TokenReader& in, Resource& resource) {
  resource.kind = in.Is(Keyword::kMBean) ? Resource::Kind::kMBean : Resource::Kind::kMBeans;
  in.Take();
  resource.name.name.position = in.position();
  resource.name.name.name = ParseString(in);
}

Resource ParseResource(TokenReader& in) {
  Resource resource;
  resource.position = in.position();
  if (IntroducesResource(in, Keyword::kAll)) {
    in.Take();
    ParseAllResource(in, resource);
  } else if (in.Accept(Keyword::kKeyspace)) {
    resource.kind = Resource::Kind::kKeyspace;
    resource.name.name = ParseKeyspace(in);
  } else if (IntroducesResource(in, Keyword::kRole)) {
    in.Take();
    resource.kind = Resource::Kind::kRole;
    resource.name.name = ParseRole(in);
  } else if (IntroducesResource(in, Keyword::kFunction)) {
    in.Take();
    resource.kind = Resource::Kind::kFunction;
    resource.name = ParseFunctionName(in);
    resource.arguments = ParseTypeList(in);
  } else if (IntroducesResource(in, Keyword::kMBean) || IntroducesResource(in, Keyword::kMBeans)) {
    ParseMBean(in, resource);
  } else {
    in.Accept(Keyword::kTable);
    resource.kind = Resource::Kind::kTable;
    resource.name = ParseTable(in);
  }
  return resource;
}

// Identities and the roles they belong to: unquoted names (as written) or strings.
std::string ParseIdentity(TokenReader& in) {
  if (in.Is(TokenKind::kIdentifier)) return std::string(in.Raw(in.Take()));
  return ParseString(in);
}

std::optional<Identifier> ParseOfRole(TokenReader& in) {
  if (!in.Accept(Keyword::kOf)) return std::nullopt;
  return ParseRole(in);
}

}  // namespace

CreateRoleStatement ParseCreateRole(TokenReader& in, SourcePosition position) {
  CreateRoleStatement create;
  create.position = position;
  create.user = TakeRoleOrUser(in);
  create.if_not_exists = ParseIfNotExists(in);
  create.role = ParseRoleOrUser(in, create.user);
  create.options = ParseRoleOptions(in, create.user);
  return create;
}

AlterRoleStatement ParseAlterRole(TokenReader& in, SourcePosition position) {
  AlterRoleStatement alter;
  alter.position = position;
  alter.user = TakeRoleOrUser(in);
  alter.if_exists = ParseIfExists(in);
  alter.role = ParseRoleOrUser(in, alter.user);
  alter.options = ParseRoleOptions(in, alter.user);
  return alter;
}

DropRoleStatement ParseDropRole(TokenReader& in, SourcePosition position) {
  DropRoleStatement drop;
  drop.position = position;
  drop.user = TakeRoleOrUser(in);
  drop.if_exists = ParseIfExists(in);
  drop.role = ParseRoleOrUser(in, drop.user);
  return drop;
}

DropIdentityStatement ParseDropIdentity(TokenReader& in, SourcePosition position) {
  DropIdentityStatement drop;
  drop.position = position;
  in.Expect(Keyword::kIdentity);
  drop.if_exists = ParseIfExists(in);
  drop.identity = ParseIdentity(in);
  return drop;
}

AddIdentityStatement ParseAddIdentity(TokenReader& in) {
  AddIdentityStatement add;
  add.position = in.position();
  in.Expect(Keyword::kAdd);
  in.Expect(Keyword::kIdentity);
  add.if_not_exists = ParseIfNotExists(in);
  add.identity = ParseIdentity(in);
  in.Expect(Keyword::kTo);
  in.Expect(Keyword::kRole);
  add.role = ParseIdentity(in);
  return add;
}

StatementNode ParseGrant(TokenReader& in) {
  const SourcePosition position = in.position();
  in.Expect(Keyword::kGrant);
  if (AtRoleName(in, Keyword::kTo)) {
    GrantRoleStatement grant;
    grant.position = position;
    grant.role = ParseRole(in);
    in.Expect(Keyword::kTo);
    grant.grantee = ParseRole(in);
    return grant;
  }
  GrantPermissionsStatement grant;
  grant.position = position;
  grant.permissions = ParsePermissions(in);
  in.Expect(Keyword::kOn);
  grant.resource = ParseResource(in);
  in.Expect(Keyword::kTo);
  grant.role = ParseRole(in);
  return grant;
}

StatementNode ParseRevoke(TokenReader& in) {
  const SourcePosition position = in.position();
  in.Expect(Keyword::kRevoke);
  if (AtRoleName(in, Keyword::kFrom)) {
    RevokeRoleStatement revoke;
    revoke.position = position;
    revoke.role = ParseRole(in);
    in.Expect(Keyword::kFrom);
    revoke.revokee = ParseRole(in);
    return revoke;
  }
  RevokePermissionsStatement revoke;
  revoke.position = position;
  revoke.permissions = ParsePermissions(in);
  in.Expect(Keyword::kOn);
  revoke.resource = ParseResource(in);
  in.Expect(Keyword::kFrom);
  revoke.role = ParseRole(in);
  return revoke;
}

StatementNode ParseListStatement(TokenReader& in) {
  const SourcePosition position = in.position();
  in.Expect(Keyword::kList);
  const bool users = in.Accept(Keyword::kUsers);
  if (users || in.Accept(Keyword::kRoles)) {
    ListRolesStatement list;
    list.position = position;
    list.users = users;
    if (!users) list.of_role = ParseOfRole(in);
    if (!users) list.recursive = !in.Accept(Keyword::kNorecursive);
    return list;
  }
  ListPermissionsStatement list;
  list.position = position;
  list.permissions = ParsePermissions(in);
  if (in.Accept(Keyword::kOn)) list.resource = ParseResource(in);
  list.of_role = ParseOfRole(in);
  list.recursive = !in.Accept(Keyword::kNorecursive);
  return list;
}

}  // namespace cassette::cql::parser
