# What bench/run and bench/peers/run share: programs that are started, awaited and ended, and the
# folder of a result. Sourced by them, in the root of the tree, with these set: directory (of stores
# and logs), port (of the broker), and later bin (of the programs) and results (by begin_results).

config=config/parley.toml
broker_url=http://127.0.0.1:$port
bare_port=$((port + 1))
bare_url=http://127.0.0.1:$bare_port
carrier=127.0.0.1:$((port + 2))
pids=()

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { echo "$0: $*" >&2; exit 1; }

# Ends what was started here, and nothing else; by force what takes more than 20 s.
finish() {
    local pid end=$((SECONDS + 20))
    for pid in "${pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in "${pids[@]}"; do
        while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$end" ]; do
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    pids=()
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command and writes it down, so that it can be run again as it was.
keep() {
    printf '%q ' "$@" >>"$results/commands.txt"
    echo >>"$results/commands.txt"
    "$@"
}

# The same with the output in a file.
keep_to() {
    local file=$1
    shift
    printf '%q ' "$@" >>"$results/commands.txt"
    echo "> $file" >>"$results/commands.txt"
    "$@" >"$file"
}

# A program in the background; its process id is in $started.
begin() {
    local log=$1
    shift
    printf '%q ' "$@" >>"$results/commands.txt"
    echo '&' >>"$results/commands.txt"
    "$@" >"$log" 2>&1 &
    started=$!
    pids+=("$started")
}

await_url() {
    local end=$((SECONDS + 60))
    until curl -sf -o /dev/null "$1"; do
        kill -0 "$started" 2>/dev/null || fail "a program has ended; see $directory"
        [ "$SECONDS" -lt "$end" ] || fail "$1 does not answer; see $directory/*.log"
        sleep 0.1
    done
}

await_port() {
    local end=$((SECONDS + 60))
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        kill -0 "$started" 2>/dev/null || fail "a program has ended; see $directory"
        [ "$SECONDS" -lt "$end" ] || fail "nothing listens on port $1"
        sleep 0.1
    done
}

# start_broker <name> <provision options…>: with an empty store; its process id is in $broker.
start_broker() {
    local name=$1
    shift
    rm -rf "${directory:?}/$name"
    keep_to "$directory/$name.toml" "$bin/parley-bench" provision --public-url "$broker_url" \
        --carrier-url "http://$carrier" "$@"
    begin "$directory/$name.log" env PARLEY_SECURITY_ALLOW_PRIVATE_DESTINATIONS=true \
        "$bin/parley" serve --config "$config" --data "$directory/$name" \
        --listen "127.0.0.1:$port" --provision "$directory/$name.toml"
    await_url "$broker_url/readyz"
    # `env` replaces itself with the broker, so this is the broker's own id.
    broker=$started
}

stop_broker() {
    kill -TERM "$broker"
    wait "$broker" || fail "the broker did not end in order"
    local rest=() pid
    for pid in "${pids[@]}"; do
        [ "$pid" = "$broker" ] || rest+=("$pid")
    done
    pids=("${rest[@]}")
}

# What the figures depend on, for whoever reads them later. The commit is the newest one that
# changes more than results and texts, so that results can be kept as they come.
describe() {
    local tree=(. ':(exclude)bench/results' ':(exclude)docs' ':(exclude)*.md')
    {
        echo "commit: $(git log -1 --format=%H -- "${tree[@]}" 2>/dev/null || echo none)"
        echo "changed files: $(git status --porcelain | grep -vc '^?? bench/results' || true)"
        echo "date: $(date -u +%Y-%m-%dT%H:%M:%SZ)"
        echo "cpu: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores"
        echo "memory: $(awk '/^MemTotal:/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)"
        echo "kernel: $(uname -r)"
        echo "store on: $(df --output=fstype "$directory" | tail -1), flushed before 200"
        echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg)"
    } >"$results/environment.txt"
}

begin_results() {
    results=bench/results/$(date -u +%Y-%m-%d-%H%M)-$1
    mkdir -p "$results"
    : >"$results/commands.txt"
    describe
}

# Programs that are already built, or Release, built now.
find_programs() {
    if [ -n "${BENCH_BIN_DIR:-}" ]; then
        bin=$BENCH_BIN_DIR
        return
    fi
    scripts/setup
    say "Building Release"
    scripts/build release parley parley-bench parley-bare-server
    bin=build/release/bin
}

# need_ports <port…>: fails when one is taken.
need_ports() {
    local each
    for each in "$@"; do
        if (exec 3<>"/dev/tcp/127.0.0.1/$each") 2>/dev/null; then
            fail "port $each is taken; choose others with BENCH_PORT"
        fi
    done
}
