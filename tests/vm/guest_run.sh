# shellcheck shell=bash disable=SC2154
# Read by guest.sh: the tools under `boottap run`, beside tcpdump. Each leaves NAME.run.pcapng and
# .status in /run/results.
boottap=$build/sniffer/boottap

# followed NAME COMMAND...: fails as boottap does.
followed() {
    local name=$1 status
    shift
    "$boottap" run -w "$name.run.pcapng" -- "$@"
    status=$?
    echo $status >"$name.run.status"
    return $status
}

# send_and_listen LOG FRAME...: two programs, one of which sends and one receives.
send_and_listen() {
    local listener status
    candump vcan0 >/dev/null &
    listener=$!
    sleep 1
    send "$@"
    status=$?
    kill $listener
    return $status
}
