"""gdb commands that show what the kernel is at: threads, regions, pages, objects, locks.

Reads the kernel's structures through their debug information; nothing of the machine is changed.
Lists and trees are the intrusive ones of kernel/lib. The direct map makes every structure readable
from whichever hart gdb stands on, as long as that hart runs with the kernel's page tables (always,
once it has left boot.S).
"""
import gdb


def offset_of(struct, member):
    return int(gdb.parse_and_eval("(unsigned long)&((struct %s *)0)->%s" % (struct, member)))


def container(address, struct, member):
    pointer = gdb.lookup_type("struct " + struct).pointer()
    return gdb.Value(int(address) - offset_of(struct, member)).cast(pointer)


def list_items(head, struct, member, most=100000):
    """The elements of a struct list whose address is head."""
    head = int(head)
    link = gdb.Value(head).cast(gdb.lookup_type("struct list").pointer())["next"]
    while int(link) != head and most > 0:
        yield container(link, struct, member)
        link = link["next"]
        most -= 1


def tree_items(node, struct, member):
    """The elements of a red-black tree in order, from the node pointer down."""
    stack = []
    while int(node) or stack:
        while int(node):
            stack.append(node)
            node = node["left"]
        node = stack.pop()
        yield container(node, struct, member)
        node = node["right"]


def static(name, file):
    """A static variable of one file."""
    symbol = gdb.lookup_static_symbol(name)
    return symbol.value() if symbol else gdb.parse_and_eval("'%s'::%s" % (file, name))


def all_threads():
    return list_items(static("threads", "thread.c").address, "thread", "all_link")


def enum_name(value, prefix, enum):
    name = str(value.cast(gdb.lookup_type("enum " + enum)))
    return name.replace(prefix, "").lower()


def where(thread):
    """The first return addresses on the stack of a thread that sleeps."""
    fp, top, names = int(thread["ctx"]["s"][0]), int(thread["kstack_top"]), []
    while top - 16384 < fp <= top and len(names) < 6:
        ra = int(gdb.parse_and_eval("*(unsigned long *)%d" % (fp - 8)))
        block = gdb.block_for_pc(ra)
        while block and not block.function:
            block = block.superblock
        names.append(str(block.function) if block else hex(ra))
        fp = int(gdb.parse_and_eval("*(unsigned long *)%d" % (fp - 16)))
    return " < ".join(names)


class Threads(gdb.Command):
    """threads: every thread, its state, hart, what it waits for, and where it sleeps."""

    def __init__(self):
        super().__init__("threads", gdb.COMMAND_USER)

    def invoke(self, arg, tty):
        for t in all_threads():
            pid = int(t["proc"]["pid"]) if int(t["proc"]) else 0
            state = enum_name(t["state"], "THREAD_", "thread_state")
            wait = t["wait_name"].string() if state == "waiting" and int(t["wait_name"]) else ""
            print("%5d %5d  %-16s %-8s hart %d  %-12s %s" % (
                pid, int(t["tid"]), t["name"].string(), state,
                int(t["hart"]["index"]) if int(t["hart"]) else -1, wait,
                where(t) if state == "waiting" else ""))


class Locks(gdb.Command):
    """locks: which locks each thread holds."""

    def __init__(self):
        super().__init__("locks", gdb.COMMAND_USER)

    def invoke(self, arg, tty):
        seen = set()
        threads = list(all_threads())
        for i in range(int(gdb.parse_and_eval("hart_count"))):
            threads.append(gdb.parse_and_eval("harts[%d].idle" % i))
        for t in threads:
            if int(t) in seen or not int(t):
                continue
            seen.add(int(t))
            held = t["held_locks"]
            for i in range(int(held["count"])):
                rank = held["rank"][i].cast(gdb.lookup_type("enum lock_rank"))
                print("tid %d %s: %s at %s" % (int(t["tid"]), t["name"].string(), rank,
                                               held["lock"][i]))
        if not any(int(t["held_locks"]["count"]) for t in threads):
            print("no thread holds a lock")


def aspaces(pid):
    """(pid, name, aspace) of each process, found by its threads."""
    seen = set()
    for t in all_threads():
        p = t["proc"]
        if int(p) and int(p) not in seen and int(p["as"]):
            seen.add(int(p))
            if pid is None or int(p["pid"]) == pid:
                yield int(p["pid"]), p["name"].string(), p["as"]


class Regions(gdb.Command):
    """regions [PID]: the regions of one process, or of all."""

    def __init__(self):
        super().__init__("regions", gdb.COMMAND_USER)

    def invoke(self, arg, tty):
        for pid, name, space in aspaces(int(arg, 0) if arg else None):
            print("%d %s: %d regions" % (pid, name, int(space["n_regions"])))
            for r in tree_items(space["regions"]["node"], "region", "node"):
                prot = int(r["prot"])
                rwx = "".join(c if prot & b else "-" for c, b in (("r", 1), ("w", 2), ("x", 4)))
                print("  %012x-%012x %s %-8s object %s offset 0x%x" % (
                    int(r["start"]), int(r["end"]), rwx,
                    enum_name(r["kind"], "REGION_", "region_kind"),
                    int(r["vmo"]["id"]) if int(r["vmo"]) else "-", int(r["offset"])))


class Objects(gdb.Command):
    """objects: every memory object with its counts."""

    def __init__(self):
        super().__init__("objects", gdb.COMMAND_USER)

    def invoke(self, arg, tty):
        for vmo in all_objects():
            print("%5d  users %d  size %d  resident %d  dirty %d  mappings %d%s" % (
                int(vmo["id"]), int(vmo["refs"]), int(vmo["size_bytes"]), int(vmo["n_resident"]),
                int(vmo["n_dirty"]), int(vmo["n_mappings"]),
                "  pager" if int(vmo["binding"]) else ""))


def all_objects():
    return list_items(static("all_objects", "vmo.c").address, "vmo", "all_link")


class Pages(gdb.Command):
    """pages [OBJECT]: frames in use by state; with the id of an object, its resident pages."""

    def __init__(self):
        super().__init__("pages", gdb.COMMAND_USER)

    def invoke(self, arg, tty):
        wanted = int(arg, 0) if arg else None
        counts = {}
        for page in frames():
            if int(page["refs"]["n"]) == 0:
                continue
            vmo = page["vmo"]
            state = (enum_name(page["state"], "PAGE_", "page_state") if int(vmo) else "no object")
            counts[state] = counts.get(state, 0) + 1
            if wanted is not None and int(vmo) and int(vmo["id"]) == wanted:
                print("  page %d  %s  refs %d" % (int(page["index"]), state,
                                                  int(page["refs"]["n"])))
        for state in sorted(counts):
            print("%8d  %s" % (counts[state], state))


def frames():
    """Every struct page; holes between banks of memory have no references."""
    array, span = gdb.parse_and_eval("page_array"), int(gdb.parse_and_eval("page_span"))
    for i in range(span):
        yield array[i]


for command in (Threads, Locks, Regions, Objects, Pages):
    command()
