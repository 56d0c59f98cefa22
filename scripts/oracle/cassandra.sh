#!/usr/bin/env bash
# One real Apache Cassandra 5.0 on 127.0.0.1:9042, from its published Maven artifacts: the oracle of the golden CQL files.
#
#   cassandra.sh start   fetch the jars when they are not there (about 100 MB, once), start, wait until it answers
#   cassandra.sh stop    stop it
#   cassandra.sh wipe    stop it and delete its data
#
# Environment: CASSANDRA_HOME (default ~/.cache/cassette-oracle), CASSANDRA_VERSION (5.0.8), HEAP (1g), AUTH (AllowAll;
# Password for logins and permissions, which the golden files tagged "auth" want).
set -euo pipefail

home=${CASSANDRA_HOME:-$HOME/.cache/cassette-oracle}
version=${CASSANDRA_VERSION:-5.0.8}
heap=${HEAP:-1g}
jars=$home/lib-$version
pid_file=$home/pid
authenticator=${AUTH:-AllowAll}Authenticator
authorizer=AllowAllAuthorizer
[ "${AUTH:-AllowAll}" = AllowAll ] || authorizer=CassandraAuthorizer
start_seconds_max=120

fail() { echo "cassandra.sh: $*" >&2; exit 1; }

find_java() {
  local candidate
  for candidate in "${JAVA_HOME:-/nonexistent}/bin/java" /usr/lib/jvm/*17*/bin/java java; do
    if command -v "$candidate" > /dev/null && "$candidate" -version 2>&1 | grep -q 'version "17'; then
      echo "$candidate"
      return
    fi
  done
  fail "needs JDK 17 (Debian: apt-get install openjdk-17-jdk-headless)"
}

fetch() {
  command -v mvn > /dev/null || fail "needs mvn to fetch Cassandra's jars (Debian: apt-get install maven)"
  mkdir -p "$home"
  cat > "$home/pom.xml" <<XML
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>cassette</groupId><artifactId>oracle</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>$version</version></dependency>
  </dependencies>
</project>
XML
  mvn -B -q -f "$home/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$jars" || fail "mvn could not fetch cassandra-all $version"
}

# What Cassandra needs of a JDK 17 that its own scripts would pass.
write_java_options() {
  local package
  {
    for package in java.base/jdk.internal.misc java.base/java.lang.ref java.management.rmi/com.sun.jmx.remote.internal.rmi \
      java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.sql/java.sql jdk.unsupported/sun.misc; do
      echo "--add-exports $package=ALL-UNNAMED"
    done
    for package in java.lang java.lang.module java.io java.util java.nio sun.nio.ch jdk.internal.loader \
      jdk.internal.ref jdk.internal.reflect jdk.internal.math jdk.internal.module jdk.internal.util.jar; do
      echo "--add-opens java.base/$package=ALL-UNNAMED"
    done
    echo "--add-opens jdk.management/com.sun.management.internal=ALL-UNNAMED"
    echo "-Djdk.attach.allowAttachSelf=true -Djava.net.preferIPv4Stack=true -Dchronicle.analytics.disable=true"
    echo "-Dio.netty.tryReflectionSetAccessible=true"
  } > "$home/java.options"
}

write_configuration() {
  mkdir -p "$home/conf/triggers" "$home/data/log"
  cat > "$home/conf/logback.xml" <<'XML'
<configuration>
  <appender name="file" class="ch.qos.logback.core.FileAppender">
    <file>${cassandra.logdir}/system.log</file>
    <encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="file"/></root>
</configuration>
XML
  cat > "$home/conf/cassandra.yaml" <<YAML
cluster_name: oracle
num_tokens: 1
auto_bootstrap: false
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
commitlog_sync: periodic
commitlog_sync_period: 10000ms
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
authenticator: $authenticator
authorizer: $authorizer
roles_validity: 0ms
permissions_validity: 0ms
credentials_validity: 0ms
auto_snapshot: false
storage_compatibility_mode: NONE
materialized_views_enabled: true
user_defined_functions_enabled: true
seed_provider: [{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: "127.0.0.1:7000"}]}]
YAML
}

answers() { (exec 3<> /dev/tcp/127.0.0.1/9042) 2> /dev/null; }

start() {
  answers && fail "something answers at 127.0.0.1:9042 already"
  local java
  java=$(find_java)
  [ -d "$jars" ] || fetch
  write_java_options
  write_configuration
  MALLOC_ARENA_MAX=4 setsid "$java" @"$home/java.options" -javaagent:"$(ls "$jars"/jamm-*.jar)" -XX:+UseG1GC "-Xms$heap" \
    "-Xmx$heap" -Dcassandra.config="file://$home/conf/cassandra.yaml" -Dcassandra.storagedir="$home/data" \
    -Dcassandra.logdir="$home/data/log" -Dlogback.configurationFile="$home/conf/logback.xml" -Dcassandra-foreground=yes \
    -Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=1000 -Dcassandra.superuser_setup_delay_ms=0 \
    -cp "$home/conf:$jars/*" org.apache.cassandra.service.CassandraDaemon > "$home/data/log/out" 2>&1 < /dev/null &
  echo $! > "$pid_file"
  for _ in $(seq $((start_seconds_max * 2))); do
    answers && { echo "Cassandra $version answers at 127.0.0.1:9042 (pid $(cat "$pid_file"))"; return; }
    kill -0 "$(cat "$pid_file")" 2> /dev/null || { tail -20 "$home/data/log/out" >&2; fail "Cassandra ended; see $home/data/log"; }
    sleep 0.5
  done
  fail "Cassandra did not answer within $start_seconds_max s; see $home/data/log"
}

stop() {
  [ -f "$pid_file" ] || return 0
  local pid
  pid=$(cat "$pid_file")
  if kill "$pid" 2> /dev/null; then
    tail --pid="$pid" -f /dev/null
  fi
  rm -f "$pid_file"
}

case "${1:-}" in
  start) start ;;
  stop) stop ;;
  wipe) stop; rm -rf "$home/data" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
