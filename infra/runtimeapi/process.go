package runtimeapi

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

var errEnded = errors.New("the process has ended")

// process is a bootstrap that runs, and its Runtime API.
type process struct {
	command *exec.Cmd
	api     *api
	ended   chan struct{} // closed when it has
	began   time.Time
	ready   time.Duration // from exec to its first question for an event
	idle    bool          // it has asked for an event and not got one
	frozen  bool
}

// start runs the bootstrap of f, which writes to out. Its working directory is the task's, as in Lambda.
func start(f Function, out *log) (*process, error) {
	api, err := newAPI()
	if err != nil {
		return nil, err
	}
	p := &process{command: exec.Command(f.Bootstrap, f.Arguments...), api: api, ended: make(chan struct{})}
	p.command.Dir = filepath.Dir(f.Bootstrap)
	p.command.Env = f.environment(api.addr)
	p.command.Stdout, p.command.Stderr = out.file, out.file
	p.began = time.Now()
	if err := p.command.Start(); err != nil {
		api.close()
		return nil, fmt.Errorf("starting the bootstrap of %s: %w", f.Name, err)
	}
	go func() {
		_ = p.command.Wait() // the state says how it ended
		close(p.ended)
	}()
	return p, nil
}

// wait returns when the process asks for an event.
func (p *process) wait(done <-chan struct{}) error {
	if p.idle {
		return nil
	}
	select {
	case at := <-p.api.asked:
		if p.ready == 0 {
			p.ready = at.Sub(p.began)
		}
		p.idle = true
		return nil
	case <-p.ended:
		return errEnded
	case <-done:
		return errNotReady
	}
}

var errNotReady = errors.New("it asks for no event")

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// state is how the process ended.
func (p *process) state() string {
	<-p.ended
	return p.command.ProcessState.String()
}

func (p *process) signal(signal syscall.Signal) error {
	if err := p.command.Process.Signal(signal); err != nil {
		return fmt.Errorf("sending %v: %w", signal, err)
	}
	return nil
}

// kill ends the process at once, and its Runtime API.
func (p *process) kill() {
	_ = p.command.Process.Kill() // unless it has ended
	<-p.ended
	p.api.close()
}
