"""The packets between a judge and its zygote."""

import struct

TAKE = struct.Struct("<cQI")  # b"T", bytes of memory, CPU seconds
TAKEN = struct.Struct("<i")  # pid, or -errno; the stream's descriptor comes with it
END = struct.Struct("<ci")  # b"R" to wait for its own end first, b"K" to kill at once; pid
ENDED = struct.Struct("<idq")  # wait status, CPU seconds, peak resident KiB
