#!/usr/bin/env python3
"""How fast a streamed reply reaches the eye: greenroom beside curl, on the same server, in the same run.

  cargo build --release && python3 benches/streaming.py            (Linux or macOS; needs Python 3.9 and curl)

It starts a server of its own on loopback that streams `w00000 w00001 ...`, one event a write, and measures
  full speed   20,000 tokens without a pause: wall and processor time of the whole process, from its start to its
               end, in a pipe and in a pseudo-terminal. Budget: 1.5 times curl's wall time, 3 times its processor time.
  latency      one token every 5 ms, in a pseudo-terminal with colour, Markdown rendered: from the server's write to
               the moment when the token can be read from the terminal. Budget: 1 ms (median), 5 ms (95 %).
Runs of curl and greenroom alternate; the medians are compared. Exits with 1 if a budget is missed.
"""
import argparse, json, os, pty, select, socket, statistics, struct, subprocess, sys, tempfile, threading, time
import fcntl, termios

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WALL, CPU, MEDIAN_MS, P95_MS = 1.5, 3.0, 1.0, 5.0


def event(text, finish=None, usage=None):
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m",
             "service_tier": "default", "system_fingerprint": "fp_1",
             "choices": [{"index": 0, "delta": {"content": text} if text else {}, "logprobs": None, "finish_reason": finish}]}
    if usage:
        chunk["usage"] = {"prompt_tokens": 4000, "completion_tokens": usage, "total_tokens": 4000 + usage}
    data = b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


def serve(listener, log):
    """Each POST /TOKENS/PAUSE_MS/... gets that many tokens; the times of the writes go to `log`."""
    made = {}
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=talk, args=(connection, log, made), daemon=True).start()


def talk(connection, log, made):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    file = connection.makefile("rb")
    try:
        while request := file.readline():
            method, path, _ = request.decode().split()
            length = 0
            while (line := file.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            file.read(length)
            if method == "GET":
                body = b'{"object":"list","data":[{"id":"m","object":"model"}]}'
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                continue
            tokens, pause = int(path.split("/")[1]), float(path.split("/")[2]) / 1000
            if tokens not in made:
                made[tokens] = [event("w%05d%s" % (i, "\n" if i % 12 == 11 else " ")) for i in range(tokens)]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            times = []
            for piece in made[tokens]:
                if pause:
                    time.sleep(pause)
                times.append(time.monotonic_ns())
                connection.sendall(piece)
            done = b"data: [DONE]\n\n"
            connection.sendall(event("", "stop", tokens) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(done), done))
            with open(log, "w") as out:
                json.dump(times, out)
    except OSError:
        pass


def start_server(folder):
    listener = socket.create_server(("127.0.0.1", 0))
    log = os.path.join(folder, "times.json")
    pid = os.fork()
    if pid == 0:
        try:
            serve(listener, log)
        finally:
            os._exit(0)
    return pid, listener.getsockname()[1], log


def wait(process, started):
    """Wall and processor seconds."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    return time.monotonic() - started, used.ru_utime + used.ru_stime


def curl(url, tokens):
    call = ["curl", "-sN", url + "/chat/completions", "-H", "Content-Type: application/json", "-d", '{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}']
    started = time.monotonic()
    process = subprocess.Popen(call, stdout=subprocess.PIPE)
    text = process.stdout.read()
    assert b"w%05d" % (tokens - 1) in text, "curl did not get it all"
    return wait(process, started)


def environment(folder, url):
    # One home for all runs: the database is made once, as it is on anybody's machine.
    return {"GREENROOM_HOME": folder, "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url,
            "PATH": os.environ["PATH"], "TERM": "xterm-256color"}


def in_pipe(binary, folder, url, tokens):
    started = time.monotonic()
    process = subprocess.Popen([binary, "interview", "url-shortener", "--model", "m"], env=environment(folder, url),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdin.write(b"I would begin with the requirements.\n\n/save\n")
    process.stdin.close()
    text = process.stdout.read()
    assert b"w%05d" % (tokens - 1) in text, "greenroom did not show it all in a pipe"
    return wait(process, started)


def in_terminal(binary, folder, url, tokens):
    """Wall and processor seconds, and when each token could be read."""
    main, sub = pty.openpty()
    fcntl.ioctl(sub, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    started = time.monotonic()
    process = subprocess.Popen([binary, "interview", "url-shortener", "--model", "m"], env=environment(folder, url),
                               stdin=sub, stdout=sub, stderr=sub, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(sub)
    text, stage, next_token, seen, begun = b"", 0, 0, [], 0
    while True:
        ready, _, _ = select.select([main], [], [], 30)
        assert ready, "nothing comes any more"
        try:
            piece = os.read(main, 1 << 16)
        except OSError:
            break
        now = time.monotonic_ns()
        text += piece
        while next_token < tokens and (at := text.find(b"w%05d" % next_token, begun)) >= 0:
            seen.append(now)
            begun, next_token = at + 6, next_token + 1
        if stage == 0 and b"[Requirements" in text:
            os.write(main, b"I would begin with the requirements.\r")
            stage, begun = 1, len(text)
        elif stage == 1 and next_token == tokens and b"[Requirements" in text[begun:]:
            os.write(main, b"/save\r")
            stage = 2
    os.close(main)
    assert next_token == tokens, "greenroom did not show it all on a terminal"
    return (*wait(process, started), seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, "target/release/greenroom"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=20000)
    arguments = parser.parse_args()
    missed = []

    def held(name, value, budget, unit):
        print(f"  {name:34} {value:7.2f} {unit} of at most {budget:g}")
        if value > budget:
            missed.append(name)

    with tempfile.TemporaryDirectory() as folder:
        server, port, log = start_server(folder)
        try:
            n, base = arguments.tokens, f"http://127.0.0.1:{port}"
            curl(f"{base}/{n}/0/v1", n)
            in_pipe(arguments.binary, folder, f"{base}/{n}/0/v1", n)
            runs = {"curl": [], "pipe": [], "terminal": []}
            for _ in range(arguments.runs):
                runs["curl"].append(curl(f"{base}/{n}/0/v1", n))
                runs["pipe"].append(in_pipe(arguments.binary, folder, f"{base}/{n}/0/v1", n))
                runs["terminal"].append(in_terminal(arguments.binary, folder, f"{base}/{n}/0/v1", n)[:2])
            median = {name: [statistics.median(column) for column in zip(*times)] for name, times in runs.items()}
            print(f"{n} tokens at full speed, whole process, median of {arguments.runs}:")
            for name, (wall, cpu) in median.items():
                print(f"  {name:10} wall {wall * 1000:6.0f} ms   processor {cpu * 1000:6.0f} ms")
            for name in ("pipe", "terminal"):
                held(f"{name}: wall time", median[name][0] / median["curl"][0], WALL, "times curl's")
                held(f"{name}: processor time", median[name][1] / median["curl"][1], CPU, "times curl's")
            seen = in_terminal(arguments.binary, folder, f"{base}/600/5/v1", 600)[2]
            with open(log) as file:
                written = json.load(file)
            late = sorted((shown - sent) / 1e6 for sent, shown in zip(written, seen))
            print("one token every 5 ms, on a terminal:")
            held("latency, median", statistics.median(late), MEDIAN_MS, "ms")
            held("latency, 95 %", late[int(len(late) * 0.95)], P95_MS, "ms")
        finally:
            os.kill(server, 9)
            os.waitpid(server, 0)
    print("missed: " + ", ".join(missed) if missed else "all held")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
