"""One started program: its lines with the times at which they came, and its end."""
import os
import signal
import subprocess
import threading
import time


class Failed(Exception):
    """Something the scenario waited for did not happen; the text says what."""


class Process:
    """A program of the cluster. What it prints on standard output is kept; standard error goes to <folder>/<name>.log."""

    def __init__(self, name, language, command, environment, folder):
        self.name, self.language = name, language
        self.lines = []
        self.log = folder / f"{name}.log"
        self.changed = threading.Condition()
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            with self.changed:
                self.lines.append((time.time(), line.decode(errors="replace").rstrip()))
                self.changed.notify_all()
        self.child.stdout.close()
        with self.changed:
            self.changed.notify_all()

    def find(self, prefix):
        """Time and text of the first line that starts with prefix; None while there is none."""
        with self.changed:
            return next(((when, line) for when, line in self.lines if line.startswith(prefix)), None)

    def wait(self, prefix, seconds):
        """Waits for a line that starts with prefix; gives its time and the rest of it."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.find(prefix)
            if found:
                return found[0], found[1][len(prefix):].strip()
            with self.changed:
                left = deadline - time.monotonic()
                if left <= 0 or not self.reader.is_alive():
                    how = f"within {seconds} s" if left <= 0 else "and has ended"
                    raise Failed(f"{self.name} did not say '{prefix}' {how}; {self.tail()}")
                self.changed.wait(min(left, 0.2))

    def wait_end(self, seconds):
        """Waits until the program ends by itself; gives its exit code."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {seconds} s; {self.tail()}") from None

    def freeze(self):
        """SIGSTOP: it does nothing any more, but its connections stay."""
        os.killpg(self.child.pid, signal.SIGSTOP)

    def kill(self):
        """SIGKILL, to the program and whatever it has started; gives the time of it."""
        when = time.time()
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        return when

    def stop(self, seconds=10):
        """SIGTERM, and SIGKILL for who does not follow; gives the exit code."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.child.returncode

    def tail(self):
        text = self.log.read_text(errors="replace").splitlines()[-5:]
        return f"its log {self.log} ends with:\n  " + "\n  ".join(text) if text else f"its log {self.log} is empty"
