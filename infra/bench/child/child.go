// Package child runs the programs that are measured as processes of their own, and reads from /proc what they took.
package child

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a program that runs.
type Process struct {
	command *exec.Cmd
	stderr  bytes.Buffer
}

// Start runs a program with these variables added to the environment. End it with Stop.
func Start(path string, env []string, args ...string) (*Process, error) {
	process := &Process{command: exec.Command(path, args...)}
	process.command.Env = append(os.Environ(), env...)
	process.command.Stderr = &process.stderr
	if err := process.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return process, nil
}

// Stop asks the program to end, and waits until it has.
func (p *Process) Stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	_ = p.command.Wait() // however it ends, it has ended
	return nil
}

// clockTick is the unit of the times in /proc/<pid>/stat: USER_HZ, 100 a second on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// CPU is the CPU time that the process has taken, in user and in kernel mode.
func (p *Process) CPU() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name in parentheses may hold anything
	fields := strings.Fields(rest)
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	kernel, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+kernel) * clockTick, err
}

// PeakMemory is the most memory that the process of that id has held at once, in bytes.
func PeakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _, found := strings.Cut(rest, "kB")
	if !found {
		return 0, errors.New("the process has ended")
	}
	n, err := strconv.ParseInt(strings.TrimSpace(kilobytes), 10, 64)
	return n << 10, err
}

// startTimeout bounds how long a server may take until it listens.
const startTimeout = 10 * time.Second

// Listening waits until somebody listens at address.
func (p *Process) Listening(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen: %s", p.command.Path, p.stderr.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// FreeAddress is an address of this machine where nobody listens now.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Build compiles a package of this module into path, with these variables added to the environment.
func Build(ctx context.Context, pkg, path string, env []string, flags ...string) error {
	args := append([]string{"build", "-o", path}, append(flags, pkg)...)
	command := exec.CommandContext(ctx, "go", args...)
	command.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return nil
}
