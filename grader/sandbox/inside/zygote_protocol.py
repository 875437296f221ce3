"""The packets between a judge and its zygote."""

import struct

TAKE = struct.Struct("<cQI")  # b"T", bytes of memory, CPU seconds
TAKEN = struct.Struct("<i")  # pid, or -errno; the stream's descriptor comes with it
# b"R" to wait for its own end first, b"K" to kill at once, b"D" to kill and hear nothing; pid
END = struct.Struct("<ci")
# wait status, CPU seconds, peak resident KiB, whether it ran or stood in line for a core till then
ENDED = struct.Struct("<idq?")
