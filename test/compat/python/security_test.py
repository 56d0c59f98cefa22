"""Logins, permissions and TLS with the stock Python driver: security_test.py PROGRAM."""

import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time

from cassandra import AuthenticationFailed, Unauthorized
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, ExecutionProfile, EXEC_PROFILE_DEFAULT, NoHostAvailable
from cassandra.policies import WhiteListRoundRobinPolicy

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from serving import Serving  # noqa: E402

PASSWORD = ("--memory", "--authenticator", "PasswordAuthenticator")


def connect(server, login=None, context=None):
    profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy(["127.0.0.1"]))
    provider = PlainTextAuthProvider(*login) if login else None
    cluster = Cluster(["127.0.0.1"], port=server.port, auth_provider=provider, ssl_context=context, connect_timeout=10,
                      execution_profiles={EXEC_PROFILE_DEFAULT: profile})
    return cluster, cluster.connect()


def is_refused(connecting, kind):
    try:
        cluster, _ = connecting()
    except NoHostAvailable as error:
        assert any(isinstance(failed, kind) for failed in error.errors.values()), error.errors
        return True
    cluster.shutdown()
    return False


def addresses(program):
    def serve(*arguments):
        return subprocess.run([program, "serve", "--memory", "--listen", *arguments], capture_output=True, text=True,
                              timeout=20)

    refused = serve("0.0.0.0:0")
    assert refused.returncode == 2 and "--allow-anonymous" in refused.stderr, refused
    for arguments in (("--allow-anonymous",), PASSWORD[1:]):
        with Serving(program, ("--memory", *arguments), listen="0.0.0.0:0") as server:
            assert server.port > 0


def passwords(program, directory):
    log = os.path.join(directory, "serve.log")
    with Serving(program, (*PASSWORD, "--log-file", log)) as server:
        assert is_refused(lambda: connect(server), AuthenticationFailed)
        begin = time.time()
        assert is_refused(lambda: connect(server, ("cassandra", "a-wrong-guess")), AuthenticationFailed)
        assert time.time() - begin >= 0.5
        cluster, session = connect(server, ("cassandra", "cassandra"))
        for cql in ("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
                    "CREATE TABLE ks.t (k int PRIMARY KEY, v int)", "INSERT INTO ks.t (k, v) VALUES (1, 2)",
                    "CREATE ROLE reader WITH PASSWORD = 'a-new-secret' AND LOGIN = true",
                    "GRANT SELECT ON ks.t TO reader", "CREATE ROLE nobody WITH PASSWORD = 'x'"):
            session.execute(cql)
        traced = session.execute("ALTER ROLE reader WITH PASSWORD = 'a-newer-secret'", trace=True).get_query_trace()
        assert "a-newer-secret" not in str(traced) + str(traced.parameters) + str(traced.events), traced
        assert is_refused(lambda: connect(server, ("reader", "a-new-secret")), AuthenticationFailed)
        assert is_refused(lambda: connect(server, ("nobody", "x")), AuthenticationFailed)
        permissions(server, session)
        cluster.shutdown()
    with open(log) as file:
        said = file.read()
    assert "first password" in said and "a login as 'cassandra'" in said, said
    assert not any(word in said for word in ("a-wrong-guess", "a-new-secret", "a-newer-secret")), said


def permissions(server, superuser):
    cluster, session = connect(server, ("reader", "a-newer-secret"))
    assert session.execute("SELECT v FROM ks.t").one() == (2,)
    prepared = session.prepare("SELECT v FROM ks.t WHERE k = ?")
    assert session.execute(prepared, (1,)).one() == (2,)
    insert = session.prepare("INSERT INTO ks.t (k, v) VALUES (?, ?)")
    for denied in ("INSERT INTO ks.t (k, v) VALUES (2, 2)", insert.bind((2, 2)), "TRUNCATE ks.t", "DROP TABLE ks.t",
                   "CREATE ROLE other", "SELECT * FROM system_auth.roles", "BEGIN BATCH DELETE FROM ks.t WHERE k = 1; "
                   "APPLY BATCH"):
        try:
            session.execute(denied)
        except Unauthorized:
            continue
        raise AssertionError(f"{denied}: was allowed")
    assert superuser.execute("SELECT username FROM system_views.clients").all()
    superuser.execute("REVOKE SELECT ON ks.t FROM reader")
    try:
        session.execute(prepared, (1,))
    except Unauthorized:
        pass
    else:
        raise AssertionError("a revoked permission still holds")
    cluster.shutdown()


def make_certificate(directory, name, authority=None):
    """NAME.pem and NAME.key; signed by the authority, or by itself."""
    path = os.path.join(directory, name)
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + ".key", "-out",
               path + ".pem"]
    if authority:
        command += ["-CA", authority + ".pem", "-CAkey", authority + ".key", "-addext", "basicConstraints=CA:FALSE"]
    subprocess.run(command, check=True, capture_output=True)
    return path


def client_context(authority, own=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(authority + ".pem")
    if own:
        context.load_cert_chain(own + ".pem", own + ".key")
    return context


def encryption(program, directory):
    authority = make_certificate(directory, "authority")
    own = make_certificate(directory, "server", authority)
    client = make_certificate(directory, "client", authority)
    stranger = make_certificate(directory, "stranger")
    files = ("--memory", "--client-encryption-certificate", own + ".pem", "--client-encryption-key", own + ".key")

    with Serving(program, files) as server:
        assert is_refused(lambda: connect(server), Exception)  # Plain bytes.
        assert is_refused(lambda: connect(server, context=client_context(stranger)), Exception)
        cluster, session = connect(server, context=client_context(authority))
        rows = session.execute("SELECT ssl_enabled, ssl_protocol FROM system_views.clients").all()
        assert all(row.ssl_enabled and row.ssl_protocol.startswith("TLSv1") for row in rows), rows
        large = "x" * 500_000  # Many records of TLS.
        assert session.execute("SELECT key FROM system.local WHERE cluster_name = %s ALLOW FILTERING", (large,)).one() is None
        reload_certificates(server, directory, authority)
        assert session.execute("SELECT key FROM system.local").one() == ("local",)  # Goes on as it was.
        cluster.shutdown()

    with Serving(program, (*files, "--client-encryption-authorities", authority + ".pem")) as server:
        assert is_refused(lambda: connect(server, context=client_context(authority)), Exception)
        assert is_refused(lambda: connect(server, context=client_context(authority, stranger)), Exception)
        cluster, session = connect(server, context=client_context(authority, client))
        assert session.execute("SELECT key FROM system.local").one() == ("local",)
        cluster.shutdown()


def serial_number(server):
    return ssl.get_server_certificate((server.host, server.port))


def reload_certificates(server, directory, authority):
    before = serial_number(server)
    with open(os.path.join(directory, "server.pem"), "w") as file:
        file.write("no certificate")
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert serial_number(server) == before  # A failure changes nothing.
    make_certificate(directory, "server", authority)
    server.process.send_signal(signal.SIGHUP)
    for _ in range(50):
        if serial_number(server) != before:
            return
        time.sleep(0.1)
    raise AssertionError("the certificate is still the old one")


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as directory:
        addresses(program)
        passwords(program, directory)
        encryption(program, directory)
    print("security: ok")


if __name__ == "__main__":
    main()
