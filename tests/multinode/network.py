"""Network namespaces with one cable each to a switch, and what can be wrong with the cables.

Needs root, ip and nft: Network.missing() tells what is not there.
"""
import os
import shutil
import subprocess


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


class Network:
    """So many hosts; number n has the address hosts[n] on a network that nobody else sees."""

    made = 0

    @staticmethod
    def missing():
        if os.geteuid() == 0 and shutil.which("ip") and shutil.which("nft"):
            return None
        return "needs root, ip (iproute2) and nft (nftables)"

    def __init__(self, count):
        Network.made += 1
        prefix = f"motet-{os.getpid()}-{Network.made}"
        self.switch = f"{prefix}-switch"
        self.names = [f"{prefix}-{number}" for number in range(count)]
        self.hosts = [f"10.213.{77 + number // 250}.{number % 250 + 1}" for number in range(count)]

    def __enter__(self):
        run("ip", "netns", "add", self.switch)
        # The bridge does without a look around first: no spanning tree, and no forward delay.
        run("ip", "-n", self.switch, "link", "add", "switch", "type", "bridge", "stp_state", "0", "forward_delay", "0")
        run("ip", "-n", self.switch, "link", "set", "switch", "up")
        for number, (name, host) in enumerate(zip(self.names, self.hosts)):
            run("ip", "netns", "add", name)
            run("ip", "-n", self.switch, "link", "add", f"port{number}", "type", "veth", "peer", "name", "motet0", "netns", name)
            run("ip", "-n", self.switch, "link", "set", f"port{number}", "master", "switch", "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "address", "add", host + "/16", "dev", "motet0")
            run("ip", "-n", name, "link", "set", "motet0", "address", self.link_address(number), "up")
        # Who has which address is said and not asked: the kernel keeps about a thousand answers for all namespaces together.
        known = "".join(f"neighbor add {host} lladdr {self.link_address(number)} dev motet0 nud permanent\n"
                        for number, host in enumerate(self.hosts))
        for name in self.names:
            run("ip", "-n", name, "-batch", "-", text=known)
        return self

    @staticmethod
    def link_address(number):
        return f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"

    def __exit__(self, *_):
        for name in (*self.names, self.switch):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def within(self, number, *command):
        """The command that runs it on this host."""
        return ["ip", "netns", "exec", self.names[number], *command]

    def drop(self, share, *numbers, sent_by=None):
        """Has these hosts lose this share, in percent, of what arrives there: of everything, or of what the hosts in
        sent_by have sent."""
        of = "" if sent_by is None else "ip saddr { " + ", ".join(self.hosts[number] for number in sent_by) + " } "
        which = f"numgen random mod 100 < {share} " if share < 100 else ""
        for number in numbers:
            run(*self.within(number, "nft", "-f", "-"), text=f"""
table inet motet {{
    chain arriving {{
        type filter hook input priority 0
        iifname "motet0" {of}{which}drop
    }}
}}
""")

    def split(self, here, there):
        """Nothing gets from one side to the other."""
        self.drop(100, *here, sent_by=there)
        self.drop(100, *there, sent_by=here)

    def heal(self):
        for number in range(len(self.names)):
            run(*self.within(number, "nft", "flush", "ruleset"))

    def bytes(self, number):
        """All that its cable has carried so far, in both directions, headers included."""
        counters = run(*self.within(number, "cat", "/proc/net/dev")).split("motet0:")[1].split()
        return int(counters[0]) + int(counters[8])
