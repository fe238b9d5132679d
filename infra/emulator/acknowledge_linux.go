package emulator

import (
	"net"
	"syscall"
)

// acknowledgeNow has the kernel acknowledge what comes next at once. It has to be told each time.
func acknowledgeNow(connection *net.TCPConn) {
	if raw, err := connection.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) })
	}
}
