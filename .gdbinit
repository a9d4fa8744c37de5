# .gdbinit - for `make gdb`: connect to the machine that `make qemu-gdb` holds.
#
# Then: threads, regions [PID], pages [OBJECT], objects, locks (tools/gdb/duality.py; `help threads`).
set confirm off
set pagination off
set architecture riscv:rv64
set print pretty on
python
import gdb
port = gdb.convenience_variable("port")
gdb.execute("target remote :%d" % (1234 if port is None else int(port)))
end
source tools/gdb/duality.py
